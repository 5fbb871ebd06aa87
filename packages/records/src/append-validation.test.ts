import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { type AppendOptions, validateAndAssignOffsets } from './append-validation.ts';
import { type BatchOptions, buildBatch } from './batch-builder.ts';
import * as layout from './batch-layout.ts';
import { type CompressionType, compressionTypes } from './compression-type.ts';
import { writeInt16, writeInt32, writeInt64 } from './int64.ts';
import { RecordBatch } from './record-batch.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;
const FOREVER = Number(9223372036854775807n);
const value = Buffer.alloc(50, 'value ');
const records = [0, 1, 2, 3].map((i) => ({ timestamp: NOW + [5, 20, 10, 0][i]!, key: Buffer.from(`k${i}`), value }));

const defaults: AppendOptions = {
  offsetStart: 1000,
  nowMs: NOW,
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: FOREVER,
  timestampAfterMaxMs: HOUR,
  compactedTopic: false,
  topicPartition: 'topic-0',
  leaderEpoch: 7,
  origin: 'client',
  targetCompression: 'producer',
  maxMessageBytes: 1_048_588,
};

const append = (bytes: Uint8Array, options: Partial<AppendOptions> = {}): ReturnType<typeof validateAndAssignOffsets> =>
  validateAndAssignOffsets(bytes, { ...defaults, ...options });

/** A batch whose header was changed by `change` and whose CRC is right all the same. */
function altered(change: (bytes: Buffer) => void, options: BatchOptions = {}): Buffer {
  const bytes = Buffer.from(buildBatch({ records, ...options }));
  change(bytes);
  new RecordBatch(bytes).stampCrc();
  return bytes;
}

/** The failure without the texts of the records. */
function failure(bytes: Uint8Array, options: Partial<AppendOptions> = {}): readonly [number, string] {
  const before = Buffer.from(bytes);
  const result = append(bytes, options);
  assert.ok(!result.ok);
  assert.ok(before.equals(bytes), 'a rejected batch was changed');
  return [result.error, result.message];
}

for (const compression of compressionTypes) {
  test(`${compression}: stamped in place`, () => {
    const bytes = buildBatch({ records, compression });
    const { crc } = new RecordBatch(bytes);
    const result = append(Buffer.concat([bytes, Buffer.alloc(9)]).subarray(0, bytes.length + 9));
    assert.ok(result.ok);
    const { bytes: written, ...rest } = result;
    assert.deepEqual(rest, {
      ok: true,
      baseOffset: 1000,
      lastOffset: 1003,
      recordCount: 4,
      maxTimestamp: NOW + 20,
      offsetOfMaxTimestamp: 1003,
      logAppendTimeMs: -1,
      sourceCompression: compression,
      isRebuilt: false,
    });
    const batch = new RecordBatch(written);
    assert.equal(written.length, bytes.length);
    assert.deepEqual([batch.baseOffset, batch.partitionLeaderEpoch, batch.crc], [1000, 7, crc]);
    assert.ok(batch.isValidCrc());
  });

  test(`${compression}: LogAppendTime`, () => {
    const result = append(buildBatch({ records, compression }), { timestampType: 'LogAppendTime', nowMs: NOW + 99 });
    assert.ok(result.ok);
    assert.deepEqual([result.maxTimestamp, result.logAppendTimeMs], [NOW + 99, NOW + 99]);
    const batch = new RecordBatch(result.bytes);
    assert.ok(batch.isValidCrc());
    assert.deepEqual(
      [...batch.records()].map((record) => record.timestamp),
      Array(4).fill(NOW + 99),
    );
  });

  test(`${compression}: rebuilt for every other compression`, () => {
    for (const target of compressionTypes) {
      if (target === compression) continue;
      const targetCompression = target === 'none' ? 'uncompressed' : target;
      const source = buildBatch({ records, compression, producerId: 5, producerEpoch: 1, baseSequence: 9 });
      const result = append(source, { targetCompression });
      assert.ok(result.ok);
      assert.ok(result.isRebuilt);
      const batch = new RecordBatch(result.bytes);
      assert.ok(batch.isValidCrc());
      assert.deepEqual(
        [batch.compressionType, batch.producerId, batch.baseSequence, batch.baseOffset, batch.partitionLeaderEpoch],
        [target, 5, 9, 1000, 7],
      );
      assert.deepEqual(
        [...batch.records()].map(({ offset, timestamp, key, value }) => ({ offset, timestamp, key, value })),
        records.map((record, i) => ({ ...record, offset: 1000 + i })),
      );
    }
  });
}

