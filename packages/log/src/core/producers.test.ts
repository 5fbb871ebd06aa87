import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorruptDataError, silentLogger } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { type AppendOrigin, buildEndTransactionMarkerBatch, RecordBatch } from '@skarab/records';
import { batchOf } from '../testing/log-fixture.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { decodeSnapshot, encodeSnapshot } from './producer-snapshot.ts';
import { ProducerSnapshots } from './producer-snapshots.ts';
import { ProducerState } from './producer-state.ts';

interface Append {
  readonly epoch?: number;
  readonly sequence?: number;
  readonly offset?: number;
  readonly count?: number;
  readonly isTransactional?: boolean;
  readonly timestamp?: number;
}

const PID = 9;

function data(append: Append): RecordBatch {
  const values = Array.from({ length: append.count ?? 1 }, (_, i) => `v${i}`);
  return new RecordBatch(
    batchOf(values, {
      producerId: PID,
      producerEpoch: append.epoch ?? 0,
      baseSequence: append.sequence ?? 0,
      baseOffset: append.offset ?? 0,
      isTransactional: append.isTransactional ?? false,
      ...(append.timestamp === undefined ? {} : { timestamp: append.timestamp }),
    }),
  );
}

function marker(type: 0 | 1, offset: number, epoch = 0, coordinatorEpoch = 0): RecordBatch {
  const options = { type, coordinatorEpoch, producerId: PID, producerEpoch: epoch, baseOffset: offset, timestamp: 7 };
  return new RecordBatch(buildEndTransactionMarkerBatch(options));
}

/** Appends a batch; the error code, `NONE` when it was taken. */
function append(state: ProducerState, batch: RecordBatch, origin: AppendOrigin = 'client', version = 0): ErrorCode {
  const prepared = state.prepareUpdate(PID, origin);
  const failure = prepared.append(batch, version);
  if (failure !== null) return failure.errorCode;
  state.update(prepared);
  if (prepared.completedTxn !== null) state.completeTxn(prepared.completedTxn);
  state.mapEndOffset = batch.lastOffset + 1;
  return ErrorCode.NONE;
}

const {
  NONE,
  OUT_OF_ORDER_SEQUENCE_NUMBER,
  INVALID_PRODUCER_EPOCH,
  INVALID_TXN_STATE,
  TRANSACTION_COORDINATOR_FENCED,
} = ErrorCode;

test('sequences continue, wrap around, and begin anew with an epoch', () => {
  const state = new ProducerState('t-0');
  // Nothing is known of the producer: any sequence may be first.
  assert.equal(append(state, data({ sequence: 15 })), NONE);
  assert.equal(append(state, data({ sequence: 17 })), OUT_OF_ORDER_SEQUENCE_NUMBER);
  assert.equal(append(state, data({ sequence: 15 })), OUT_OF_ORDER_SEQUENCE_NUMBER);
  assert.equal(append(state, data({ sequence: 16 })), NONE);
  assert.equal(append(state, data({ epoch: 1, sequence: 1 })), OUT_OF_ORDER_SEQUENCE_NUMBER);
  assert.equal(append(state, data({ epoch: 1, sequence: 0 })), NONE);
  assert.equal(append(state, data({ epoch: 0, sequence: 17 })), INVALID_PRODUCER_EPOCH);
  const wrapping = new ProducerState('t-0');
  assert.equal(append(wrapping, data({ sequence: 0x7fffffff - 1, count: 2 })), NONE);
  assert.equal(append(wrapping, data({ sequence: 0 })), NONE);
});

test('replication is believed, coordinators are held to the epoch only', () => {
  const state = new ProducerState('t-0');
  append(state, data({ epoch: 3, sequence: 5 }));
  assert.equal(append(state, data({ epoch: 2, sequence: 99 }), 'replication'), NONE);
  assert.equal(append(state, data({ epoch: 4, sequence: 99 }), 'coordinator'), NONE);
  assert.equal(append(state, data({ epoch: 3, sequence: 100 }), 'coordinator'), INVALID_PRODUCER_EPOCH);
});

