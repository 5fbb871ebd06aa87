import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finishInTurns, finishNow, type Turns } from './turns.ts';

function* counting(seen: number[]): Turns<string> {
  for (let i = 1; i <= 3; i++) {
    seen.push(i);
    if (i < 3) yield;
  }
  return 'counted';
}

test('work is done at once', () => {
  const seen: number[] = [];
  assert.equal(finishNow(counting(seen)), 'counted');
  assert.deepEqual(seen, [1, 2, 3]);
});

test('work gives way after each turn, and begins at once', async () => {
  const seen: number[] = [];
  const waiting: (() => void)[] = [];
  const finished = finishInTurns(counting(seen), { soon: (callback) => void waiting.push(callback) });
  assert.deepEqual(seen, [1]);
  waiting.shift()!();
  await Promise.resolve();
  assert.deepEqual(seen, [1, 2]);
  waiting.shift()!();
  assert.equal(await finished, 'counted');
  assert.deepEqual(seen, [1, 2, 3]);
  assert.deepEqual(waiting, []);
});
