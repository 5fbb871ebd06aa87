import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PriorityQueue } from './priority-queue.ts';

test('the least comes first, and equals as java.util.PriorityQueue has them', () => {
  const queue = new PriorityQueue<string>((text) => text.length);
  for (const text of ['ccc', 'aa', 'bb', 'a', 'dd', 'b']) queue.add(text);
  assert.equal(queue.size, 6);
  const order = Array.from({ length: 7 }, () => queue.poll());
  assert.deepEqual(order, ['a', 'b', 'dd', 'aa', 'bb', 'ccc', undefined]);
});
