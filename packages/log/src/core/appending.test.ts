import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { ErrorCode } from '@skarab/protocol';
import { appendValues, batchOf, LogFixture, namesIn, readValues, START_MS } from '../testing/log-fixture.ts';
import type { PartitionLog } from './partition-log.ts';
import { VerificationGuard } from './verification-state.ts';

describe('appending as a leader', () => {
  test('a batch is staged, written at the end of the turn, and visible then', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    const result = log.appendAsLeader(batchOf(['a', 'b']), { leaderEpoch: 3 });
    assert.deepEqual(result, {
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      recordErrors: [],
      firstOffset: 0,
      lastOffset: 1,
      maxTimestamp: START_MS,
      logAppendTimeMs: -1,
      logStartOffset: 0,
      isDuplicate: false,
      recordCount: 2,
      sizeInBytes: result.sizeInBytes,
      lastLeaderEpoch: 3,
    });
    const second = log.appendAsLeader(batchOf(['c']), { leaderEpoch: 3 });
    assert.equal(second.firstOffset, 2);
    assert.deepEqual([log.logEndOffset, log.size, fixture.appended.length], [0, 0, 0]);
    fixture.endTurn();
    assert.deepEqual(fixture.appended, ['t-0:3']);
    assert.equal(log.size, result.sizeInBytes + second.sizeInBytes);
    assert.deepEqual(readValues(log), ['0:a', '1:b', '2:c']);
    assert.deepEqual(log.epochEntries, [{ epoch: 3, startOffset: 0 }]);
  });

  test('what is refused leaves no trace', () => {
    const fixture = new LogFixture({ config: { maxMessageBytes: 1000, segmentBytes: 400 } });
    const log = fixture.open();
    const corrupt = batchOf(['a']);
    corrupt[40]! ^= 1;
    const codes = [
      corrupt,
      batchOf(['a'.repeat(1000)]),
      batchOf(['a'.repeat(400)]),
      batchOf(['a'], { baseOffset: 7 }),
      batchOf(['a'], { timestamp: START_MS + 2 * 3_600_000 }),
    ].map((bytes) => log.appendAsLeader(bytes, { leaderEpoch: 0 }).errorCode);
    assert.deepEqual(codes, [
      ErrorCode.CORRUPT_MESSAGE,
      ErrorCode.MESSAGE_TOO_LARGE,
      ErrorCode.RECORD_LIST_TOO_LARGE,
      ErrorCode.INVALID_RECORD,
      ErrorCode.INVALID_TIMESTAMP,
    ]);
    fixture.endTurn();
    assert.deepEqual(fixture.appended, []);
    assert.deepEqual([log.logEndOffset, log.size, log.segmentCount], [0, 0, 1]);
    assert.equal(appendValues(fixture, log, ['ok']).firstOffset, 0);
  });

  test('a repeated batch is answered with its first offset, an unexpected one refused', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    const producer = { producerId: 5, producerEpoch: 0 };
    appendValues(fixture, log, ['a', 'b'], { ...producer, baseSequence: 0 });
    appendValues(fixture, log, ['c'], { ...producer, baseSequence: 2 });
    const again = appendValues(fixture, log, ['a', 'b'], { ...producer, baseSequence: 0 });
    assert.deepEqual(
      [again.errorCode, again.isDuplicate, again.firstOffset, again.lastOffset, again.logAppendTimeMs],
      [ErrorCode.NONE, true, 0, 1, START_MS],
    );
    const gap = appendValues(fixture, log, ['d'], { ...producer, baseSequence: 9 });
    assert.equal(gap.errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert.deepEqual(readValues(log), ['0:a', '1:b', '2:c']);
    assert.deepEqual(log.activeProducers(), [
      {
        producerId: 5,
        producerEpoch: 0,
        lastSequence: 2,
        lastTimestamp: START_MS,
        coordinatorEpoch: -1,
        currentTxnStartOffset: -1,
        lastDataOffset: 2,
      },
    ]);
  });

  test('pipelined batches of a producer are checked against what is staged', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    const append = (baseSequence: number): ErrorCode =>
      log.appendAsLeader(batchOf(['x'], { producerId: 5, producerEpoch: 0, baseSequence }), { leaderEpoch: 0 })
        .errorCode;
    assert.deepEqual(
      [append(0), append(1), append(3), append(2)],
      [ErrorCode.NONE, ErrorCode.NONE, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, ErrorCode.NONE],
    );
    fixture.endTurn();
    assert.equal(log.logEndOffset, 3);
  });

  test('the first batch of a transaction needs its guard', () => {
    const fixture = new LogFixture({ settings: { transactionPartitionVerificationEnable: true } });
    const log = fixture.open();
    const batch = (baseSequence: number) =>
      batchOf(['x'], { producerId: 5, producerEpoch: 1, baseSequence, isTransactional: true });
    const append = (bytes: Uint8Array, verificationGuard?: VerificationGuard): ErrorCode =>
      log.appendAsLeader(bytes, { leaderEpoch: 0, ...(verificationGuard && { verificationGuard }) }).errorCode;
    assert.equal(append(batch(0)), ErrorCode.INVALID_TXN_STATE);
    const guard = log.startTransactionVerification(5, 0, 1, false);
    assert.ok(guard instanceof VerificationGuard);
    assert.equal(append(batch(0), new VerificationGuard()), ErrorCode.INVALID_TXN_STATE);
    assert.equal(append(batch(0), guard), ErrorCode.NONE);
    assert.equal(log.startTransactionVerification(5, 1, 1, false), null);
    assert.equal(append(batch(1)), ErrorCode.NONE);
    assert.equal(log.startTransactionVerification(5, 0, 0, false), ErrorCode.INVALID_PRODUCER_EPOCH);
  });

  test('log append time is what the clock says', () => {
    const fixture = new LogFixture({ config: { messageTimestampType: 'LogAppendTime' } });
    const log = fixture.open();
    fixture.clock.advance(5000);
    const result = appendValues(fixture, log, ['a']);
    assert.deepEqual([result.logAppendTimeMs, result.maxTimestamp], [START_MS + 5000, START_MS + 5000]);
  });
});

