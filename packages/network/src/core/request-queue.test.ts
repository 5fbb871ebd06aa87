import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestQueue } from './request-queue.ts';

test('requests run one at a time unless they overlap', () => {
  const queue = new RequestQueue<string, string>(10);
  queue.enqueue('produce 1', true);
  queue.enqueue('produce 2', true);
  queue.enqueue('fetch', false);
  queue.enqueue('produce 3', true);
  const first = queue.startNext();
  const second = queue.startNext();
  assert.deepEqual([first?.frame, second?.frame, queue.startNext()], ['produce 1', 'produce 2', undefined]);
  queue.complete(second!, 'two');
  assert.equal(queue.takeFinished(), undefined);
  queue.complete(first!, 'one');
  assert.deepEqual([queue.takeFinished()?.response, queue.takeFinished()?.response], ['one', 'two']);
  const third = queue.startNext();
  assert.deepEqual([third?.frame, queue.startNext(), queue.running, queue.waiting], ['fetch', undefined, 1, 1]);
  queue.complete(third!, null);
  assert.equal(queue.takeFinished()?.response, null);
  assert.equal(queue.startNext()?.frame, 'produce 3');
});

test('no more than the limit run at once', () => {
  const queue = new RequestQueue<number, string>(2);
  for (let i = 0; i < 3; i++) queue.enqueue(i, true);
  assert.deepEqual([queue.startNext()?.frame, queue.startNext()?.frame, queue.startNext()], [0, 1, undefined]);
});
