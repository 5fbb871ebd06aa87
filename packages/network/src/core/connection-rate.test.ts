import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionRate } from './connection-rate.ts';

test('a burst within the windows is free, what is beyond waits until it averages out', () => {
  const rate = new ConnectionRate(() => 10, { count: 3, sizeMs: 1000 });
  for (let i = 0; i < 20; i++) assert.equal(rate.record(0), 0, `connection ${i}`);
  assert.equal(rate.record(0), 100, '21 in 2 s are 10.5 a second');
  assert.equal(rate.record(1500), 0, '22 in 2.5 s');
});

test('a wait is one window at most, and old windows are forgotten', () => {
  const rate = new ConnectionRate(() => 1, { count: 3, sizeMs: 1000 });
  for (let i = 0; i < 50; i++) rate.record(0);
  assert.equal(rate.record(1), 1000);
  assert.equal(rate.record(3001), 0);
});

test('the limit may change', () => {
  let limit = 1_000_000;
  const rate = new ConnectionRate(() => limit, { count: 2, sizeMs: 1000 });
  for (let i = 0; i < 10; i++) assert.equal(rate.record(0), 0);
  limit = 1;
  assert.ok(rate.record(0) > 0);
});