test('the last five batches are known again, in their epoch', () => {
  const state = new ProducerState('t-0');
  for (let i = 0; i < 6; i++) append(state, data({ sequence: 2 * i, count: 2, offset: 10 + 2 * i }));
  const entry = state.producers.get(PID)!;
  const found = [0, 2, 10].map((sequence) => entry.findDuplicate(0, sequence, sequence + 1)?.lastOffset);
  assert.deepEqual(found, [undefined, 13, 21]);
  assert.equal(entry.findDuplicate(1, 10, 11), undefined);
  assert.equal(entry.findDuplicate(0, 10, 10), undefined);
  append(state, data({ epoch: 1, sequence: 0, offset: 30 }));
  assert.equal(state.producers.get(PID)!.findDuplicate(0, 10, 11), undefined);
});

test('a transaction keeps the last stable offset until its marker is replicated', () => {
  const state = new ProducerState('t-0');
  assert.equal(append(state, data({ offset: 5, isTransactional: true })), NONE);
  assert.equal(append(state, data({ sequence: 1, offset: 6 })), INVALID_TXN_STATE);
  assert.deepEqual([state.firstUnstableOffset, state.firstUndecidedOffset], [5, 5]);
  assert.equal(append(state, marker(1, 7), 'coordinator'), NONE);
  assert.deepEqual([state.firstUnstableOffset, state.firstUndecidedOffset], [5, null]);
  state.onHighWatermark(7);
  assert.equal(state.firstUnstableOffset, 5);
  state.onHighWatermark(8);
  assert.equal(state.firstUnstableOffset, null);
  assert.equal(append(state, data({ sequence: 1, offset: 8 })), NONE);
});

test('markers of fenced coordinators and old epochs are refused', () => {
  const state = new ProducerState('t-0');
  append(state, data({ epoch: 2, isTransactional: true }));
  assert.equal(append(state, marker(0, 1, 1), 'coordinator'), INVALID_PRODUCER_EPOCH);
  assert.equal(append(state, marker(0, 1, 2, 5), 'coordinator'), NONE);
  assert.equal(append(state, marker(0, 2, 2, 4), 'coordinator'), TRANSACTION_COORDINATOR_FENCED);
  assert.equal(append(state, marker(0, 2, 2, 4), 'replication'), NONE);
});

test('with transactions v2 a marker has a new epoch, except when it is repeated', () => {
  const state = new ProducerState('t-0');
  append(state, data({ epoch: 2, isTransactional: true }));
  assert.equal(append(state, marker(1, 1, 2), 'coordinator', 2), INVALID_PRODUCER_EPOCH);
  assert.equal(append(state, marker(1, 1, 3), 'coordinator', 2), NONE);
  assert.equal(append(state, marker(1, 2, 3), 'coordinator', 2), NONE);
  assert.equal(append(state, marker(1, 3, 2), 'coordinator', 2), INVALID_PRODUCER_EPOCH);
});

test('the stable offset of an aborted transaction stops at the next open one', () => {
  const state = new ProducerState('t-0');
  append(state, data({ offset: 5, isTransactional: true }));
  const other = state.prepareUpdate(10, 'replication');
  other.append(data({ offset: 6, isTransactional: true }), -1);
  state.update(other);
  const completed = { producerId: PID, firstOffset: 5, lastOffset: 9, isAborted: true };
  assert.equal(state.lastStableOffset(completed), 6);
  assert.equal(state.lastStableOffset({ ...completed, producerId: 10, firstOffset: 6 }), 5);
});

test('silent producers are forgotten, unless they have a transaction', () => {
  const state = new ProducerState('t-0');
  append(state, data({ timestamp: 1000 }));
  state.removeExpired(1000 + 499, 500);
  assert.equal(state.producers.size, 1);
  state.removeExpired(1000 + 500, 500);
  assert.equal(state.producers.size, 0);
  append(state, data({ timestamp: 1000, isTransactional: true }));
  state.removeExpired(1_000_000, 500);
  assert.equal(state.producers.size, 1);
  assert.equal(state.hasLateTransaction(1000 + 60_000 + 300_000, 60_000), false);
  assert.equal(state.hasLateTransaction(1001 + 60_000 + 300_000, 60_000), true);
});

