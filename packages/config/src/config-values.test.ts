import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigValues, longToNumber } from './config-values.ts';

test('a LONG is a number within the safe integers', () => {
  assert.deepEqual([5n, -1n, 2n ** 63n - 1n, -(2n ** 63n)].map(longToNumber), [
    5,
    -1,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ]);
});

test('values are read by name, raw or as numbers', () => {
  const values = new ConfigValues<{ a: number; b: string | null }>(
    new Map<string, bigint | null>([
      ['a', 2n ** 63n - 1n],
      ['b', null],
    ]),
  );
  assert.equal(values.get('a'), Number.MAX_SAFE_INTEGER);
  assert.equal(values.raw('a'), 2n ** 63n - 1n);
  assert.equal(values.get('b'), null);
  assert.throws(() => values.raw('c'), /no configuration c/);
});
