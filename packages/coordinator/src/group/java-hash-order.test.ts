import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  intHashCode,
  intSetOrder,
  JavaHashMap,
  stringSetOrder,
  TimelineTableOrder,
  uuidHashCode,
} from './java-hash-order.ts';
import { javaHashCode } from './java-string.ts';

test('numbers lie by their lowest bits, in a table that is larger than their count', () => {
  assert.deepEqual(intSetOrder([3, 1, 2]), [1, 2, 3]);
  assert.deepEqual(intSetOrder([17, 1, 16, 0]), [16, 0, 17, 1]);
  const many = Array.from({ length: 30 }, (_none, index) => 29 - index);
  assert.deepEqual(intSetOrder(many), many.toReversed());
});

test('names are distinct and lie by their hash', () => {
  assert.deepEqual(stringSetOrder(['t2', 't1', 't2', 'x1']), ['x1', 't1', 't2']);
});

test('a uuid is hashed as four words', () => {
  assert.equal(uuidHashCode('AAAAAAAAQACAAAAAAAAAAQ'), 0x4000 ^ (0x80000000 | 0) ^ 1);
});

test('a new key is put behind the others of its bucket, a computed one before them', () => {
  const map = new JavaHashMap<number, string>(intHashCode);
  map.put(1, 'a');
  map.put(17, 'b');
  map.compute(33, 'c');
  map.compute(49, 'd');
  map.put(33, 'e');
  assert.deepEqual(map.keys(), [49, 33, 1, 17]);
  map.delete(33);
  map.put(33, 'f');
  assert.deepEqual([map.keys(), map.size, map.get(33)], [[49, 1, 17, 33], 4, 'f']);
});

test("the keys of Kafka's own table come bucket by bucket, the newest first", () => {
  const order = new TimelineTableOrder();
  const keys = ['uniform', 'range'];
  for (const [size] of keys.entries()) order.onPut(size);
  assert.deepEqual(order.sort(keys), ['uniform', 'range']);
  assert.equal(javaHashCode('uniform'), -286926412);
});