test('a maximum timestamp that the producer got wrong is put right', () => {
  const result = append(altered((bytes) => writeInt64(bytes, layout.MAX_TIMESTAMP, 1)));
  assert.ok(result.ok);
  assert.equal(new RecordBatch(result.bytes).maxTimestamp, NOW + 20);
  assert.ok(new RecordBatch(result.bytes).isValidCrc());
});

test('records without a timestamp, and timestamps weeks apart', () => {
  const none = records.map((record) => ({ ...record, timestamp: -1 }));
  const result = append(buildBatch({ records: none }));
  assert.ok(result.ok);
  assert.deepEqual([result.maxTimestamp, result.offsetOfMaxTimestamp], [-1, -1]);
  const apart = append(buildBatch({ records: [records[0]!, { ...records[1]!, timestamp: 0 }] }));
  assert.ok(apart.ok);
  assert.equal(apart.maxTimestamp, NOW + 5);
});

test('offset deltas that are not in sequence are renumbered', () => {
  for (const compression of compressionTypes) {
    const gaps = records.map((record, i) => ({ ...record, offset: i === 3 ? 5 : i }));
    const bytes = altered((bytes) => writeInt32(bytes, layout.LAST_OFFSET_DELTA, 3), {
      compression,
      records: gaps,
    } as BatchOptions);
    const result = append(bytes);
    assert.ok(result.ok);
    assert.deepEqual(
      [...new RecordBatch(result.bytes).records()].map(({ offset, timestamp }) => [offset, timestamp]),
      records.map(({ timestamp }, i) => [1000 + i, timestamp]),
    );
  }
});

test('what a header must not say, with code and text', () => {
  const cases: readonly [string, Uint8Array, readonly [number, string], Partial<AppendOptions>?][] = [
    ['nothing', Buffer.alloc(0), [87, 'Record batch has no batches at all']],
    ['cut off', buildBatch({ records }).subarray(0, 70), [87, 'Record batch has no batches at all']],
    [
      'two batches',
      Buffer.concat([buildBatch({ records }), buildBatch({ records })]),
      [87, 'Compressed outer record has more than one batch'],
    ],
    [
      'base offset',
      buildBatch({ records, baseOffset: 5 }),
      [87, 'The baseOffset of the record batch in the append to topic-0 should be 0, but it is 5'],
    ],
    [
      'too large',
      buildBatch({ records }),
      [
        10,
        'The record batch size in the append to topic-0 is 297 bytes which exceeds the maximum configured value of 296).',
      ],
      { maxMessageBytes: 296 },
    ],
    [
      'count',
      altered((bytes) => writeInt32(bytes, layout.RECORD_COUNT, 3)),
      [87, 'Inconsistent batch offset range [0, 3] and count of records 3 in topic partition topic-0'],
    ],
    [
      'no count',
      altered((bytes) => writeInt32(bytes, layout.RECORD_COUNT, 0)),
      [87, 'Invalid reported count for record batch: 0 in topic partition topic-0'],
    ],
    [
      'range',
      altered((bytes) => writeInt32(bytes, layout.LAST_OFFSET_DELTA, -3)),
      [87, 'Batch has an invalid offset range: [0, -3] in topic partition topic-0'],
    ],
    [
      'control',
      buildBatch({ records, isControlBatch: true }),
      [87, 'Clients are not allowed to write control records in topic partition topic-0'],
    ],
    [
      'sequence',
      buildBatch({ records, producerId: 4, producerEpoch: 0 }),
      [87, 'Invalid sequence number -1 in record batch with producerId 4 in topic partition topic-0'],
    ],
    [
      'codec',
      altered((bytes) => writeInt16(bytes, layout.ATTRIBUTES, 5)),
      [87, 'Unknown compression type id: 5 in topic partition topic-0'],
    ],
    [
      'leader epoch',
      buildBatch({ records, partitionLeaderEpoch: 6 }),
      [87, 'Append from Raft leader did not set the batch epoch correctly, expected 7 but the batch has 6'],
      { origin: 'raftLeader' },
    ],
  ];
  for (const [name, bytes, expected, options] of cases) assert.deepEqual(failure(bytes, options), expected, name);
});

test('only a broker may write control batches and offsets', () => {
  const marker = buildBatch({ records, isControlBatch: true, baseOffset: 3, producerId: 4, producerEpoch: 0 });
  const result = append(marker, { origin: 'coordinator', targetCompression: 'gzip' });
  assert.ok(result.ok);
  assert.deepEqual([result.isRebuilt, new RecordBatch(result.bytes).compressionType], [false, 'none']);
});

