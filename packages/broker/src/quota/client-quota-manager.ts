/**
 * Holds clients to one kind of quota: how much they have had in the last windows of time, and for how long they have to wait.
 *
 * Clients without a quota cost nothing and are not remembered. Shape: state, times as arguments.
 * Source: KIP-13, KIP-55, KIP-124, org.apache.kafka.server.quota.ClientQuotaManager.
 */
import { ClientQuotaLimits, type ClientQuotasImage, type QuotaClient } from '@skarab/metadata';
import { type RateWindows, SampledRate } from '@skarab/network';

/** What a manager is made of. */
export interface ClientQuotaManagerOptions {
  /** The quota's name, as `producer_byte_rate`; a limit in a second. */
  readonly key: string;
  /** Of `quota.window.num` and `quota.window.size.seconds`. */
  readonly windows: RateWindows;
  /** Nobody waits longer at a time. */
  readonly maxThrottleMs?: number;
}

/** A throttle time is an int32 in responses. */
const LONGEST_THROTTLE_MS = 2 ** 31 - 1;
const LEAST_PURGE_SIZE = 64;

export class ClientQuotaManager {
  readonly #options: ClientQuotaManagerOptions;
  /** By those who share a quota. */
  readonly #rates = new Map<string, SampledRate>();
  #image: ClientQuotasImage | undefined;
  #limits: ClientQuotaLimits | undefined;
  #purgeAt = LEAST_PURGE_SIZE;

  constructor(options: ClientQuotaManagerOptions) {
    this.#options = options;
  }

  /** Counts what a client has had; for how many milliseconds it has to wait. */
  charge(image: ClientQuotasImage, client: QuotaClient, value: number, nowMs: number): number {
    const found = this.#limitsOf(image).find(client);
    if (found === undefined) return 0;
    const rate = this.#rate(found.sharedBy, nowMs);
    rate.record(value, nowMs);
    return Math.min(rate.excessMs(found.limit, nowMs), this.#options.maxThrottleMs ?? LONGEST_THROTTLE_MS);
  }

  /** Does not count what was charged at this time after all. */
  takeBack(image: ClientQuotasImage, client: QuotaClient, value: number, nowMs: number): void {
    const found = this.#limitsOf(image).find(client);
    if (found !== undefined) this.#rates.get(found.sharedBy)?.record(-value, nowMs);
  }

  /** The most that a client can have at once that has had nothing so far, without a wait. */
  mostAtOnce(image: ClientQuotasImage, client: QuotaClient): number {
    const { count, sizeMs } = this.#options.windows;
    const limit = this.#limitsOf(image).find(client)?.limit ?? Number.POSITIVE_INFINITY;
    return Math.trunc((limit * (count - 1) * sizeMs) / 1000);
  }

  #limitsOf(image: ClientQuotasImage): ClientQuotaLimits {
    if (this.#limits === undefined || this.#image !== image) {
      this.#limits = new ClientQuotaLimits(image, this.#options.key);
      this.#image = image;
    }
    return this.#limits;
  }

  #rate(sharedBy: string, nowMs: number): SampledRate {
    let rate = this.#rates.get(sharedBy);
    if (rate === undefined) {
      this.#purge(nowMs);
      rate = new SampledRate(this.#options.windows);
      this.#rates.set(sharedBy, rate);
    }
    return rate;
  }

  /** Forgets those who had nothing lately, whenever there are twice as many as were needed last. */
  #purge(nowMs: number): void {
    if (this.#rates.size < this.#purgeAt) return;
    for (const [sharedBy, rate] of this.#rates) if (rate.isIdle(nowMs)) this.#rates.delete(sharedBy);
    this.#purgeAt = Math.max(LEAST_PURGE_SIZE, 2 * this.#rates.size);
  }
}