test('verification: one guard until the transaction is under way, and low sequences first', () => {
  const state = new ProducerState('t-0');
  const guard = state.startVerification(PID, 5, 0, false, 100);
  assert.equal(state.startVerification(PID, 3, 0, false, 100), guard);
  assert.deepEqual([state.isVerifiedBy(PID, guard), state.isVerifiedBy(10, guard)], [true, false]);
  assert.equal(append(state, data({ sequence: 5, isTransactional: true })), OUT_OF_ORDER_SEQUENCE_NUMBER);
  assert.equal(append(state, data({ sequence: 3, isTransactional: true })), NONE);
  state.onTransactionalBatch(PID, 0, false);
  assert.equal(state.isVerifiedBy(PID, guard), false);
  const bumped = new ProducerState('t-0');
  const next = bumped.startVerification(PID, 3, 1, true, 100);
  assert.equal(append(bumped, data({ epoch: 1, sequence: 3, isTransactional: true })), OUT_OF_ORDER_SEQUENCE_NUMBER);
  // The marker of the transaction before, with the epoch of the next one, leaves its verification alone.
  bumped.onTransactionalBatch(PID, 1, true);
  assert.equal(bumped.isVerifiedBy(PID, next), true);
  bumped.removeExpired(600, 500);
  assert.equal(bumped.isVerifiedBy(PID, next), false);
});

test('a snapshot keeps what matters of each producer', () => {
  const state = new ProducerState('t-0');
  append(state, data({ epoch: 1, sequence: 0, count: 3, offset: 20, timestamp: 1234 }));
  append(state, data({ epoch: 1, sequence: 3, count: 2, offset: 23, isTransactional: true, timestamp: 1235 }));
  const bytes = encodeSnapshot(state.producers.values());
  const [entry] = decodeSnapshot(bytes, 'f');
  assert.deepEqual(
    { ...entry },
    {
      producerId: PID,
      producerEpoch: 1,
      coordinatorEpoch: -1,
      lastTimestamp: 1235,
      currentTxnFirstOffset: 23,
      batches: [{ lastSequence: 4, lastOffset: 24, offsetDelta: 1, timestamp: 1235 }],
    },
  );
  bytes[20]! ^= 1;
  assert.throws(() => decodeSnapshot(bytes, 'f'), CorruptDataError);
  for (const broken of [[], [0, 9, 0, 0, 0, 0], [0, 1]]) {
    assert.throws(() => decodeSnapshot(Uint8Array.from(broken), 'f'), CorruptDataError);
  }
  assert.deepEqual(decodeSnapshot(encodeSnapshot([]), 'f'), []);
});

test('snapshots are taken once per offset, loaded from the newest that can be read, and tidied up', () => {
  const storage = new MemoryStorage();
  const snapshots = new ProducerSnapshots(storage, silentLogger, '', []);
  const state = new ProducerState('t-0');
  append(state, data({ offset: 4 }));
  assert.equal(snapshots.take(state), '/00000000000000000005.snapshot');
  assert.equal(snapshots.take(state), null);
  for (const offset of [10, 20, 30]) {
    state.mapEndOffset = offset;
    snapshots.take(state);
  }
  storage.file('/00000000000000000030.snapshot').write([Uint8Array.of(9, 9)], 0);
  const names = storage.list('/').map((entry) => entry.name);
  const reopened = new ProducerSnapshots(storage, silentLogger, '', names);
  const loaded = new ProducerState('t-0');
  reopened.loadLatest(loaded, 0, 0, Number.POSITIVE_INFINITY);
  assert.equal(loaded.mapEndOffset, 20);
  assert.deepEqual([...loaded.producers.keys()], [PID]);
  assert.deepEqual(reopened.offsets, [5, 10, 20]);
  reopened.deleteStray([10, 15]);
  assert.deepEqual(reopened.offsets, [10, 20]);
  reopened.deleteStray([10, 25]);
  assert.deepEqual(reopened.offsets, [10]);
  assert.equal(reopened.markDeleted(10), '/00000000000000000010.snapshot.deleted');
  assert.deepEqual(
    storage.list('/').map((entry) => entry.name),
    ['00000000000000000010.snapshot.deleted'],
  );
});
