import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildBatch, buildEndTransactionMarkerBatch, ControlRecordType, RecordBatch } from '@skarab/records';
import type { AbortedTxn } from '../transaction-index.ts';
import { CleanedTransactions } from './cleaned-transactions.ts';

function data(baseOffset: number, producerId: number, isTransactional = true): RecordBatch {
  const records = [{ timestamp: 1, key: new Uint8Array(1), value: null }];
  return new RecordBatch(
    buildBatch({ baseOffset, producerId, producerEpoch: 0, baseSequence: 0, isTransactional, records }),
  );
}

function marker(baseOffset: number, producerId: number, type: 0 | 1): RecordBatch {
  return new RecordBatch(
    buildEndTransactionMarkerBatch({
      ...{ baseOffset, producerId, producerEpoch: 0, type, coordinatorEpoch: 0, timestamp: 1 },
    }),
  );
}

const aborted = (producerId: number, firstOffset: number, lastOffset: number): AbortedTxn => ({
  ...{ producerId, firstOffset, lastOffset, lastStableOffset: lastOffset + 1 },
});

const { ABORT, COMMIT } = ControlRecordType;

test('data of aborted transactions is void, that of others is not; markers stay while data was seen', () => {
  const txns = [aborted(1, 0, 5), aborted(1, 8, 9)];
  const walk = new CleanedTransactions([...txns].reverse());
  assert.equal(walk.onData(data(0, 1)), true);
  assert.equal(walk.onData(data(1, 2)), false);
  assert.equal(walk.onData(data(2, 1)), true);
  assert.equal(walk.onData(data(3, 1, false)), false);
  assert.equal(walk.onControl(marker(4, 2, COMMIT)), false);
  assert.equal(walk.onControl(marker(5, 1, ABORT)), false);
  assert.deepEqual(walk.takeRetained(), [txns[0]]);
  assert.equal(walk.onData(data(6, 1)), false);
  assert.equal(walk.onControl(marker(7, 1, COMMIT)), false);
  assert.equal(walk.onData(data(8, 1)), true);
  assert.equal(walk.onControl(marker(9, 1, ABORT)), false);
  assert.deepEqual(walk.takeRetained(), [txns[1]]);
  assert.deepEqual(walk.takeRetained(), []);
});

test('markers without data before them are not needed', () => {
  const walk = new CleanedTransactions([aborted(1, 0, 5)]);
  assert.equal(walk.onControl(marker(4, 2, COMMIT)), true);
  assert.equal(walk.onControl(marker(5, 1, ABORT)), true);
  assert.deepEqual(walk.takeRetained(), []);
  assert.equal(walk.onData(data(6, 1)), false);
  const emptied = buildBatch({ baseOffset: 7, lastOffset: 7, isControlBatch: true, producerId: 1, records: [] });
  assert.equal(walk.onControl(new RecordBatch(emptied)), true);
});

test('control records of other kinds stay', () => {
  const records = [{ timestamp: 1, key: Uint8Array.of(0, 0, 0, 2), value: new Uint8Array(4) }];
  const leaderChange = new RecordBatch(buildBatch({ isControlBatch: true, records }));
  assert.equal(new CleanedTransactions([]).onControl(leaderChange), false);
});
