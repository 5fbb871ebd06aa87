import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { ErrorCode } from '../generated/errors.ts';
import { ProtocolError } from './errors.ts';
import { Reader } from './reader.ts';
import { stringSize, unsignedVarintSize } from './size.ts';
import { NO_TAG, Writer } from './writer.ts';

type Write = (writer: Writer) => void;
type Read = (reader: Reader) => unknown;

/** Value, bytes in hex, how it is written, how it is read. Bytes by hand from the protocol guide of Kafka. */
const golden: [unknown, string, Write, Read][] = [
  [true, '01', (w) => w.bool(true), (r) => r.bool()],
  [false, '00', (w) => w.bool(false), (r) => r.bool()],
  [-128, '80', (w) => w.int8(-128), (r) => r.int8()],
  [-2, 'fffe', (w) => w.int16(-2), (r) => r.int16()],
  [65535, 'ffff', (w) => w.uint16(65535), (r) => r.uint16()],
  [0x01020304, '01020304', (w) => w.int32(0x01020304), (r) => r.int32()],
  [-1, 'ffffffff', (w) => w.int32(-1), (r) => r.int32()],
  [4294967295, 'ffffffff', (w) => w.uint32(4294967295), (r) => r.uint32()],
  [0n, '0000000000000000', (w) => w.int64(0n), (r) => r.int64()],
  [-1n, 'ffffffffffffffff', (w) => w.int64(-1n), (r) => r.int64()],
  [0x0102030405060708n, '0102030405060708', (w) => w.int64(0x0102030405060708n), (r) => r.int64()],
  [-0x8000000000000000n, '8000000000000000', (w) => w.int64(-0x8000000000000000n), (r) => r.int64()],
  [0x7fffffffffffffffn, '7fffffffffffffff', (w) => w.int64(0x7fffffffffffffffn), (r) => r.int64()],
  [-0x100000000n, 'ffffffff00000000', (w) => w.int64(-0x100000000n), (r) => r.int64()],
  [1.5, '3ff8000000000000', (w) => w.float64(1.5), (r) => r.float64()],
  [0, '00', (w) => w.unsignedVarint(0), (r) => r.unsignedVarint()],
  [127, '7f', (w) => w.unsignedVarint(127), (r) => r.unsignedVarint()],
  [128, '8001', (w) => w.unsignedVarint(128), (r) => r.unsignedVarint()],
  [300, 'ac02', (w) => w.unsignedVarint(300), (r) => r.unsignedVarint()],
  [0x7fffffff, 'ffffffff07', (w) => w.unsignedVarint(0x7fffffff), (r) => r.unsignedVarint()],
  ['', '0000', (w) => w.string('', false), (r) => r.string(false)],
  ['', '01', (w) => w.string('', true), (r) => r.string(true)],
  ['abc', '0003616263', (w) => w.string('abc', false), (r) => r.string(false)],
  ['abc', '04616263', (w) => w.string('abc', true), (r) => r.string(true)],
  ['é漢', '0005c3a9e6bca2', (w) => w.string('é漢', false), (r) => r.string(false)],
  ['🪲', '05f09faab2', (w) => w.string('🪲', true), (r) => r.string(true)],
  [null, 'ffff', (w) => w.nullableString(null, false), (r) => r.nullableString(false)],
  [null, '00', (w) => w.nullableString(null, true), (r) => r.nullableString(true)],
  ['a', '0261', (w) => w.nullableString('a', true), (r) => r.nullableString(true)],
  [
    'AAECAwQFBgcICQoLDA0ODw',
    '000102030405060708090a0b0c0d0e0f',
    (w) => w.uuid('AAECAwQFBgcICQoLDA0ODw'),
    (r) => r.uuid(),
  ],
  [Uint8Array.of(7), '0000000107', (w) => w.bytes(Uint8Array.of(7), false), (r) => r.bytes(false)],
  [Uint8Array.of(7), '0207', (w) => w.bytes(Uint8Array.of(7), true), (r) => r.bytes(true)],
  [null, 'ffffffff', (w) => w.nullableBytes(null, false), (r) => r.nullableBytes(false)],
  [null, '00', (w) => w.nullableRecords(null, true), (r) => r.nullableBytes(true)],
  [Uint8Array.of(1, 2), '030102', (w) => w.records(Uint8Array.of(1, 2), true), (r) => r.nullableBytes(true)],
  [[1, -1], '0000000200000001ffffffff', (w) => w.int32Array([1, -1], false), (r) => r.int32Array(false)],
  [[1], '0200000001', (w) => w.nullableInt32Array([1], true), (r) => r.nullableInt32Array(true)],
  [null, 'ffffffff', (w) => w.nullableInt32Array(null, false), (r) => r.nullableInt32Array(false)],
  [[-1], '02ff', (w) => w.int8Array([-1], true), (r) => r.int8Array(true)],
  [[2], '020002', (w) => w.int16Array([2], true), (r) => r.int16Array(true)],
  [[2n], '020000000000000002', (w) => w.int64Array([2n], true), (r) => r.int64Array(true)],
  [['a', ''], '03026101', (w) => w.stringArray(['a', ''], true), (r) => r.stringArray(true)],
  [null, '00', (w) => w.nullableStringArray(null, true), (r) => r.nullableStringArray(true)],
];

