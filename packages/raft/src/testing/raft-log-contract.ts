/**
 * What every `RaftLog` has to do, as tests.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildBatch, iterateBatches } from '@skarab/records';
import type { RaftLog } from '../ports.ts';

function batch(baseOffset: number, epoch: number, count = 1): Uint8Array {
  const records = Array.from({ length: count }, () => ({ timestamp: 5, key: null, value: Buffer.from('x') }));
  return buildBatch({ baseOffset, partitionLeaderEpoch: epoch, records });
}

const flushed = (log: RaftLog): Promise<number> =>
  new Promise((resolve, reject) =>
    log.flush((error, endOffset) => (error === null ? resolve(endOffset) : reject(error))),
  );

const offsetsOf = (bytes: Uint8Array): string[] =>
  [...iterateBatches(bytes)].map(({ baseOffset, lastOffset, partitionLeaderEpoch: epoch }) =>
    baseOffset === lastOffset ? `${baseOffset}@${epoch}` : `${baseOffset}-${lastOffset}@${epoch}`,
  );

/** Runs the tests on logs that `open` makes, each new and empty. */
export function raftLogContract(name: string, open: () => Promise<RaftLog>): void {
  /** Offsets 0 to 5: two of epoch 1, three of epoch 3, one of epoch 4. */
  const fetched = async (): Promise<RaftLog> => {
    const log = await open();
    log.appendFetched(Buffer.concat([batch(0, 1, 2), batch(2, 3, 3), batch(5, 4)]), 4);
    return log;
  };

  test(`${name}: a new log is empty`, async () => {
    const log = await open();
    assert.deepEqual([log.startOffset, log.endOffset, log.lastEpoch, log.endOffsetForEpoch(0)], [0, 0, 0, null]);
    assert.equal(log.read(0, 100).length, 0);
  });

  test(`${name}: a leader's batches can be read before they are durable`, async () => {
    const log = await open();
    log.beginEpoch(2, 0);
    log.append(batch(0, 2, 2), 2);
    log.append(batch(2, 2), 2);
    assert.deepEqual([log.endOffset, log.lastEpoch], [3, 2]);
    assert.deepEqual(offsetsOf(log.read(0, 10_000)), ['0-1@2', '2@2']);
    assert.deepEqual(offsetsOf(log.read(2, 10_000)), ['2@2']);
    assert.equal(await flushed(log), 3);
  });

  test(`${name}: what was fetched keeps its epochs`, async () => {
    const log = await fetched();
    assert.deepEqual([log.endOffset, log.lastEpoch], [6, 4]);
    assert.deepEqual(offsetsOf(log.read(0, 10_000)), ['0-1@1', '2-4@3', '5@4']);
    assert.deepEqual(offsetsOf(log.read(3, 1)), ['2-4@3']);
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((epoch) => log.endOffsetForEpoch(epoch)),
      [
        { epoch: 0, offset: 0 },
        { epoch: 1, offset: 2 },
        { epoch: 1, offset: 2 },
        { epoch: 3, offset: 5 },
        { epoch: 4, offset: 6 },
        null,
      ],
    );
  });

  test(`${name}: the end is cut with its epochs, and another goes on there`, async () => {
    const log = await fetched();
    await flushed(log);
    log.truncateTo(2);
    assert.deepEqual([log.endOffset, log.lastEpoch, log.endOffsetForEpoch(3)], [2, 1, null]);
    log.appendFetched(batch(2, 5), 5);
    assert.deepEqual(offsetsOf(log.read(0, 10_000)), ['0-1@1', '2@5']);
    assert.deepEqual(log.endOffsetForEpoch(4), { epoch: 1, offset: 2 });
    assert.equal(await flushed(log), 3);
  });

  test(`${name}: an epoch without a record is cut at the end of the log`, async () => {
    const log = await fetched();
    log.beginEpoch(7, 6);
    assert.equal(log.lastEpoch, 7);
    assert.deepEqual(log.endOffsetForEpoch(5), { epoch: 4, offset: 6 });
    log.truncateTo(6);
    assert.deepEqual([log.endOffset, log.lastEpoch], [6, 4]);
  });

  test(`${name}: the log may begin behind a snapshot`, async () => {
    const log = await fetched();
    await flushed(log);
    log.updateHighWatermark(6);
    log.deleteBefore(5);
    assert.equal(log.startOffset, 5);
    assert.deepEqual(log.endOffsetForEpoch(4), { epoch: 4, offset: 6 });
    assert.deepEqual(offsetsOf(log.read(5, 10_000)), ['5@4']);
    log.truncateFullyAndStartAt(20);
    assert.deepEqual([log.startOffset, log.endOffset, log.lastEpoch], [20, 20, 0]);
    log.appendFetched(batch(20, 9), 9);
    assert.deepEqual(offsetsOf(log.read(20, 10_000)), ['20@9']);
    assert.equal(await flushed(log), 21);
  });
}
