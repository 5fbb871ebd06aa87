import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { CorruptDataError } from '@skarab/base';
import {
  buildControlBatch,
  buildEndTransactionMarkerBatch,
  ControlRecordType,
  encodeControlRecordKey,
  parseControlRecordType,
  parseEndTransactionMarker,
} from './control-record.ts';
import { RecordBatch } from './record-batch.ts';

test('a marker comes back with its header', () => {
  const batch = new RecordBatch(
    buildEndTransactionMarkerBatch({
      type: ControlRecordType.COMMIT,
      coordinatorEpoch: 12,
      producerId: 77,
      producerEpoch: 3,
      timestamp: 1234,
      baseOffset: 9,
      partitionLeaderEpoch: 4,
    }),
  );
  const { isControlBatch, isTransactional, producerId, producerEpoch, baseSequence, baseOffset } = batch;
  assert.deepEqual(
    { isControlBatch, isTransactional, producerId, producerEpoch, baseSequence, baseOffset },
    { isControlBatch: true, isTransactional: true, producerId: 77, producerEpoch: 3, baseSequence: -1, baseOffset: 9 },
  );
  assert.equal(batch.sizeInBytes, 78);
  const [record] = batch.records();
  assert.deepEqual(parseEndTransactionMarker(record!), { type: 1, coordinatorEpoch: 12 });
});

test('a batch of several KRaft control records', () => {
  const batch = new RecordBatch(
    buildControlBatch({ timestamp: 5, partitionLeaderEpoch: 2 }, [
      { type: ControlRecordType.SNAPSHOT_HEADER, value: Buffer.from([1]) },
      { type: ControlRecordType.KRAFT_VERSION, value: Buffer.from([2]) },
    ]),
  );
  const read = [...batch.records()].map((record) => [
    parseControlRecordType(record.key),
    parseEndTransactionMarker(record),
    [...record.value!],
  ]);
  assert.deepEqual(read, [
    [3, null, [1]],
    [5, null, [2]],
  ]);
  assert.deepEqual([batch.isControlBatch, batch.isTransactional, batch.producerId], [true, false, -1]);
});

test('keys: every kind, kinds of the future, damage', () => {
  for (const type of Object.values(ControlRecordType)) {
    if (type >= 0) assert.equal(parseControlRecordType(encodeControlRecordKey(type)), type);
  }
  assert.equal(parseControlRecordType(Uint8Array.of(0, 1, 0, 7, 9)), ControlRecordType.UNKNOWN);
  assert.throws(() => parseControlRecordType(null), CorruptDataError);
  assert.throws(() => parseControlRecordType(Uint8Array.of(0, 0, 0)), CorruptDataError);
  assert.throws(() => parseControlRecordType(Uint8Array.of(0xff, 0, 0, 0)), CorruptDataError);
  const key = encodeControlRecordKey(ControlRecordType.ABORT);
  assert.throws(() => parseEndTransactionMarker({ key, value: null }), CorruptDataError);
  assert.throws(() => parseEndTransactionMarker({ key, value: new Uint8Array(5) }), CorruptDataError);
  assert.throws(() => parseEndTransactionMarker({ key, value: Uint8Array.of(0x80, 0, 0, 0, 0, 0) }), CorruptDataError);
});
