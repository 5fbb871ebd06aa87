import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { FrameAssembler } from './frame-assembler.ts';

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
    const assembler = new FrameAssembler(
      1000,
      (n) => Buffer.alloc(n),
      (f) => received.push(f),
    );
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
  const assembler = new FrameAssembler(
    100,
    (n) => Buffer.alloc(n),
    () => assert.fail('no frame expected'),
  );
  assert.deepEqual(assembler.push(Buffer.from([0, 0, 0, 101]), 4), { length: 101, maxBytes: 100 });
  const other = new FrameAssembler(
    100,
    (n) => Buffer.alloc(n),
    () => assert.fail('no frame expected'),
  );
  assert.deepEqual(other.push(Buffer.from([255, 255, 255, 255]), 4), { length: -1, maxBytes: 100 });
});

test('an announced length allocates no more than a first piece', () => {
  let allocated = 0;
  const assembler = new FrameAssembler(
    1 << 30,
    (n) => {
      allocated += n;
      return Buffer.alloc(n);
    },
    () => assert.fail('no frame expected'),
  );
  assert.equal(assembler.push(Buffer.from([0x3f, 0, 0, 0, 1, 2, 3]), 7), undefined);
  assert.equal(allocated, 1 << 20);
});
