import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveClientMetricsConfig, validateClientMetricsConfigs } from './client-metrics-config.ts';

const mapOf = (record: Record<string, string>): Map<string, string> => new Map(Object.entries(record));

test('a subscription', () => {
  const own = mapOf({ metrics: 'a.,b.', 'interval.ms': '500', match: 'client_id=a.*, client_source_port=1|2' });
  const subscription = resolveClientMetricsConfig(own);
  assert.deepEqual(subscription, {
    metrics: ['a.', 'b.'],
    intervalMs: 500,
    match: new Map([
      ['client_id', /^(?:a.*)$/s],
      ['client_source_port', /^(?:1|2)$/s],
    ]),
  });
  assert.deepEqual(
    ['1', '12', '2'].map((port) => subscription.match.get('client_source_port')?.test(port)),
    [true, false, true],
  );
  assert.deepEqual(resolveClientMetricsConfig(new Map()), { metrics: [], intervalMs: 300_000, match: new Map() });
});

test('an interval out of bounds is refused', () => {
  assert.deepEqual(validateClientMetricsConfigs('s', mapOf({ 'interval.ms': '99' })), {
    errorCode: 42,
    message: 'Invalid value 99 for interval.ms, interval must be between 100 and 3600000 (1 hour)',
  });
});
