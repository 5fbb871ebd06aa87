import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { AssertionError, CorruptDataError } from '@skarab/base';
import { BatchBuilder, buildBatch } from './batch-builder.ts';
import { iterateBatches, nextBatchSize } from './batch-iterator.ts';
import { RecordBatch } from './record-batch.ts';

const records = [
  { timestamp: 1000, key: Buffer.from('k1'), value: Buffer.from('v1') },
  {
    timestamp: 990,
    key: null,
    value: Buffer.from('v2'),
    headers: [
      { key: 'trace', value: Buffer.from([1, 2]) },
      { key: 'ünï', value: null },
    ],
  },
  { timestamp: 1005, key: Buffer.alloc(0), value: null },
];

function header(batch: RecordBatch): Record<string, unknown> {
  const { baseOffset, lastOffset, nextOffset, sizeInBytes, partitionLeaderEpoch, magic, attributes } = batch;
  const { compressionType, timestampType, isTransactional, isControlBatch, deleteHorizonMs } = batch;
  const { lastOffsetDelta, baseTimestamp, maxTimestamp, producerId, producerEpoch } = batch;
  const { baseSequence, lastSequence, recordCount } = batch;
  return {
    ...{ baseOffset, lastOffset, nextOffset, sizeInBytes, partitionLeaderEpoch, magic, attributes },
    ...{ compressionType, timestampType, isTransactional, isControlBatch, deleteHorizonMs },
    ...{ lastOffsetDelta, baseTimestamp, maxTimestamp, producerId, producerEpoch },
    ...{ baseSequence, lastSequence, recordCount },
  };
}

test('a built batch reads back field by field', () => {
  const bytes = buildBatch({
    records,
    baseOffset: 2 ** 40 + 5,
    partitionLeaderEpoch: 9,
    producerId: 2 ** 33,
    producerEpoch: 3,
    baseSequence: 0x7ffffffe,
    isTransactional: true,
  });
  const batch = new RecordBatch(bytes);
  assert.deepEqual(header(batch), {
    baseOffset: 2 ** 40 + 5,
    lastOffset: 2 ** 40 + 7,
    nextOffset: 2 ** 40 + 8,
    sizeInBytes: bytes.length,
    partitionLeaderEpoch: 9,
    magic: 2,
    attributes: 0x10,
    compressionType: 'none',
    timestampType: 'CreateTime',
    isTransactional: true,
    isControlBatch: false,
    deleteHorizonMs: null,
    lastOffsetDelta: 2,
    baseTimestamp: 1000,
    maxTimestamp: 1005,
    producerId: 2 ** 33,
    producerEpoch: 3,
    baseSequence: 0x7ffffffe,
    lastSequence: 0,
    recordCount: 3,
  });
  assert.ok(batch.isValidCrc());
  const read = [...batch.records()];
  assert.deepEqual(
    read.map(({ sizeInBytes: _, ...rest }) => rest),
    [
      { offset: 2 ** 40 + 5, sequence: 0x7ffffffe, headers: [], ...records[0] },
      { offset: 2 ** 40 + 6, sequence: 0x7fffffff, ...records[1] },
      { offset: 2 ** 40 + 7, sequence: 0, headers: [], ...records[2] },
    ],
  );
  assert.equal(
    read.reduce((sum, record) => sum + record.sizeInBytes, 61),
    bytes.length,
  );
});

test('stamping outside of the CRC leaves it alone, inside recomputes it', () => {
  const batch = new RecordBatch(Buffer.concat([Buffer.alloc(5), buildBatch({ records, deleteHorizonMs: 7 })]), 5);
  const { crc } = batch;
  batch.setLastOffset(100);
  batch.setPartitionLeaderEpoch(-1);
  batch.setMaxTimestamp('CreateTime', 1005);
  assert.deepEqual([batch.baseOffset, batch.crc, batch.isValidCrc(), batch.deleteHorizonMs], [98, crc, true, 7]);
  batch.setMaxTimestamp('LogAppendTime', 5000);
  assert.notEqual(batch.crc, crc);
  assert.ok(batch.isValidCrc());
  assert.deepEqual(
    [...batch.records()].map((record) => record.timestamp),
    [5000, 5000, 5000],
  );
  assert.deepEqual([batch.attributes, batch.deleteHorizonMs], [0x48, 7]);
});

