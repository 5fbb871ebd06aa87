import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { AssertionError } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { buildBatch, buildEndTransactionMarkerBatch, RecordBatch } from '@skarab/records';
import { appendValues, LogFixture, readValues, START_MS } from '../testing/log-fixture.ts';
import type { PartitionLog } from './partition-log.ts';
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, MAX_TIMESTAMP } from './timestamp-search.ts';

describe('reading', () => {
  function filled(config = {}): { fixture: LogFixture; log: PartitionLog } {
    const fixture = new LogFixture({ config });
    const log = fixture.open();
    for (const values of [['a', 'b', 'c'], ['d', 'e'], ['f']]) appendValues(fixture, log, values);
    return { fixture, log };
  }

  test('begins with the batch that holds the offset and ends at the bound', () => {
    const { log } = filled();
    assert.deepEqual(readValues(log, { startOffset: 4 }), ['3:d', '4:e', '5:f']);
    assert.deepEqual(readValues(log, { startOffset: 6 }), []);
    assert.deepEqual(readValues(log, { upperBound: 'highWatermark' }), []);
    log.updateHighWatermark(5);
    assert.deepEqual(readValues(log, { upperBound: 'highWatermark' }), ['0:a', '1:b', '2:c', '3:d', '4:e']);
    assert.deepEqual(readValues(log, { startOffset: 5, upperBound: 'highWatermark' }), []);
  });

  test('says where it begins and what the bounds are', () => {
    const { log } = filled();
    log.updateHighWatermark(3);
    const { records, ...result } = log.read({
      startOffset: 4,
      maxBytes: 10,
      minOneMessage: false,
      upperBound: 'logEnd',
    });
    const position = new RecordBatch(records as Uint8Array).sizeInBytes;
    assert.deepEqual(result, {
      errorCode: ErrorCode.NONE,
      fetchOffset: { offset: 3, segmentBaseOffset: 0, position: result.fetchOffset.position },
      firstEntryIncomplete: true,
      abortedTransactions: null,
      logStartOffset: 0,
      logEndOffset: 6,
      highWatermark: 3,
      lastStableOffset: 3,
    });
    assert.ok(position > 10);
    assert.equal((records as Uint8Array).length, 10);
    const beyond = log.read({ startOffset: 4, maxBytes: 10, minOneMessage: true, upperBound: 'highWatermark' });
    assert.deepEqual([beyond.records.byteLength, beyond.fetchOffset.position], [0, result.fetchOffset.position]);
    assert.deepEqual(log.offsetMetadata(3), result.fetchOffset);
  });

  test('gives one message although it is too large, if wanted', () => {
    const { log } = filled();
    assert.deepEqual(readValues(log, { maxBytes: 1 }), ['0:a', '1:b', '2:c']);
    assert.deepEqual(readValues(log, { maxBytes: 0 }), ['0:a', '1:b', '2:c']);
    assert.deepEqual(readValues(log, { maxBytes: 1, minOneMessage: false }), []);
    assert.deepEqual(readValues(log, { maxBytes: 0, minOneMessage: false }), []);
  });

  test('goes to the next segment when there is nothing left in one', () => {
    const { log } = filled({ segmentBytes: 180 });
    assert.deepEqual(log.segmentBaseOffsets, [0, 3]);
    assert.deepEqual(readValues(log), ['0:a', '1:b', '2:c']);
    assert.deepEqual(readValues(log, { startOffset: 3 }), ['3:d', '4:e', '5:f']);
  });

  test('outside of the log is refused', () => {
    const { log } = filled();
    const codeAt = (startOffset: number): ErrorCode =>
      log.read({ startOffset, maxBytes: 100, minOneMessage: true, upperBound: 'logEnd' }).errorCode;
    log.updateHighWatermark(6);
    log.maybeIncrementLogStartOffset(2);
    assert.deepEqual([-1, 1, 2, 6, 7].map(codeAt), [1, 1, 0, 0, 1]);
  });

  test('from the tail cache gives the same as from the file', () => {
    const cached = new LogFixture({ tailCacheBytes: 20_000 });
    const plain = new LogFixture();
    const logs = [cached, plain].map((fixture) => {
      const log = fixture.open();
      for (let i = 0; i < 60; i++) appendValues(fixture, log, [`${i}`.repeat(i % 7 === 0 ? 5000 : 50), `${i}`]);
      log.updateHighWatermark(100);
      return log;
    });
    for (let startOffset = 0; startOffset <= 120; startOffset++) {
      for (const upperBound of ['logEnd', 'highWatermark'] as const) {
        const [a, b] = logs.map((log) => log.read({ startOffset, maxBytes: 3000, minOneMessage: true, upperBound }));
        assert.deepEqual(Buffer.from(a!.records as Uint8Array), Buffer.from(b!.records as Uint8Array));
        assert.deepEqual(a!.fetchOffset, b!.fetchOffset);
      }
    }
    assert.ok(cached.host.tailCache.bytes > 0 && cached.host.tailCache.bytes <= 20_000);
  });
});

