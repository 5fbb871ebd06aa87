import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@skarab/base/testing';
import { buildBatch } from '@skarab/records';
import { MemoryRaftLog } from '../testing/memory-raft-log.ts';
import { FlushBatcher } from './flush-batcher.ts';

function setUp() {
  const clock = new ManualClock(0);
  const log = new MemoryRaftLog();
  log.flushesByItself = false;
  const durable: number[] = [];
  const flusher = new FlushBatcher(log, clock, (_, endOffset) => durable.push(endOffset));
  const append = (count: number): void => {
    const records = Array.from({ length: count }, () => ({ timestamp: 0, key: null, value: Buffer.from('x') }));
    log.append(buildBatch({ baseOffset: log.endOffset, partitionLeaderEpoch: 1, records }), 1);
  };
  return { clock, log, durable, flusher, append };
}

test('what came after a cut is not durable by a flush that began before it', () => {
  const { clock, log, durable, flusher, append } = setUp();
  append(4);
  append(6);
  flusher.schedule();
  clock.runSoon();
  log.truncateTo(4);
  flusher.cutAt(4);
  append(6);
  flusher.schedule();
  clock.runSoon();
  log.completeFlush();
  assert.deepEqual(durable, [4]);
  log.completeFlush();
  assert.deepEqual(durable, [4, 10]);
});

test('lingering appends wait together, unless somebody is in more of a hurry', () => {
  const { clock, log, durable, flusher, append } = setUp();
  append(1);
  flusher.schedule(25);
  clock.advance(24);
  append(1);
  flusher.schedule(25);
  assert.equal(log.pendingFlushes, 0);
  clock.advance(1);
  assert.equal(log.pendingFlushes, 1);
  log.completeFlush();
  assert.deepEqual(durable, [2]);
  append(1);
  flusher.schedule(25);
  flusher.schedule();
  clock.runSoon();
  assert.equal(log.pendingFlushes, 1);
  log.completeFlush();
  assert.deepEqual(durable, [2, 3]);
});
