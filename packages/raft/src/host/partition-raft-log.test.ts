import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, systemClock } from '@skarab/base';
import { LogHost, MemoryStorage } from '@skarab/log';
import { FaultyStorage } from '@skarab/log/testing';
import { buildBatch, iterateBatches } from '@skarab/records';
import type { RaftLog } from '../ports.ts';
import { openRaftLog, raftLogDirectory } from './partition-raft-log.ts';

const open = (storage: MemoryStorage, segmentBytes = 1 << 20): Promise<RaftLog> =>
  openRaftLog(new LogHost({ storage, clock: systemClock }), '/data', { segmentBytes });

function append(log: RaftLog, epoch: number, ...texts: string[]): void {
  const records = texts.map((text) => ({ timestamp: 5, key: null, value: Buffer.from(text) }));
  log.append(buildBatch({ baseOffset: log.endOffset, partitionLeaderEpoch: epoch, records }), epoch);
}

const flushed = (log: RaftLog): Promise<number> =>
  new Promise((resolve, reject) =>
    log.flush((error, endOffset) => (error === null ? resolve(endOffset) : reject(error))),
  );

const offsetsOf = (bytes: Uint8Array): string[] =>
  [...iterateBatches(bytes)].map((batch) => `${batch.baseOffset}-${batch.lastOffset}@${batch.partitionLeaderEpoch}`);

test('keeps batches as they are, in the files of a partition', async () => {
  const storage = new MemoryStorage();
  const log = await open(storage);
  log.beginEpoch(3, 0);
  append(log, 3, 'a', 'b');
  append(log, 3, 'c');
  assert.equal(log.endOffset, 3, 'staged batches count');
  assert.equal(await flushed(log), 3);
  assert.deepEqual(offsetsOf(log.read(0, 1000)), ['0-1@3', '2-2@3']);
  assert.deepEqual(offsetsOf(log.read(1, 1)), ['0-1@3'], 'at least one batch, from the one with the offset on');
  assert.equal(log.read(3, 1000).length, 0);
  await log.close();
  assert.deepEqual(
    storage
      .list(raftLogDirectory('/data'))
      .map(({ name }) => name)
      .filter((name) => !name.endsWith('.snapshot')),
    [
      '00000000000000000000.index',
      '00000000000000000000.log',
      '00000000000000000000.timeindex',
      'leader-epoch-checkpoint',
      'partition.metadata',
    ],
  );
  const again = await open(storage);
  assert.deepEqual([again.startOffset, again.endOffset, again.lastEpoch], [0, 3, 3]);
});

test('after a loss of power everything flushed is there', async () => {
  const storage = new FaultyStorage(seededRandom(3));
  const log = await open(storage);
  log.beginEpoch(1, 0);
  append(log, 1, 'kept');
  await flushed(log);
  append(log, 1, 'perhaps');
  storage.crash();
  const again = await open(storage);
  assert.equal(again.startOffset, 0);
  assert.ok(again.endOffset >= 1);
  assert.equal(offsetsOf(again.read(0, 1000))[0], '0-0@1');
});

test('deletes whole segments before a snapshot, and starts anew behind one', async () => {
  const storage = new MemoryStorage();
  const log = await open(storage, 200);
  log.beginEpoch(1, 0);
  for (let i = 0; i < 10; i++) append(log, 1, 'x'.repeat(100));
  await flushed(log);
  log.updateHighWatermark(10);
  log.deleteBefore(7);
  assert.equal(log.startOffset, 7);
  assert.deepEqual(offsetsOf(log.read(7, 1)), ['7-7@1']);
  log.truncateFullyAndStartAt(20);
  assert.deepEqual([log.startOffset, log.endOffset], [20, 20]);
  append(log, 2, 'y');
  await flushed(log);
  assert.deepEqual(offsetsOf(log.read(20, 1000)), ['20-20@2']);
});
