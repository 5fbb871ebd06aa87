import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampledRate } from './sampled-rate.ts';

const windows = { count: 11, sizeMs: 1000 };

test('a burst counts as if it had come in all windows but one', () => {
  const rate = new SampledRate(windows);
  rate.record(1000, 0);
  assert.equal(rate.excessMs(100, 0), 0, '1,000 in 10 s');
  rate.record(500, 0);
  assert.equal(rate.excessMs(100, 0), 5000, '150 a second for 10 s are 100 a second for 15 s');
  assert.equal(rate.excessMs(100, 500), 4500);
  assert.equal(rate.excessMs(100, 5000), 5000, 'whole windows count as before: ten at least');
});

test('what is taken back has not been', () => {
  const rate = new SampledRate(windows);
  rate.record(1000, 0);
  rate.record(9000, 10);
  assert.ok(rate.excessMs(100, 10) > 0);
  rate.record(-9000, 10);
  assert.equal(rate.excessMs(100, 10), 0);
});

test('windows are kept while anything in them is younger than all of them', () => {
  const rate = new SampledRate(windows);
  rate.record(1500, 0);
  rate.record(1500, 900);
  assert.equal(rate.isIdle(11_899), false);
  assert.equal(rate.excessMs(100, 11_899), 18_101, '3,000 in 11.899 s');
  assert.equal(rate.isIdle(11_900), true);
  assert.equal(rate.excessMs(100, 11_900), 0);
});
