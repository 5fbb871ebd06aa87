/**
 * A broker's way to the controller of its cluster, when both are in one process: calls and metadata pass through here, and can be stopped.
 *
 * Both may take time, as over a network. Cut: calls fail, also those whose answer is on its way, and metadata waits. Dead: nothing ever comes back.
 */
import type { Clock } from '@skarab/base';
import type { ControllerApi, MetadataPublisher } from '@skarab/metadata';
import { ApiError, ErrorCode } from '@skarab/protocol';

/** Whoever publishes committed metadata. */
export interface MetadataSource {
  install(publisher: MetadataPublisher): void;
  remove(publisher: MetadataPublisher): void;
}

/** How long what passes the link is under way. */
export interface LinkLatency {
  readonly clock: Clock;
  readonly latencyMs: () => number;
}

type Call = (...parameters: unknown[]) => Promise<unknown>;

export class ControllerLink {
  readonly #source: MetadataSource;
  readonly #wrappers = new Map<MetadataPublisher, MetadataPublisher>();
  readonly controller: ControllerApi;
  #state: 'up' | 'cut' | 'dead' = 'up';
  readonly #latency: LinkLatency | undefined;
  /** When the newest metadata arrives: it does so in order. */
  #lastArrivalMs = 0;
  /** Metadata that came while the link was cut. */
  #held: (() => void)[] = [];

  constructor(controller: ControllerApi, source: MetadataSource, latency?: LinkLatency) {
    this.#source = source;
    this.#latency = latency;
    this.controller = new Proxy(controller, {
      get: (target, name) => {
        const method = (target as unknown as Record<string | symbol, unknown>)[name];
        return typeof method === 'function' ? this.#through(method.bind(target) as Call) : method;
      },
    });
  }

  subscribe(publisher: MetadataPublisher): void {
    const wrapper: MetadataPublisher = {
      name: publisher.name,
      onMetadataUpdate: (delta, image, manifest) =>
        this.#later(() => this.#deliver(() => publisher.onMetadataUpdate?.(delta, image, manifest))),
    };
    this.#wrappers.set(publisher, wrapper);
    this.#source.install(wrapper);
  }

  unsubscribe(publisher: MetadataPublisher): void {
    const wrapper = this.#wrappers.get(publisher);
    if (wrapper !== undefined) this.#source.remove(wrapper);
    this.#wrappers.delete(publisher);
  }

  cut(): void {
    if (this.#state === 'up') this.#state = 'cut';
  }

  heal(): void {
    if (this.#state !== 'cut') return;
    this.#state = 'up';
    for (const deliver of this.#held.splice(0)) deliver();
  }

  kill(): void {
    this.#state = 'dead';
    this.#held = [];
  }

  #later(arrive: () => void): void {
    if (this.#latency === undefined) {
      arrive();
      return;
    }
    const { clock, latencyMs } = this.#latency;
    const now = clock.monotonicMs();
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, now + latencyMs());
    clock.after(this.#lastArrivalMs - now, arrive);
  }

  async #travel(): Promise<void> {
    const latency = this.#latency;
    if (latency !== undefined) await new Promise<void>((resolve) => latency.clock.after(latency.latencyMs(), resolve));
  }

  #deliver(update: () => void): void {
    if (this.#state === 'up') update();
    else if (this.#state === 'cut') this.#held.push(update);
  }

  #through(method: Call): Call {
    return async (...parameters) => {
      this.#assertUp();
      await this.#travel();
      const result = await method(...parameters);
      await this.#travel();
      if (this.#state === 'dead') return new Promise(() => {});
      this.#assertUp();
      return result;
    };
  }

  #assertUp(): void {
    if (this.#state === 'cut') throw new ApiError(ErrorCode.NETWORK_EXCEPTION, 'no way to the controller');
  }
}
