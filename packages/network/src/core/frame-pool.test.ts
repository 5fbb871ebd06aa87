import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FramePool } from './frame-pool.ts';

test('a released frame is handed out again', () => {
  const pool = new FramePool(1 << 20);
  const frame = pool.acquire(50_000);
  assert.equal(frame.length, 50_000);
  pool.release(frame);
  assert.equal(pool.idleBytes, 65_536);
  assert.equal(pool.acquire(40_000).buffer, frame.buffer);
  assert.equal(pool.idleBytes, 0);
});

test('the pool keeps no more than its limit and nothing that is not its own', () => {
  const pool = new FramePool(65_536);
  const frames = [pool.acquire(60_000), pool.acquire(60_000)];
  for (const frame of frames) pool.release(frame);
  assert.equal(pool.idleBytes, 65_536);
  pool.release(Buffer.alloc(100));
  pool.release(Buffer.allocUnsafeSlow(50_000));
  assert.equal(pool.idleBytes, 65_536);
});
