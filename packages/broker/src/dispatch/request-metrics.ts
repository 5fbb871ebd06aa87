/**
 * Counts and times requests by API. Kafka's names: kafka.network:type=RequestMetrics,name=RequestsPerSec and TotalTimeMs.
 */
import { apiInfo } from '@skarab/protocol';
import type { Counter, Histogram, MetricsRegistry } from '@skarab/telemetry';

export class RequestMetrics {
  readonly #registry: MetricsRegistry;
  readonly #series: { requests: Counter; seconds: Histogram }[] = [];

  constructor(registry: MetricsRegistry) {
    this.#registry = registry;
  }

  /** One request was answered (or had no answer to give) after `elapsedMs`. */
  onAnswered(apiKey: number, elapsedMs: number): void {
    let series = this.#series[apiKey];
    if (series === undefined) {
      const labels = { request: apiInfo(apiKey)?.name ?? String(apiKey) };
      series = {
        requests: this.#registry.counter('kafka_network_requests_total', 'Requests answered (RequestsPerSec).', labels),
        seconds: this.#registry.histogram(
          'kafka_network_request_seconds',
          'Time from frame to response (TotalTimeMs).',
          labels,
        ),
      };
      this.#series[apiKey] = series;
    }
    series.requests.add();
    series.seconds.observe(elapsedMs / 1000);
  }
}
