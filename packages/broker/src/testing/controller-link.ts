/**
 * A broker's way to the controller of its cluster, when both are in one process: calls and metadata pass through here, and can be stopped.
 *
 * Cut: calls fail, also those whose answer is on its way, and metadata waits. Dead: nothing ever comes back.
 */
import type { ControllerApi, MetadataPublisher } from '@skarab/metadata';
import { ApiError, ErrorCode } from '@skarab/protocol';

/** Whoever publishes committed metadata. */
export interface MetadataSource {
  install(publisher: MetadataPublisher): void;
  remove(publisher: MetadataPublisher): void;
}

type Call = (...parameters: unknown[]) => Promise<unknown>;

export class ControllerLink {
  readonly #source: MetadataSource;
  readonly #wrappers = new Map<MetadataPublisher, MetadataPublisher>();
  readonly controller: ControllerApi;
  #state: 'up' | 'cut' | 'dead' = 'up';
  /** Metadata that came while the link was cut. */
  #held: (() => void)[] = [];

  constructor(controller: ControllerApi, source: MetadataSource) {
    this.#source = source;
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
        this.#deliver(() => publisher.onMetadataUpdate(delta, image, manifest)),
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

  #deliver(update: () => void): void {
    if (this.#state === 'up') update();
    else if (this.#state === 'cut') this.#held.push(update);
  }

  #through(method: Call): Call {
    return async (...parameters) => {
      this.#assertUp();
      const result = await method(...parameters);
      if (this.#state === 'dead') return new Promise(() => {});
      this.#assertUp();
      return result;
    };
  }

  #assertUp(): void {
    if (this.#state === 'cut') throw new ApiError(ErrorCode.NETWORK_EXCEPTION, 'no way to the controller');
  }
}
