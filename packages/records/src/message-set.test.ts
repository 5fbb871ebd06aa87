import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { CorruptDataError } from '@skarab/base';
import { compress } from './codec/codec.ts';
import { type CompressionType, compressionTypeId } from './compression-type.ts';
import { readMessageSet } from './message-set.ts';

interface Fields {
  magic: 0 | 1;
  offset: number;
  attributes?: number;
  timestamp?: number;
  key?: Uint8Array | null;
  value?: Uint8Array | null;
}

function sized(field: Uint8Array | null): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(field?.length ?? -1);
  return Buffer.concat([size, field ?? Buffer.alloc(0)]);
}

function message({ magic, offset, attributes = 0, timestamp = 0, key = null, value = null }: Fields): Buffer {
  const time = Buffer.alloc(magic === 1 ? 8 : 0);
  if (magic === 1) time.writeBigInt64BE(BigInt(timestamp));
  const body = Buffer.concat([Buffer.from([magic, attributes]), time, sized(key), sized(value)]);
  const head = Buffer.alloc(16);
  head.writeBigInt64BE(BigInt(offset));
  head.writeInt32BE(body.length + 4, 8);
  head.writeUInt32BE(crc32(body), 12);
  return Buffer.concat([head, body]);
}

const wrapped = (codec: CompressionType, inner: Uint8Array, fields: Fields): Buffer =>
  message({
    ...fields,
    attributes: (fields.attributes ?? 0) | compressionTypeId(codec),
    value: compress(codec, inner),
  });

const a = Buffer.from('a');
const b = Buffer.from('b');
const v0 = { magic: 0, timestamp: -1, timestampType: 'CreateTime' } as const;
const v1 = { magic: 1, timestampType: 'CreateTime' } as const;
const read = (bytes: Uint8Array, max?: number): unknown[] => [...readMessageSet(bytes, max)];

test('plain messages of both formats; what is cut off at the end is left out', () => {
  const set = Buffer.concat([
    message({ magic: 0, offset: 5, key: a, value: b }),
    message({ magic: 1, offset: 9, timestamp: 77, value: b }),
    message({ magic: 1, offset: 10, attributes: 8, timestamp: 78, key: Buffer.alloc(0) }),
  ]);
  const expected = [
    { ...v0, offset: 5, key: a, value: b },
    { ...v1, offset: 9, timestamp: 77, key: null, value: b },
    { magic: 1, offset: 10, timestamp: 78, timestampType: 'LogAppendTime', key: Buffer.alloc(0), value: null },
  ];
  assert.deepEqual(read(set), expected);
  assert.deepEqual(read(set.subarray(0, set.length - 1)), expected.slice(0, 2));
});

test('wrappers: absolute offsets in v0, relative ones in v1, zero from old librdkafka', () => {
  for (const codec of ['gzip', 'snappy', 'lz4'] as const) {
    const inner0 = Buffer.concat([
      message({ magic: 0, offset: 3, value: a }),
      message({ magic: 0, offset: 8, value: b }),
    ]);
    assert.deepEqual(read(wrapped(codec, inner0, { magic: 0, offset: 8 })), [
      { ...v0, offset: 3, key: null, value: a },
      { ...v0, offset: 8, key: null, value: b },
    ]);
    const inner1 = Buffer.concat([
      message({ magic: 1, offset: 0, timestamp: 1, value: a }),
      message({ magic: 1, offset: 2, timestamp: 2, value: b }),
    ]);
    const expected = [
      { ...v1, offset: 100, timestamp: 1, key: null, value: a },
      { ...v1, offset: 102, timestamp: 2, key: null, value: b },
    ];
    assert.deepEqual(read(wrapped(codec, inner1, { magic: 1, offset: 102, timestamp: 2 })), expected);
    assert.deepEqual(
      read(wrapped(codec, inner1, { magic: 1, offset: 0 })),
      expected.map((each) => ({ ...each, offset: each.offset - 100 })),
    );
    assert.deepEqual(
      read(wrapped(codec, inner1, { magic: 1, offset: 102, timestamp: 50, attributes: 8 })),
      expected.map((each) => ({ ...each, timestamp: 50, timestampType: 'LogAppendTime' })),
    );
  }
});

test('the wrong header checksum of lz4 in v0', () => {
  const value = Buffer.from(compress('lz4', message({ magic: 0, offset: 3, value: a })));
  value[6]! ^= 0xff;
  assert.equal(read(message({ magic: 0, offset: 3, attributes: 3, value })).length, 1);
  assert.throws(() => read(message({ magic: 1, offset: 3, attributes: 3, value })), CorruptDataError);
});

test('damage is corrupt', () => {
  const inner = message({ magic: 1, offset: 5, value: a });
  const cases: Record<string, Buffer> = {
    'too few offsets': wrapped('gzip', inner, { magic: 1, offset: 4 }),
    'mixed formats': wrapped('gzip', inner, { magic: 0, offset: 4 }),
    'nested wrappers': wrapped('gzip', wrapped('gzip', inner, { magic: 1, offset: 5 }), { magic: 1, offset: 5 }),
    zstd: wrapped('zstd', inner, { magic: 1, offset: 5 }),
    'no codec': message({ magic: 1, offset: 5, attributes: 5, value: a }),
    'no value': message({ magic: 1, offset: 5, attributes: 1 }),
    'no messages': wrapped('gzip', Buffer.alloc(0), { magic: 1, offset: 5 }),
    'a batch': Buffer.concat([message({ magic: 1, offset: 5 }).subarray(0, 16), Buffer.alloc(60, 2)]),
  };
  for (const [name, bytes] of Object.entries(cases)) assert.throws(() => read(bytes), CorruptDataError, name);
  assert.throws(() => read(wrapped('lz4', Buffer.alloc(90_000), { magic: 1, offset: 5 }), 1000), CorruptDataError);
  for (let position = 12; position < inner.length; position++) {
    const damaged = Buffer.from(inner);
    damaged[position]! ^= 0x10;
    assert.throws(() => read(damaged), CorruptDataError, `byte ${position}`);
  }
});
