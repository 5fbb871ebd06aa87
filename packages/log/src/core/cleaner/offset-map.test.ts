import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { AssertionError, seededRandom } from '@skarab/base';
import { OffsetMap } from './offset-map.ts';

const key = (n: number): Uint8Array => Buffer.from(`key ${n}`);

test('an offset map answers the last offset of each key, through growth up to its bound', () => {
  const random = seededRandom(7);
  const map = new OffsetMap({ maxBytes: 24 * 40_000, loadFactor: 0.9, seed: 3 });
  assert.equal(map.capacity, 36_000);
  const expected = new Map<number, number>();
  for (let offset = 0; !map.isFull; offset++) {
    const n = random.int(50_000);
    map.put(key(n), offset);
    expected.set(n, offset);
    assert.equal(map.latestOffset, offset);
  }
  assert.equal(map.size, 36_000);
  assert.equal(map.utilization, 0.9);
  for (let n = 0; n < 50_000; n++) assert.equal(map.get(key(n)), expected.get(n) ?? -1);
  assert.throws(() => map.put(key(1), 1), AssertionError);
});

test('offsets beyond 32 bits, and the offset 0, are kept', () => {
  const map = new OffsetMap({ maxBytes: 2400, loadFactor: 0.9, seed: 3 });
  const offsets = [0, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER - 1];
  offsets.forEach((offset, n) => {
    map.put(key(n), offset);
  });
  assert.deepEqual(
    offsets.map((_, n) => map.get(key(n))),
    offsets,
  );
});

test('the smallest map works to the last slot', () => {
  const map = new OffsetMap({ maxBytes: 48, loadFactor: 1, seed: 3 });
  map.put(key(0), 5);
  map.put(key(1), 6);
  assert.equal(map.isFull, true);
  assert.deepEqual([map.get(key(0)), map.get(key(1)), map.get(key(2))], [5, 6, -1]);
  assert.throws(() => new OffsetMap({ maxBytes: 47, loadFactor: 1, seed: 3 }), AssertionError);
});

test('a load factor above 1 is one of 1', () => {
  const map = new OffsetMap({ maxBytes: 240, loadFactor: 5, seed: 3 });
  for (let n = 0; !map.isFull; n++) map.put(key(n), n);
  assert.deepEqual([map.size, map.get(key(9)), map.get(key(10))], [10, 9, -1]);
});
