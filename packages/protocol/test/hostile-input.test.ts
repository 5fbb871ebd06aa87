/**
 * Bytes from a hostile or broken peer. More of them: `node packages/protocol/test/fuzz/main.ts`.
 */
import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { decodeProduceRequest } from '../src/generated/00-produce.ts';
import { ApiError, decodeRequestFrame, ProtocolError, Reader, Writer } from '../src/index.ts';
import { checkInput } from './fuzz/check-input.ts';
import { readCorpus } from './fuzz/corpus.ts';
import { mutate } from './fuzz/mutate.ts';

const corpus = readCorpus();

test('every sample is written as it was read', () => {
  for (const { name, version, bytes, codec } of corpus) {
    const reader = new Reader(bytes);
    const message = codec.decode(reader, version);
    reader.expectEnd();
    const writer = new Writer();
    codec.encode(writer, message, version);
    assert.equal(Buffer.from(writer.toBytes()).toString('hex'), bytes.toString('hex'), `${name} v${version}`);
    assert.equal(codec.size(message, version), bytes.length);
  }
});

test('every cut of every sample is refused', () => {
  for (const { name, version, bytes, codec } of corpus) {
    for (let size = 0; size < bytes.length; size++) {
      assert.throws(
        () => codec.decode(new Reader(bytes.subarray(0, size)), version),
        ProtocolError,
        `${name} v${version} cut to ${size}`,
      );
    }
  }
});

test('trailing bytes are noticed', () => {
  for (const { version, bytes, codec } of corpus) {
    const reader = new Reader(Buffer.concat([bytes, Buffer.from([0])]));
    codec.decode(reader, version);
    assert.equal(reader.remaining, 1);
    assert.throws(() => reader.expectEnd(), ProtocolError);
  }
});

test('a length out of bounds at any place is refused or harmless', () => {
  for (const { version, bytes, codec } of corpus) {
    for (let position = 0; position < bytes.length; position += 3) {
      for (const hostile of [0x7fffffff, -1]) {
        const copy = Buffer.concat([bytes, Buffer.alloc(4)]);
        copy.writeInt32BE(hostile, position);
        checkInput(codec, version, copy);
      }
    }
  }
});

test('damaged messages are refused with a typed error, or are messages', (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  for (let i = 0; i < 20_000; i++) {
    const { name, version, bytes, codec } = corpus[random.int(corpus.length)]!;
    const input = mutate(bytes, random);
    try {
      checkInput(codec, version, input);
    } catch (cause) {
      throw new Error(`${name} ${version} ${input.toString('hex')}`, { cause });
    }
  }
});

test('damaged frames are refused with a typed error, or have a header', () => {
  const random = seededRandom(7);
  const frame = Buffer.from('00120003000000010003617070000b6c696272646b61666b6104322e3000', 'hex');
  for (let i = 0; i < 5_000; i++) {
    try {
      decodeRequestFrame(mutate(frame, random));
    } catch (error) {
      assert.ok(error instanceof ProtocolError || error instanceof ApiError, String(error));
    }
  }
});

test('a frame that promises much and holds little costs little', () => {
  const writer = new Writer();
  writer.nullableString(null, true);
  writer.int16(-1);
  writer.int32(1000);
  writer.arrayLength(900_000, true);
  writer.rawBytes(new Uint8Array(4_000_000));
  const bytes = writer.toBytes();
  const before = process.memoryUsage().heapUsed;
  const start = performance.now();
  assert.throws(() => decodeProduceRequest(new Reader(bytes), 9), ProtocolError);
  assert.ok(performance.now() - start < 500);
  assert.ok(process.memoryUsage().heapUsed - before < 3 * bytes.length);
});