describe('appending as a follower', () => {
  const replicated = (baseOffset: number, values: string[], partitionLeaderEpoch = 1): Uint8Array =>
    batchOf(values, { baseOffset, partitionLeaderEpoch });
  const append = (log: PartitionLog, leaderEpoch: number, ...batches: Uint8Array[]) =>
    log.appendAsFollower(Buffer.concat(batches), { leaderEpoch });

  test('batches keep their offsets and epochs; a cut-off one is left out', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    const result = append(
      log,
      2,
      replicated(0, ['a', 'b']),
      replicated(5, ['c'], 2),
      replicated(6, ['d'], 2).subarray(0, 50),
    );
    fixture.endTurn();
    assert.deepEqual([result.errorCode, result.firstOffset, result.lastOffset, result.lastLeaderEpoch], [0, 0, 5, 2]);
    assert.deepEqual(readValues(log), ['0:a', '1:b', '5:c']);
    assert.deepEqual(log.epochEntries, [
      { epoch: 1, startOffset: 0 },
      { epoch: 2, startOffset: 5 },
    ]);
    assert.equal(log.logEndOffset, 6);
  });

  test('batches of an epoch that the replica does not know yet are left out', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    assert.equal(append(log, 1, replicated(0, ['a']), replicated(1, ['b'], 2)).lastOffset, 0);
    const nothing = append(log, 1, replicated(1, ['b'], 2));
    assert.deepEqual([nothing.errorCode, nothing.firstOffset], [ErrorCode.NONE, -1]);
    fixture.endTurn();
    assert.deepEqual(readValues(log), ['0:a']);
  });

  test('batches that begin before the end, go back or are broken are refused', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    append(log, 1, replicated(0, ['a', 'b', 'c']));
    fixture.endTurn();
    const early = append(log, 1, replicated(1, ['x', 'y', 'z']));
    assert.deepEqual([early.errorCode, early.firstOffset, early.lastOffset], [ErrorCode.OFFSET_OUT_OF_RANGE, 1, 3]);
    assert.equal(append(log, 1, replicated(5, ['x']), replicated(4, ['y'])).errorCode, ErrorCode.CORRUPT_MESSAGE);
    const broken = replicated(3, ['x']);
    broken[62]! ^= 1;
    assert.equal(append(log, 1, broken).errorCode, ErrorCode.CORRUPT_MESSAGE);
    assert.equal(append(log, 1, Buffer.alloc(100)).errorCode, ErrorCode.CORRUPT_MESSAGE);
    fixture.endTurn();
    assert.deepEqual(readValues(log), ['0:a', '1:b', '2:c']);
  });

  test('more than a segment holds is spread over several', () => {
    const fixture = new LogFixture({ config: { segmentBytes: 200 } });
    const log = fixture.open();
    const batches = Array.from({ length: 6 }, (_, i) => replicated(i, ['some value']));
    const result = append(log, 1, ...batches);
    fixture.endTurn();
    assert.deepEqual([result.firstOffset, result.lastOffset], [0, 5]);
    assert.deepEqual(log.segmentBaseOffsets, [0, 2, 4]);
    assert.equal(readValues(log, { startOffset: 4 }).length, 2);
  });

  test('the raft leader brings offsets and epoch', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    const appendRaft = (bytes: Uint8Array): ErrorCode =>
      log.appendAsLeader(bytes, { leaderEpoch: 4, origin: 'raftLeader' }).errorCode;
    assert.equal(appendRaft(replicated(0, ['a'], 3)), ErrorCode.INVALID_RECORD);
    assert.equal(appendRaft(replicated(0, ['a'], 4)), ErrorCode.NONE);
    assert.equal(appendRaft(replicated(1, ['b'], 4)), ErrorCode.NONE);
    fixture.endTurn();
    assert.deepEqual(readValues(log), ['0:a', '1:b']);
  });
});