test('offsets may have gaps and an end of their own', () => {
  const bytes = buildBatch({
    baseOffset: 10,
    lastOffset: 20,
    records: [
      { timestamp: 1, key: null, value: null, offset: 12 },
      { timestamp: 1, key: null, value: null, offset: 15 },
    ],
  });
  const batch = new RecordBatch(bytes);
  assert.deepEqual(
    [...batch.records()].map((record) => record.offset),
    [12, 15],
  );
  assert.equal(batch.lastOffset, 20);
});

test('an emptied batch keeps its place, its producer and its largest timestamp', () => {
  const batch = new RecordBatch(
    buildBatch({
      ...{ records: [], baseOffset: 10, lastOffset: 14, compression: 'lz4', maxTimestamp: 77, partitionLeaderEpoch: 3 },
      ...{ producerId: 5, producerEpoch: 1, baseSequence: 6, isTransactional: true },
    }),
  );
  const { sizeInBytes, baseOffset, lastOffset, recordCount, baseTimestamp, maxTimestamp, compressionType } = batch;
  assert.deepEqual(
    { sizeInBytes, baseOffset, lastOffset, recordCount, baseTimestamp, maxTimestamp, compressionType },
    {
      ...{ sizeInBytes: 61, baseOffset: 10, lastOffset: 14, recordCount: 0, baseTimestamp: -1, maxTimestamp: 77 },
      compressionType: 'none',
    },
  );
  assert.deepEqual([batch.lastSequence, batch.isValidCrc(), [...batch.records()]], [10, true, []]);
});

test('a builder takes the producer late and says how large it is', () => {
  const builder = new BatchBuilder({ baseOffset: 4, isTransactional: true }, 0);
  const sizes = records.map((record) => {
    const announced = builder.uncompressedSizeInBytes + builder.sizeOf(record);
    builder.append(record);
    return [announced, builder.uncompressedSizeInBytes];
  });
  for (const [announced, actual] of sizes) assert.equal(announced, actual);
  assert.throws(() => builder.append({ ...records[0]!, offset: 6 }), AssertionError);
  assert.equal(builder.recordCount, 3);
  const batch = new RecordBatch(builder.build({ producerId: 8, producerEpoch: 2, baseSequence: 40 }));
  const { producerId, producerEpoch, baseSequence, isTransactional } = batch;
  assert.deepEqual(
    { producerId, producerEpoch, baseSequence, isTransactional },
    { producerId: 8, producerEpoch: 2, baseSequence: 40, isTransactional: true },
  );
  assert.equal(batch.sizeInBytes, sizes.at(-1)![1]);
});

test('batches are found one behind the other; a cut-off one is left out', () => {
  const one = buildBatch({ records, baseOffset: 0 });
  const two = buildBatch({ records: records.slice(1), baseOffset: 3 });
  const bytes = Buffer.concat([one, two, one.subarray(0, 40)]);
  assert.deepEqual(
    [...iterateBatches(bytes)].map((batch) => [batch.position, batch.baseOffset]),
    [
      [0, 0],
      [one.length, 3],
    ],
  );
  assert.equal([...iterateBatches(bytes, one.length, one.length + two.length - 1)].length, 0);
  assert.equal(nextBatchSize(bytes, bytes.length - 11), -1);
});

test('sizes, magics and int64s that cannot be are corrupt', () => {
  const batchWith = (position: number, ...values: number[]): Buffer => {
    const bytes = Buffer.from(buildBatch({ records }));
    bytes.set(values, position);
    return bytes;
  };
  const walk = (bytes: Uint8Array): number => [...iterateBatches(bytes)].length;
  assert.throws(() => walk(batchWith(8, 0, 0, 0, 13)), CorruptDataError);
  assert.throws(() => walk(batchWith(8, 0, 0, 0, 48)), CorruptDataError);
  assert.throws(() => walk(batchWith(8, 0xff)), CorruptDataError);
  assert.throws(() => walk(batchWith(16, 3)), CorruptDataError);
  assert.throws(() => walk(batchWith(16, 1)), CorruptDataError);
  assert.throws(() => new RecordBatch(batchWith(0, 0x40)).baseOffset, CorruptDataError);
  assert.throws(() => new RecordBatch(batchWith(22, 7)).compressionType, CorruptDataError);
  assert.throws(() => new RecordBatch(batchWith(22, 0x40)).ensureValid(), CorruptDataError);
  assert.equal(new RecordBatch(batchWith(35, 0x7f)).maxTimestamp, Number.MAX_SAFE_INTEGER);
});
