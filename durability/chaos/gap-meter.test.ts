import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GapMeter } from './gap-meter.ts';

test('the longest wait of any partition since the fault, those that still wait included', () => {
  const meter = new GapMeter();
  meter.onAcknowledged(0, 10);
  meter.onAcknowledged(1, 500);
  meter.mark(1000);
  meter.onAcknowledged(0, 1100);
  meter.onAcknowledged(1, 1300);
  meter.onAcknowledged(0, 1350);
  meter.onAcknowledged(1, 1360);
  assert.deepEqual(meter.longest(1400), { ms: 300, partition: 1, sinceMs: 1000 });
  assert.deepEqual(meter.longest(1900), { ms: 550, partition: 0, sinceMs: 1350 });
});