describe('rolling', () => {
  test('by size', () => {
    const fixture = new LogFixture({ config: { segmentBytes: 200 } });
    const log = fixture.open();
    for (const value of ['a', 'b', 'c', 'd', 'e']) log.appendAsLeader(batchOf([value]), { leaderEpoch: 0 });
    fixture.endTurn();
    assert.deepEqual(log.segmentBaseOffsets, [0, 2, 4]);
    assert.deepEqual(readValues(log, { startOffset: 3 }), ['3:d']);
    assert.deepEqual(fixture.appended, ['t-0:5']);
    assert.deepEqual(
      namesIn(fixture.storage, log.directory).filter((name) => name.endsWith('.snapshot')),
      ['00000000000000000002.snapshot', '00000000000000000004.snapshot'],
    );
  });

  test('by the time between the first and the new record, even within one turn', () => {
    const fixture = new LogFixture({ config: { segmentMs: 1000, messageTimestampAfterMaxMs: 1e9 } });
    const log = fixture.open();
    for (const [value, at] of [
      ['a', 0],
      ['b', 1000],
      ['c', 1001],
      ['d', 5000],
    ] as const) {
      log.appendAsLeader(batchOf([value], { timestamp: START_MS + at }), { leaderEpoch: 0 });
    }
    fixture.endTurn();
    assert.deepEqual(log.segmentBaseOffsets, [0, 2, 3]);
  });

  test('when the index is full, and when offsets cannot be expressed any more', () => {
    const fixture = new LogFixture({ config: { segmentIndexBytes: 36, indexIntervalBytes: 1 } });
    const log = fixture.open();
    for (let i = 0; i < 8; i++) appendValues(fixture, log, ['x'], { timestamp: START_MS + i });
    assert.deepEqual(log.segmentBaseOffsets, [0, 3, 6]);
    const far = batchOf(['far'], { baseOffset: 6 + 2 ** 31, partitionLeaderEpoch: 0 });
    log.appendAsFollower(far, { leaderEpoch: 0 });
    fixture.endTurn();
    assert.deepEqual(log.segmentBaseOffsets, [0, 3, 6, 6 + 2 ** 31]);
    assert.deepEqual(readValues(log, { startOffset: 100 }), [`${6 + 2 ** 31}:far`]);
  });

  test('on demand, and not twice', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    log.roll();
    appendValues(fixture, log, ['a']);
    log.roll();
    log.roll();
    assert.deepEqual(log.segmentBaseOffsets, [0, 1]);
  });
});
