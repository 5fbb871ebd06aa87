import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorruptDataError, seededRandom } from '@skarab/base';
import { RecordCursor, sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from './varint.ts';

const bytes = new Uint8Array(16);

function roundTrip(value: number, write: typeof writeVarint, size: (value: number) => number): number[] {
  const end = write(bytes, 1, value);
  assert.equal(end - 1, size(value));
  return [...bytes.subarray(1, end)];
}

test('known encodings', () => {
  const examples: [number, number[]][] = [
    [0, [0]],
    [-1, [1]],
    [63, [0x7e]],
    [-64, [0x7f]],
    [64, [0x80, 0x01]],
    [-8192, [0xff, 0x7f]],
    [0x7fffffff, [0xfe, 0xff, 0xff, 0xff, 0x0f]],
    [-0x80000000, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ];
  for (const [value, expected] of examples) {
    assert.deepEqual(roundTrip(value, writeVarint, sizeOfVarint), expected);
    assert.deepEqual(roundTrip(value, writeVarlong, sizeOfVarlong), expected);
  }
  assert.deepEqual(roundTrip(0x80000000, writeVarlong, sizeOfVarlong), [0x80, 0x80, 0x80, 0x80, 0x10]);
  assert.deepEqual(
    roundTrip(Number.MAX_SAFE_INTEGER, writeVarlong, sizeOfVarlong),
    [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f],
  );
});

test('random numbers of every magnitude come back', () => {
  const random = seededRandom(7);
  for (let i = 0; i < 20_000; i++) {
    const magnitude = Math.floor(random.next() * 2 ** random.int(54));
    const value = random.int(2) ? magnitude : -magnitude;
    const end = writeVarlong(bytes, 0, value);
    assert.equal(end, sizeOfVarlong(value));
    assert.equal(new RecordCursor(bytes, 0, end).readVarlong(), value + 0);
    const small = value | 0;
    const cursor = new RecordCursor(bytes, 0, writeVarint(bytes, 0, small));
    assert.equal(cursor.readVarint(), small);
    assert.equal(cursor.remaining, 0);
  }
});

test('int64 beyond the safe integers saturates', () => {
  const most = Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
  assert.equal(new RecordCursor(most).readVarlong(), Number.MAX_SAFE_INTEGER);
  most[0] = 0xff;
  assert.equal(new RecordCursor(most).readVarlong(), Number.MIN_SAFE_INTEGER);
});

test('overlong and cut-off varints are corrupt', () => {
  const endless = new Uint8Array(12).fill(0xff);
  assert.throws(() => new RecordCursor(endless).readVarint(), CorruptDataError);
  assert.throws(() => new RecordCursor(endless).readVarlong(), CorruptDataError);
  assert.throws(() => new RecordCursor(endless, 0, 3).readVarint(), CorruptDataError);
  assert.throws(() => new RecordCursor(endless, 0, 0).readVarlong(), CorruptDataError);
  assert.throws(() => new RecordCursor(endless, 0, 3).readView(4), CorruptDataError);
  assert.throws(() => new RecordCursor(endless, 0, 3).readView(-1), CorruptDataError);
});
