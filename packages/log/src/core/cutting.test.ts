import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ErrorCode } from '@skarab/protocol';
import { appendValues, batchOf, LogFixture, namesIn, readValues, START_MS } from '../testing/log-fixture.ts';
import type { LogConfig } from './log-config.ts';
import type { PartitionLog } from './partition-log.ts';

/** A log of ten one-record batches, two to a segment. */
function tenRecords(config: Partial<LogConfig> = {}): { fixture: LogFixture; log: PartitionLog } {
  const fixture = new LogFixture({ config: { segmentBytes: 200, indexIntervalBytes: 1, ...config } });
  const log = fixture.open();
  for (let i = 0; i < 10; i++) {
    const epoch = i < 5 ? 0 : 1;
    log.appendAsLeader(batchOf([`v${i}`], { timestamp: START_MS + i * 1000 }), { leaderEpoch: epoch });
    fixture.endTurn();
  }
  assert.deepEqual(log.segmentBaseOffsets, [0, 2, 4, 6, 8]);
  return { fixture, log };
}

describe('truncating', () => {
  test('cuts segments, epochs and the high watermark, and the log goes on', async () => {
    const { fixture, log } = tenRecords();
    log.updateHighWatermark(10);
    assert.equal(log.truncateTo(10), false);
    assert.equal(log.truncateTo(5), true);
    assert.deepEqual([log.logEndOffset, log.highWatermark], [5, 5]);
    assert.deepEqual(log.segmentBaseOffsets, [0, 2, 4]);
    assert.deepEqual(log.epochEntries, [{ epoch: 0, startOffset: 0 }]);
    log.appendAsLeader(batchOf(['new']), { leaderEpoch: 2 });
    fixture.endTurn();
    assert.deepEqual(readValues(log, { startOffset: 4 }), ['4:v4', '5:new']);
    assert.deepEqual(log.epochEntries, [
      { epoch: 0, startOffset: 0 },
      { epoch: 2, startOffset: 5 },
    ]);
    assert.equal(namesIn(fixture.storage, log.directory).filter((name) => name.endsWith('.log.deleted')).length, 2);
    fixture.clock.advance(60_000);
    await fixture.settle();
    assert.deepEqual(
      namesIn(fixture.storage, log.directory).filter((name) => name.endsWith('.deleted')),
      [],
    );
    assert.deepEqual(readValues(log, { startOffset: 5 }), ['5:new']);
  });

  test('forgets producers and transactions that are gone', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    const producer = { producerId: 5, producerEpoch: 0 };
    appendValues(fixture, log, ['a'], { ...producer, baseSequence: 0 });
    appendValues(fixture, log, ['b'], { ...producer, baseSequence: 1 });
    appendValues(fixture, log, ['c'], { producerId: 6, producerEpoch: 0, baseSequence: 0, isTransactional: true });
    log.truncateTo(1);
    assert.deepEqual(
      log.activeProducers().map((p) => [p.producerId, p.lastSequence]),
      [[5, 0]],
    );
    assert.equal(log.firstUnstableOffset, null);
    assert.equal(appendValues(fixture, log, ['b'], { ...producer, baseSequence: 1 }).firstOffset, 1);
  });

  test('knows the last five batches of what is left', () => {
    const fixture = new LogFixture({ config: { segmentBytes: 200 } });
    const log = fixture.open();
    const send = (baseSequence: number) =>
      appendValues(fixture, log, ['v'], { producerId: 5, producerEpoch: 0, baseSequence });
    for (let i = 0; i < 10; i++) send(i);
    log.truncateTo(8);
    assert.deepEqual(
      [3, 4, 5, 6, 7].map((i) => [send(i).isDuplicate, log.logEndOffset]),
      Array.from({ length: 5 }, () => [true, 8]),
    );
  });

  test('below the start begins anew', () => {
    const { fixture, log } = tenRecords();
    log.updateHighWatermark(10);
    log.maybeIncrementLogStartOffset(5);
    log.deleteOldSegments();
    assert.deepEqual(log.segmentBaseOffsets, [4, 6, 8]);
    assert.equal(log.truncateTo(3), true);
    assert.deepEqual([log.logStartOffset, log.logEndOffset, log.highWatermark, log.segmentBaseOffsets], [3, 3, 3, [3]]);
    assert.deepEqual(log.epochEntries, []);
    assert.equal(appendValues(fixture, log, ['x']).firstOffset, 3);
  });

  test('all of it starts elsewhere', () => {
    const { fixture, log } = tenRecords();
    log.truncateFullyAndStartAt(100);
    assert.deepEqual([log.logStartOffset, log.logEndOffset, log.size], [100, 100, 0]);
    assert.equal(appendValues(fixture, log, ['x']).firstOffset, 100);
    log.truncateFullyAndStartAt(50, 20);
    assert.deepEqual([log.logStartOffset, log.logEndOffset, log.highWatermark], [20, 50, 50]);
    log.truncateFullyAndStartAt(50);
    assert.equal(appendValues(fixture, log, ['y']).firstOffset, 50);
    assert.deepEqual(readValues(log), ['50:y']);
  });

  test('takes what is staged with it', () => {
    const { fixture, log } = tenRecords();
    log.appendAsLeader(batchOf(['staged']), { leaderEpoch: 1 });
    assert.equal(log.truncateTo(9), true);
    fixture.endTurn();
    assert.equal(log.logEndOffset, 9);
  });
});

