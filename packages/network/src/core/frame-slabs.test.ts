import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameSlabs, MAX_SMALL_FRAME } from './frame-slabs.ts';

test('frames of one slab do not touch each other', () => {
  const slabs = new FrameSlabs();
  const frames = [1, 100, 0, 8, 1023].map((length) => slabs.acquire(length));
  for (const [index, frame] of frames.entries()) frame.fill(index + 1);
  assert.deepEqual(
    frames.map((frame) => frame.length),
    [1, 100, 0, 8, 1023],
  );
  for (const [index, frame] of frames.entries()) assert.ok(frame.every((byte) => byte === index + 1));
});

test('a slab is used anew only when every frame of it has come back', () => {
  const slabs = new FrameSlabs();
  const first = slabs.acquire(MAX_SMALL_FRAME);
  const others = Array.from({ length: 7 }, () => slabs.acquire(MAX_SMALL_FRAME));
  const next = slabs.acquire(MAX_SMALL_FRAME);
  assert.notEqual(next.buffer, first.buffer);
  for (const frame of others) slabs.release(frame);
  const fill = Array.from({ length: 8 }, () => slabs.acquire(MAX_SMALL_FRAME));
  assert.ok(fill.every((frame) => frame.buffer !== first.buffer));
  slabs.release(first);
  Array.from({ length: 7 }, () => slabs.acquire(MAX_SMALL_FRAME));
  assert.equal(slabs.acquire(MAX_SMALL_FRAME).buffer, first.buffer);
});

test('one frame after the other comes from the same place', () => {
  const slabs = new FrameSlabs();
  const first = slabs.acquire(5000);
  assert.ok(slabs.release(first));
  const second = slabs.acquire(6000);
  assert.equal(second.buffer, first.buffer);
  assert.equal(second.byteOffset, 0);
});

test('what is not of a slab is told apart', () => {
  assert.equal(new FrameSlabs().release(Buffer.alloc(10)), false);
});

test('a frame that is given back twice is a mistake', () => {
  const slabs = new FrameSlabs();
  const frame = slabs.acquire(100);
  slabs.release(frame);
  assert.throws(() => slabs.release(frame), /given back once/);
});
