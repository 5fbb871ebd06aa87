/**
 * The same seed is the same run, always.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run, scenarioNamed } from '../src/index.ts';

test('the same seed is the same run, another seed another one', async () => {
  const steady = scenarioNamed('steady');
  const first = await run(steady, 5);
  assert.deepEqual(await run(steady, 5), first);
  assert.notEqual((await run(steady, 6)).traceHash, first.traceHash);
  assert.ok(first.acknowledged > 100, 'something was written');
});

for (const [what, name] of [
  ['transactions', 'bank'],
  ['transactions of version 0', 'bank-version-0'],
  ['share groups', 'share'],
] as const)
  test(`so it is with ${what}`, async () => {
    const scenario = scenarioNamed(name);
    assert.deepEqual(await run(scenario, 5), await run(scenario, 5));
  });
