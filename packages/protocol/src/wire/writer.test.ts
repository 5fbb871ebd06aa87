import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import type { ExternalBytes, RecordsPayload } from './values.ts';
import { Writer } from './writer.ts';

const hex = (chunk: RecordsPayload | undefined): string => Buffer.from(chunk as Uint8Array).toString('hex');

test('records are chunks of their own and are not copied', () => {
  const payload = Uint8Array.of(1, 2, 3);
  const file: ExternalBytes = { byteLength: 1000 };
  const writer = new Writer();
  writer.int8(1);
  writer.records(payload, true);
  writer.records(file, false);
  writer.records(new Uint8Array(0), true);
  writer.int8(2);
  assert.equal(writer.size, 1 + 1 + 3 + 4 + 1000 + 1 + 1);
  const chunks = writer.chunks();
  assert.equal(chunks.length, 5);
  assert.equal(hex(chunks[0]), '0104');
  assert.equal(chunks[1], payload);
  assert.equal(hex(chunks[2]), '000003e8');
  assert.equal(chunks[3], file);
  assert.equal(hex(chunks[4]), '0102');
});

test('external bytes cannot be gathered in memory', () => {
  const writer = new Writer();
  writer.records({ byteLength: 5 }, true);
  assert.throws(() => writer.toBytes(), /external bytes/);
});

test('writers at the same time do not share bytes', () => {
  const first = new Writer();
  const second = new Writer();
  first.int32(1);
  second.int32(2);
  first.int32(3);
  second.int32(4);
  assert.equal(hex(first.toBytes()), '0000000100000003');
  assert.equal(hex(second.toBytes()), '0000000200000004');
});

test('what a writer returned stays as it is when others write', () => {
  const results: Uint8Array[] = [];
  for (let i = 0; i < 50_000; i++) {
    const writer = new Writer();
    writer.int32(i);
    writer.string('skarab', true);
    results.push(writer.toBytes());
  }
  for (const [i, bytes] of results.entries()) assert.equal(Buffer.from(bytes).readInt32BE(0), i);
});

test('a writer grows beyond its capacity', () => {
  for (const capacity of [undefined, 0, 1, 10]) {
    const writer = new Writer(capacity);
    for (let i = 0; i < 40_000; i++) writer.int32(i);
    const bytes = Buffer.from(writer.toBytes());
    assert.equal(bytes.length, 160_000);
    for (let i = 0; i < 40_000; i++) assert.equal(bytes.readInt32BE(i * 4), i);
  }
});

test('a writer that grows after a chunk was cut keeps the chunk', () => {
  const writer = new Writer(8);
  writer.int32(7);
  writer.records(Uint8Array.of(1), true);
  writer.rawBytes(new Uint8Array(100).fill(5));
  assert.deepEqual(writer.chunks().map(hex), ['0000000702', '01', '05'.repeat(100)]);
});
