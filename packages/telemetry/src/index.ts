export { PROMETHEUS_CONTENT_TYPE, renderPrometheus } from './prometheus.ts';
export { Counter, type Family, type GaugeRead, Histogram, type Labels, MetricsRegistry } from './registry.ts';
