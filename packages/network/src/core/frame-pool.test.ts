import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FramePool } from './frame-pool.ts';

test('a released frame is handed out again', () => {
  const pool = new FramePool(1 << 20);
  const frame = pool.acquire(50_000);
  assert.equal(frame.length, 50_000);
  pool.release(frame);
  assert.equal(pool.idleBytes, 69_632);
  assert.equal(pool.acquire(40_000).buffer, frame.buffer);
  assert.equal(pool.idleBytes, 0);
});

test('a batch as large as a power of two and its request fit in one class', () => {
  const pool = new FramePool(1 << 24);
  for (let shift = 14; shift <= 22; shift++) {
    assert.equal(pool.acquire((1 << shift) + 1000).buffer.byteLength, (1 << shift) * (17 / 16));
    assert.equal(pool.acquire((1 << shift) * (17 / 16)).buffer.byteLength, (1 << shift) * (17 / 16));
  }
  assert.equal(pool.acquire(8193).buffer.byteLength, 17 * 1024);
  assert.equal(pool.acquire(5_000_000).buffer.byteLength, 5_000_000);
});

test('the pool keeps no more than its limit and nothing that is not its own', () => {
  const pool = new FramePool(70_000);
  const frames = [pool.acquire(60_000), pool.acquire(60_000)];
  for (const frame of frames) pool.release(frame);
  assert.equal(pool.idleBytes, 69_632);
  pool.release(Buffer.alloc(100));
  pool.release(Buffer.alloc(0));
  pool.release(Buffer.allocUnsafeSlow(50_000));
  assert.equal(pool.idleBytes, 69_632);
});

test('sizes that nobody asks for any more make room', () => {
  const pool = new FramePool(1 << 20);
  const old = Array.from({ length: 15 }, () => pool.acquire(60_000));
  for (const frame of old) pool.release(frame);
  const frame = pool.acquire(500_000);
  pool.release(frame);
  assert.equal(pool.idleBytes, 557_056 + 7 * 69_632);
  assert.equal(pool.acquire(500_000).buffer, frame.buffer);
});