test('compacted topics want keys', () => {
  for (const compression of compressionTypes) {
    const keyless = records.map((record, i) => (i % 2 ? { ...record, key: null } : record));
    const message = 'Compacted topic cannot accept message without key in topic partition topic-0';
    assert.deepEqual(append(buildBatch({ records: keyless, compression }), { compactedTopic: true }), {
      ok: false,
      error: 87,
      message:
        'One or more records have been rejected due to 2 record errors in total, and only showing the first three errors at most: ' +
        `[RecordError(batchIndex=1, message='${message}'), RecordError(batchIndex=3, message='${message}')]`,
      recordErrors: [
        { batchIndex: 1, message },
        { batchIndex: 3, message },
      ],
    });
    assert.ok(append(buildBatch({ records, compression }), { compactedTopic: true }).ok);
  }
});

test('timestamps out of range, and LogAppendTime from a producer', () => {
  const early = append(buildBatch({ records: [records[0]!, { ...records[1]!, timestamp: NOW - 2 * HOUR }] }), {
    timestampBeforeMaxMs: HOUR,
  });
  assert.deepEqual(early, {
    ok: false,
    error: 32,
    message: 'One or more records have been rejected due to invalid timestamp',
    recordErrors: [
      {
        batchIndex: 1,
        message: `Timestamp ${NOW - 2 * HOUR} of message with offset 1 is out of range. The timestamp should be within [${NOW - HOUR}, ${NOW + HOUR}]`,
      },
    ],
  });
  const late = append(buildBatch({ records: [{ ...records[0]!, timestamp: NOW + HOUR + 1 }] }));
  assert.ok(!late.ok);
  assert.match(late.recordErrors[0]!.message, /within \[-9223370336854775807, 1700003600000\]/);
  const stamped = append(buildBatch({ records: records.slice(0, 1), logAppendTimeMs: NOW }), {
    timestampType: 'LogAppendTime',
  });
  assert.ok(!stamped.ok);
  assert.deepEqual(
    [stamped.error, stamped.recordErrors[0]!.message],
    [
      32,
      `Invalid timestamp type in message DefaultRecord(offset=0, timestamp=${NOW}, key=2 bytes, value=50 bytes). ` +
        'Producer should not set timestamp type to LogAppendTime.',
    ],
  );
});

test('a batch that grows too large by being rebuilt', () => {
  const [error, message] = failure(buildBatch({ records, compression: 'lz4' }), {
    targetCompression: 'uncompressed',
    maxMessageBytes: 200,
  });
  assert.deepEqual([error, message.slice(0, 60)], [10, 'Message batch size is 297 bytes in append to partition topic']);
});

test('decompression is bounded', () => {
  const large = [{ timestamp: NOW, key: null, value: Buffer.alloc(100_000) }];
  for (const compression of compressionTypes.slice(1)) {
    const [error] = failure(buildBatch({ records: large, compression }), { maxDecompressedBytes: 50_000 });
    assert.equal(error, 87);
  }
});

test('a flipped bit anywhere is noticed, or lies where the leader stamps anyway', () => {
  for (const compression of compressionTypes) {
    const bytes = buildBatch({ records, compression });
    for (let position = 0; position < bytes.length; position++) {
      for (let bit = 1; bit < 256; bit <<= 1) {
        const damaged = Buffer.from(bytes);
        damaged[position]! ^= bit;
        const isStamped = position >= layout.PARTITION_LEADER_EPOCH && position < layout.MAGIC;
        assert.equal(append(damaged).ok, isStamped, `${compression} ${position} ${bit}`);
      }
    }
  }
});

test('damage under a right CRC never throws and never leaves a batch that cannot be read', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1e9);
  console.log(`# seed ${seed}`);
  const random = seededRandom(seed);
  const headers = [{ key: 'h', value: null }];
  const some = records.map((record) => ({ ...record, headers }));
  const sources = compressionTypes.map((compression) => buildBatch({ records: some, compression }));
  const targets: readonly (CompressionType | 'producer' | 'uncompressed')[] = ['producer', 'uncompressed', 'lz4'];
  for (let round = 0; round < 6000; round++) {
    const damaged = Buffer.from(sources[random.int(sources.length)]!);
    for (let i = random.int(3); i >= 0; i--) {
      const position = layout.CRC + 4 + random.int(damaged.length - layout.CRC - 4);
      damaged[position] = random.int(256);
    }
    new RecordBatch(damaged).stampCrc();
    const result = append(damaged, {
      targetCompression: targets[random.int(3)]!,
      origin: random.int(2) ? 'client' : 'coordinator',
      compactedTopic: random.int(2) === 0,
      maxDecompressedBytes: 1_000_000,
    });
    if (!result.ok) continue;
    const batch = new RecordBatch(result.bytes);
    assert.ok(batch.isValidCrc());
    assert.deepEqual(
      [...batch.records()].map((record) => record.offset),
      Array.from({ length: result.recordCount }, (_, i) => 1000 + i),
    );
  }
});
