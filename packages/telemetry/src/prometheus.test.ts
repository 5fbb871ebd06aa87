import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderPrometheus } from './prometheus.ts';
import { MetricsRegistry } from './registry.ts';

test('renders counters, gauges and histograms with escaped labels', () => {
  const registry = new MetricsRegistry();
  registry.counter('bytes_total', 'Bytes.', { topic: 'a"b\\c' }).add(3);
  registry.gauge('up', 'One.', () => 1);
  const latency = registry.histogram('latency_seconds', 'Latency.', {}, [0.1, 1]);
  latency.observe(0.05);
  latency.observe(0.5);
  latency.observe(5);
  assert.equal(
    renderPrometheus(registry),
    `# HELP bytes_total Bytes.
# TYPE bytes_total counter
bytes_total{topic="a\\"b\\\\c"} 3
# HELP up One.
# TYPE up gauge
up 1
# HELP latency_seconds Latency.
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 1
latency_seconds_bucket{le="1"} 2
latency_seconds_bucket{le="+Inf"} 3
latency_seconds_sum 5.55
latency_seconds_count 3
`,
  );
});

test('the same name and labels give the same counter', () => {
  const registry = new MetricsRegistry();
  registry.counter('c', 'C.', { a: '1' }).add();
  registry.counter('c', 'C.', { a: '1' }).add();
  assert.equal(registry.counter('c', 'C.', { a: '1' }).value, 2);
});

test('series that are found when somebody looks', () => {
  const registry = new MetricsRegistry();
  let topics = ['a', 'b'];
  registry.collected('x_total', 'X.', 'counter', ['topic'], () => topics.map((topic) => [{ topic }, 1] as const));
  assert.equal(
    renderPrometheus(registry),
    '# HELP x_total X.\n# TYPE x_total counter\nx_total{topic="a"} 1\nx_total{topic="b"} 1\n',
  );
  topics = [];
  assert.equal(renderPrometheus(registry), '# HELP x_total X.\n# TYPE x_total counter\n');
});
