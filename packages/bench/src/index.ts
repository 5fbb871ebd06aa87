export { NullBroker } from './null-broker/null-broker.ts';
export { type Measurement, type Metric, type MetricName, metrics } from './report/metrics.ts';
export { type Report, type Run, reportAsJson, type ScenarioInfo, type Warmth } from './report/report.ts';
export { renderOverview, renderScenario } from './report/table.ts';
export { Samples } from './stats/samples.ts';
export { ratioOf, type Summary, summarize } from './stats/summary.ts';