describe('the start of the log', () => {
  test('moves up to the high watermark, and segments before it go', () => {
    const { log } = tenRecords({ delete: false });
    log.updateHighWatermark(7);
    assert.equal(log.maybeIncrementLogStartOffset(8), ErrorCode.OFFSET_OUT_OF_RANGE);
    assert.equal(log.maybeIncrementLogStartOffset(5), ErrorCode.NONE);
    assert.equal(log.maybeIncrementLogStartOffset(3), ErrorCode.NONE);
    assert.equal(log.logStartOffset, 5);
    assert.deepEqual(log.epochEntries, [{ epoch: 1, startOffset: 5 }]);
    assert.equal(log.deleteOldSegments(), 2);
    assert.deepEqual(log.segmentBaseOffsets, [4, 6, 8]);
    assert.equal(log.deleteOldSegments(), 0);
  });
});

describe('retention', () => {
  test('by size keeps at least what is wanted', () => {
    const { log } = tenRecords({ retentionMs: -1 });
    log.updateHighWatermark(10);
    const size = log.size / 5;
    log.updateConfig({ ...log.config, retentionBytes: 2 * size + 1 });
    assert.equal(log.deleteOldSegments(), 2);
    assert.deepEqual([log.segmentBaseOffsets, log.logStartOffset], [[4, 6, 8], 4]);
  });

  test('by time goes by the largest timestamp of a segment', () => {
    const { fixture, log } = tenRecords({ retentionMs: 20_000 });
    log.updateHighWatermark(10);
    fixture.clock.advance(23_000);
    // Segment 0 ends with second 1, segment 2 with second 3.
    assert.equal(log.deleteOldSegments(), 1);
    fixture.clock.advance(1);
    assert.equal(log.deleteOldSegments(), 1);
    assert.deepEqual(log.segmentBaseOffsets, [4, 6, 8]);
  });

  test('of everything rolls first, and never passes the high watermark', () => {
    const { fixture, log } = tenRecords({ retentionMs: 1000 });
    fixture.clock.advance(1_000_000);
    log.updateHighWatermark(5);
    assert.equal(log.deleteOldSegments(), 2);
    log.updateHighWatermark(10);
    assert.equal(log.deleteOldSegments(), 3);
    assert.deepEqual([log.segmentBaseOffsets, log.logStartOffset, log.size], [[10], 10, 0]);
    assert.equal(log.deleteOldSegments(), 0);
    assert.equal(appendValues(fixture, log, ['x'], { timestamp: START_MS + 1_000_000 }).firstOffset, 10);
  });

  test('is not applied without cleanup.policy delete', () => {
    const { fixture, log } = tenRecords({ retentionMs: 1, delete: false });
    log.updateHighWatermark(10);
    fixture.clock.advance(1_000_000);
    assert.equal(log.deleteOldSegments(), 0);
  });

  test('goes by the age of the file where there are no timestamps', () => {
    const fixture = new LogFixture({ config: { retentionMs: 1000 } });
    const log = fixture.open();
    appendValues(fixture, log, ['x'], { timestamp: -1 });
    log.updateHighWatermark(1);
    fixture.clock.advance(1000);
    assert.equal(log.deleteOldSegments(), 0);
    fixture.clock.advance(1);
    assert.equal(log.deleteOldSegments(), 1);
  });
});
