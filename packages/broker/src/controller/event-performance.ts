/**
 * Times what the controller is asked to do: how long it held the event loop to decide, write and replay. Very slow operations are logged
 * at once, the average now and then.
 *
 * Source: org.apache.kafka.controller.EventPerformanceMonitor; `controller.performance.always.log.threshold.ms`, `….sample.period.ms`.
 */
import type { Clock, Logger, Timer } from '@skarab/base';
import type { ControllerApi } from '@skarab/metadata';

/** What the monitor is made of. */
export interface EventPerformanceOptions {
  readonly alwaysLogThresholdMs: number;
  readonly samplePeriodMs: number;
  /** Hears of every operation, for metrics. */
  readonly onEvent: (name: string, elapsedMs: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class EventPerformance {
  readonly #options: EventPerformanceOptions;
  #count = 0;
  #totalMs = 0;
  #slowest: { readonly name: string; readonly elapsedMs: number } | undefined;
  #timer: Timer | undefined;

  constructor(options: EventPerformanceOptions) {
    this.#options = options;
    this.#arm();
  }

  /** The same controller, with each of its operations timed. */
  timed(controller: ControllerApi): ControllerApi {
    const { clock } = this.#options;
    return new Proxy(controller, {
      get: (target, name) => {
        const method = Reflect.get(target, name, target) as ((...args: unknown[]) => unknown) | undefined;
        if (typeof method !== 'function') return method;
        return (...args: unknown[]): unknown => {
          const startMs = clock.monotonicMs();
          const answer = method.apply(target, args);
          this.#observe(String(name), clock.monotonicMs() - startMs);
          return answer;
        };
      },
    });
  }

  /** No more summaries. */
  stop(): void {
    this.#timer?.cancel();
  }

  #observe(name: string, elapsedMs: number): void {
    const { alwaysLogThresholdMs, onEvent, logger } = this.#options;
    this.#count++;
    this.#totalMs += elapsedMs;
    if (this.#slowest === undefined || this.#slowest.elapsedMs < elapsedMs) this.#slowest = { name, elapsedMs };
    if (elapsedMs >= alwaysLogThresholdMs)
      logger.error({ event: name, elapsedMs }, 'exceptionally slow controller event');
    onEvent(name, elapsedMs);
  }

  #arm(): void {
    const { clock, samplePeriodMs, logger } = this.#options;
    this.#timer = clock.after(samplePeriodMs, () => {
      if (this.#count > 0) {
        const averageMs = this.#totalMs / this.#count;
        logger.info({ events: this.#count, averageMs, slowest: this.#slowest }, 'controller events of the last period');
      }
      this.#count = 0;
      this.#totalMs = 0;
      this.#slowest = undefined;
      this.#arm();
    });
  }
}