describe('transactions', () => {
  const producer = { producerId: 5, producerEpoch: 0, isTransactional: true };

  function end(fixture: LogFixture, log: PartitionLog, type: 0 | 1, producerId = 5): void {
    const marker = buildEndTransactionMarkerBatch({
      type,
      coordinatorEpoch: 0,
      producerId,
      producerEpoch: 0,
      timestamp: START_MS,
    });
    assert.equal(log.appendAsLeader(marker, { leaderEpoch: 0, origin: 'coordinator' }).errorCode, ErrorCode.NONE);
    fixture.endTurn();
  }

  test('readers of committed data stop before open ones and are told of aborted ones', () => {
    const fixture = new LogFixture({ config: { segmentBytes: 300 } });
    const log = fixture.open();
    appendValues(fixture, log, ['a']);
    appendValues(fixture, log, ['x', 'y'], { ...producer, baseSequence: 0 });
    appendValues(fixture, log, ['b']);
    log.updateHighWatermark(4);
    assert.deepEqual([log.lastStableOffset, log.firstUnstableOffset], [1, 1]);
    assert.deepEqual(readValues(log, { upperBound: 'lastStable' }), ['0:a']);
    end(fixture, log, 0);
    assert.equal(log.lastStableOffset, 1);
    log.updateHighWatermark(5);
    assert.deepEqual([log.lastStableOffset, log.firstUnstableOffset], [5, null]);
    const read = log.read({ startOffset: 0, maxBytes: 10_000, minOneMessage: true, upperBound: 'lastStable' });
    const aborted = { producerId: 5, firstOffset: 1, lastOffset: 4, lastStableOffset: 5 };
    assert.deepEqual(read.abortedTransactions, [aborted]);
    const later = log.read({ startOffset: 5, maxBytes: 10_000, minOneMessage: true, upperBound: 'lastStable' });
    assert.deepEqual(later.abortedTransactions, []);
    appendValues(fixture, log, ['z'], { ...producer, baseSequence: 2 });
    end(fixture, log, 1);
    log.updateHighWatermark(7);
    assert.equal(log.lastStableOffset, 7);
  });

  test('survive a reload: open ones stay open, aborted ones stay known', async () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    appendValues(fixture, log, ['x'], { ...producer, baseSequence: 0 });
    end(fixture, log, 0);
    appendValues(fixture, log, ['y'], { ...producer, baseSequence: 1 });
    for (const isClean of [false, true]) {
      if (isClean) log.complete();
      const reopened = fixture.open({ isClean });
      reopened.updateHighWatermark(3);
      assert.equal(reopened.lastStableOffset, 2);
      assert.equal(reopened.hasOngoingTransaction(5, 0), true);
      const read = reopened.read({ startOffset: 0, maxBytes: 10_000, minOneMessage: true, upperBound: 'lastStable' });
      assert.deepEqual(read.abortedTransactions, [
        { producerId: 5, firstOffset: 0, lastOffset: 1, lastStableOffset: 2 },
      ]);
    }
  });
});

describe('the high watermark', () => {
  test('stays in the log', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    appendValues(fixture, log, ['a', 'b', 'c']);
    assert.equal(log.highWatermark, 0);
    assert.equal(log.updateHighWatermark(99), 3);
    assert.equal(log.updateHighWatermark(1), 1);
    assert.deepEqual([log.maybeIncrementHighWatermark(1), log.maybeIncrementHighWatermark(2)], [false, true]);
    assert.throws(() => log.maybeIncrementHighWatermark(4), AssertionError);
    log.maybeIncrementLogStartOffset(2);
    assert.equal(log.updateHighWatermark(0), 2);
  });
});

describe('finding offsets by time', () => {
  test('the first record not earlier, and the special ones', () => {
    const fixture = new LogFixture({ config: { segmentBytes: 250, indexIntervalBytes: 1 } });
    const log = fixture.open();
    const at = [10, 20, 20, 15, 40, 30].map((ms) => START_MS + ms);
    at.forEach((timestamp, i) => {
      appendValues(fixture, log, [`v${i}`], { timestamp });
    });
    const find = (timestamp: number): number | null => log.offsetForTimestamp(timestamp)?.offset ?? null;
    assert.deepEqual(
      [5, 10, 11, 20, 21, 40, 41].map((ms) => find(START_MS + ms)),
      [0, 0, 1, 1, 4, 4, null],
    );
    assert.deepEqual(log.offsetForTimestamp(EARLIEST_TIMESTAMP), { timestamp: -1, offset: 0, leaderEpoch: 0 });
    assert.deepEqual(log.offsetForTimestamp(LATEST_TIMESTAMP), { timestamp: -1, offset: 6, leaderEpoch: 0 });
    assert.deepEqual(log.offsetForTimestamp(MAX_TIMESTAMP), { timestamp: START_MS + 40, offset: 4, leaderEpoch: 0 });
    log.updateHighWatermark(6);
    log.maybeIncrementLogStartOffset(2);
    assert.deepEqual([find(START_MS + 5), find(START_MS + 20)], [2, 2]);
    assert.equal(log.offsetForTimestamp(EARLIEST_TIMESTAMP)?.offset, 2);
  });

  test('within a batch, and in an empty log', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    assert.deepEqual([log.offsetForTimestamp(MAX_TIMESTAMP), log.offsetForTimestamp(START_MS + 1)], [null, null]);
    const records = [3, 9, 5].map((ms) => ({ timestamp: START_MS + ms, key: null, value: null }));
    log.appendAsLeader(buildBatch({ records, compression: 'gzip' }), { leaderEpoch: 2 });
    fixture.endTurn();
    assert.deepEqual(log.offsetForTimestamp(START_MS + 4), { timestamp: START_MS + 9, offset: 1, leaderEpoch: 2 });
    assert.deepEqual(log.offsetForTimestamp(MAX_TIMESTAMP), { timestamp: START_MS + 9, offset: 1, leaderEpoch: 2 });
  });
});
