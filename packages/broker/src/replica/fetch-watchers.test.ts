import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchWatchers } from './fetch-watchers.ts';

function watcher() {
  const seen: (number | string)[] = [];
  return { seen, onReadable: (bytes: number) => seen.push(bytes), onDisturbed: () => seen.push('disturbed') };
}

test('followers hear of what is written, consumers of what is replicated', () => {
  const watchers = new FetchWatchers();
  const [follower, consumer] = [watcher(), watcher()];
  watchers.add(follower, true);
  watchers.add(consumer, false);
  watchers.onWrittenAndReplicated(5);
  watchers.onWritten(10, 100);
  watchers.onWritten(20, 200);
  assert.equal(watchers.hasUnreplicated, true);
  watchers.onReplicated(12);
  watchers.onReplicated(15);
  watchers.onReplicated(20);
  assert.equal(watchers.hasUnreplicated, false);
  watchers.recheck();
  watchers.disturb();
  assert.deepEqual(follower.seen, [5, 100, 200, 0, 'disturbed']);
  assert.deepEqual(consumer.seen, [5, 100, 1, 200, 0, 'disturbed']);
});

test('writes that nobody replicates are counted together beyond a limit', () => {
  const watchers = new FetchWatchers();
  const consumer = watcher();
  watchers.add(consumer, false);
  for (let i = 1; i <= 5000; i++) watchers.onWritten(i, 2);
  watchers.onReplicated(1023);
  watchers.onReplicated(5000);
  assert.deepEqual(consumer.seen, [2046, 7954]);
});
