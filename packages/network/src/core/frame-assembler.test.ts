import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { FrameAssembler, type FrameMemory } from './frame-assembler.ts';
import { FramePool } from './frame-pool.ts';

const memory: FrameMemory = { acquire: (length) => Buffer.alloc(length), release: () => {} };

function frame(payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + payload.length);
  bytes.writeInt32BE(payload.length, 0);
  bytes.set(payload, 4);
  return bytes;
}

test('frames come out whole however the stream is cut', () => {
  const seed = Date.now() >>> 0;
  const random = seededRandom(seed);
  for (let round = 0; round < 200; round++) {
    const sent = Array.from({ length: random.int(6) }, () => Buffer.from(random.bytes(random.int(300))));
    const stream = Buffer.concat(sent.map(frame));
    const received: Buffer[] = [];
    const assembler = new FrameAssembler(1000, memory, (f) => received.push(f));
    const chunk = Buffer.alloc(400);
    for (let position = 0; position < stream.length; ) {
      const length = Math.min(1 + random.int(chunk.length), stream.length - position);
      stream.copy(chunk, 0, position, position + length);
      assert.equal(assembler.push(chunk, length), undefined);
      chunk.fill(0xee);
      position += length;
    }
    assert.deepEqual(received, sent, `seed ${seed}`);
    assert.equal(assembler.isMidFrame, false);
  }
});

test('a negative or too large length ends the stream', () => {
  const assembler = new FrameAssembler(100, memory, () => assert.fail('no frame expected'));
  assert.deepEqual(assembler.push(Buffer.from([0, 0, 0, 101]), 4), { length: 101, maxBytes: 100 });
  const other = new FrameAssembler(100, memory, () => assert.fail('no frame expected'));
  assert.deepEqual(other.push(Buffer.from([255, 255, 255, 255]), 4), { length: -1, maxBytes: 100 });
});

test('an announced length allocates no more than a first piece', () => {
  let allocated = 0;
  const acquire = (length: number): Buffer => {
    allocated += length;
    return Buffer.alloc(length);
  };
  const assembler = new FrameAssembler(1 << 30, { ...memory, acquire }, () => assert.fail('no frame expected'));
  assert.equal(assembler.push(Buffer.from([0x3f, 0, 0, 0, 1, 2, 3]), 7), undefined);
  assert.equal(allocated, (1 << 20) + (1 << 16));
});

test('large frames are received where they stay, and buffers that they outgrow are used again', () => {
  const random = seededRandom(1);
  const sent = [200_000, 5_000_000, 70_000, 100, 3_000_000].map((length) => Buffer.from(random.bytes(length)));
  const stream = Buffer.concat(sent.map(frame));
  const held = new Set<unknown>();
  const received: Buffer[] = [];
  const counting: FrameMemory = {
    acquire(length) {
      const fresh = Buffer.alloc(length);
      held.add(fresh);
      return fresh;
    },
    release: (outgrown) => assert.equal(held.delete(outgrown), true),
  };
  const assembler = new FrameAssembler(1 << 24, counting, (whole) => received.push(whole));
  const shared = Buffer.alloc(50_000);
  let copied = 0;
  for (let position = 0; position < stream.length; ) {
    const { space } = assembler;
    const length = Math.min(1 + random.int(100_000), (space ?? shared).length, stream.length - position);
    stream.copy(space ?? shared, 0, position, position + length);
    if (space === undefined) {
      assert.equal(assembler.push(shared, length), undefined);
      copied += length;
    } else assembler.fill(length);
    position += length;
  }
  assert.deepEqual(received, sent);
  assert.deepEqual([...held], received);
  assert.ok(copied < 1_000_000, `${copied} bytes were copied`);
});

test('a stream of frames over 1 MiB needs one buffer', () => {
  const pool = new FramePool(8 << 20);
  const buffers = new Set<ArrayBufferLike>();
  const assembler = new FrameAssembler(1 << 24, pool, (whole) => {
    buffers.add(whole.buffer);
    pool.release(whole);
  });
  const bytes = frame(Buffer.alloc((1 << 20) + 5000));
  for (let i = 0; i < 5; i++) assembler.push(bytes, bytes.length);
  assert.equal(buffers.size, 1);
});
