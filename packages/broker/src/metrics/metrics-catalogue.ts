/**
 * Every metric that a node can have, without a node: what docs/metrics.md is made of. Nothing in it can be read.
 */
import { systemClock } from '@skarab/base';
import { MetricsRegistry } from '@skarab/telemetry';
import { RequestMetrics } from '../dispatch/request-metrics.ts';
import { watchProcess } from '../http/event-loop-monitor.ts';
import { networkProbe } from '../node/network-probe.ts';
import { addBrokerMetrics, type BrokerMetricsParts } from './broker-metrics.ts';
import { addControllerMetrics } from './controller-metrics.ts';

/** A registry with all families. */
export function metricsCatalogue(): MetricsRegistry {
  const metrics = new MetricsRegistry();
  const nothing = { cleaner: { metrics: {} }, clock: systemClock } as unknown as BrokerMetricsParts;
  addBrokerMetrics(metrics, nothing);
  addControllerMetrics(metrics, { nodeId: 0, image: () => undefined as never, leaderId: () => -1 });
  networkProbe(metrics, 'PLAINTEXT');
  new RequestMetrics(metrics).onAnswered(0, 0);
  watchProcess(metrics)();
  return metrics;
}