test('primitives have the bytes of the protocol', () => {
  for (const [value, hex, write, read] of golden) {
    const writer = new Writer();
    write(writer);
    assert.equal(writer.size, hex.length / 2);
    assert.equal(Buffer.from(writer.toBytes()).toString('hex'), hex);
    const reader = new Reader(Buffer.from(hex, 'hex'));
    assert.deepEqual(read(reader), value);
    reader.expectEnd();
  }
});

test('every cut of a primitive is refused with a typed error', () => {
  for (const [, hex, , read] of golden) {
    const bytes = Buffer.from(hex, 'hex');
    for (let size = 0; size < bytes.length; size++) {
      assert.throws(() => read(new Reader(bytes.subarray(0, size))), ProtocolError, `${hex} cut to ${size}`);
    }
  }
});

/** Bytes that are no value, how they are read, what the error says. */
const refused: [string, Read, RegExp][] = [
  ['ffffffffff', (r) => r.unsignedVarint(), /too long/],
  ['ffffffff08', (r) => r.unsignedVarint(), /too big/],
  ['8080808010', (r) => r.unsignedVarint(), /too big/],
  ['ffff', (r) => r.string(false), /null where a string/],
  ['00', (r) => r.string(true), /null where a string/],
  ['818002', (r) => r.nullableString(true), /string of 32768 bytes/],
  ['ffffffff', (r) => r.bytes(false), /null where bytes/],
  ['7fffffff00', (r) => r.bytes(false), /needs 2147483647 bytes, has 1/],
  ['ffffffff', (r) => r.arrayLength(false, 1), /null where an array/],
  ['7fffffff00', (r) => r.int8Array(false), /array of 2147483647 elements, has 1 bytes/],
  ['0000000200000001', (r) => r.int32Array(false), /array of 2 elements, has 4 bytes/],
  ['ffffffff070000', (r) => r.unknownTaggedFields(), /2147483647 tagged fields/],
  ['0205000500', (r) => r.unknownTaggedFields(), /tag 5 after tag 5/],
  ['0205000400', (r) => r.unknownTaggedFields(), /tag 4 after tag 5/],
  ['01050300', (r) => r.unknownTaggedFields(), /tagged field of 3 bytes, has 1/],
];

test('lengths out of bounds are refused before anything is allocated', () => {
  for (const [hex, read, message] of refused) {
    assert.throws(
      () => read(new Reader(Buffer.from(hex, 'hex'))),
      (error) => error instanceof ProtocolError && message.test(error.message),
      hex,
    );
  }
});

test('arrays and tagged fields have a limit, arrays of trusted bytes another', () => {
  const many = new Writer();
  many.arrayLength(1_000_001, false);
  many.rawBytes(new Uint8Array(1_000_001));
  const bytes = many.toBytes();
  assert.throws(() => new Reader(bytes).int8Array(false), /array of 1000001 elements/);
  assert.equal(new Reader(bytes, 0, 2_000_000).int8Array(false).length, 1_000_001);
  const tags = new Writer();
  tags.unsignedVarint(10_001);
  tags.rawBytes(new Uint8Array(20_002));
  assert.throws(() => new Reader(tags.toBytes()).unknownTaggedFields(), /10001 tagged fields/);
});

test('byte values are views of the frame', () => {
  const frame = Buffer.from('0000000201020203', 'hex');
  const value = new Reader(frame).bytes(false);
  frame[4] = 9;
  assert.deepEqual(value, Uint8Array.of(9, 2));
});

test('a reader starts where it is told and knows what is left', () => {
  const reader = new Reader(Uint8Array.of(0, 0, 5, 6), 2);
  assert.equal(reader.remaining, 2);
  assert.equal(reader.int8(), 5);
  assert.throws(() => reader.expectEnd(), /1 bytes too many/);
});

test('strings over 32767 bytes are not written', () => {
  const writer = new Writer();
  assert.throws(() => writer.string('é'.repeat(16384), true), { errorCode: ErrorCode.INVALID_REQUEST });
  writer.string('x'.repeat(32767), false);
  assert.equal(new Reader(writer.toBytes()).string(false).length, 32767);
});

test('unknown tagged fields are written between the known ones, in order', () => {
  const fields = [
    { tag: 1, data: Uint8Array.of(1) },
    { tag: 5, data: Uint8Array.of() },
  ];
  const writer = new Writer();
  const next = writer.unknownTaggedFields(fields, 0, 2);
  assert.equal(next, 1);
  assert.equal(writer.unknownTaggedFields(fields, next, NO_TAG), 2);
  assert.equal(Buffer.from(writer.toBytes()).toString('hex'), '0101010500');
  assert.throws(() => new Writer().unknownTaggedFields(fields, 0, 1), /out of order or known/);
  assert.throws(() => new Writer().unknownTaggedFieldsOnly([fields[1]!, fields[0]!]), /out of order or known/);
});

test('sizes agree with what is written', () => {
  for (const value of [0, 127, 128, 16383, 16384, 2097151, 2097152, 268435455, 268435456, 0x7fffffff]) {
    const writer = new Writer();
    writer.unsignedVarint(value);
    assert.equal(unsignedVarintSize(value), writer.size, `${value}`);
    writer.toBytes();
  }
  for (const value of ['', 'é', 'x'.repeat(126), 'x'.repeat(127), 'x'.repeat(128), 'é'.repeat(20), '\ud800']) {
    for (const flexible of [true, false]) {
      const writer = new Writer();
      writer.string(value, flexible);
      assert.equal(stringSize(value, flexible), writer.size);
      writer.toBytes();
    }
  }
});
