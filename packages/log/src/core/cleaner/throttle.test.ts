import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Throttle } from './throttle.ts';

test('waits as long as it takes to come down to the rate, looking every 300 ms', () => {
  const throttle = new Throttle(1000, 0);
  assert.equal(throttle.observe(900, 100), 0);
  assert.equal(throttle.observe(100, 400), 600);
  throttle.onWaited(1000);
  assert.equal(throttle.observe(250, 1200), 0);
  assert.equal(throttle.observe(50, 1301), 0);
  assert.equal(throttle.observe(1000, 1500), 0);
  assert.equal(throttle.observe(0, 1602), 699);
});

test('without a bound it never waits', () => {
  assert.equal(new Throttle(Number.MAX_VALUE, 0).observe(1e12, 301), 0);
});
