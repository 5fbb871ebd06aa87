/**
 * How many partitions clients may have created and deleted: `controller_mutation_rate`, kept by the active controller.
 *
 * Newer versions of requests are held to it strictly: what goes beyond is refused once nothing is left, whereas one that begins with something left may
 * overdraw. Older ones do what they ask for and wait. Shape: state, times as arguments.
 * Source: KIP-599, org.apache.kafka.server.quota.ControllerMutationQuotaManager, StrictControllerMutationQuota, PermissiveControllerMutationQuota.
 */
import type { ClientQuotasImage } from '../image/client-quotas-image.ts';
import { ClientQuotaLimits, type QuotaClient } from './client-quota-limits.ts';
import { TokenBucket } from './token-bucket.ts';

const KEY = 'controller_mutation_rate';
const LEAST_PURGE_SIZE = 64;

/** The quota of one request. */
export interface MutationQuota {
  /** Counts partitions; for how many milliseconds the client has to wait for them, null when they may be created or deleted now. */
  charge(partitionCount: number, nowMs: number): number | null;
  /** For how many milliseconds the client is to wait after this request. */
  throttleMs(nowMs: number): number;
}

export class MutationQuotas {
  readonly #burstSeconds: number;
  readonly #buckets = new Map<string, TokenBucket>();
  #image: ClientQuotasImage | undefined;
  #limits: ClientQuotaLimits | undefined;
  #purgeAt = LEAST_PURGE_SIZE;

  /** `burstSeconds`: `controller.quota.window.num` × `controller.quota.window.size.seconds`. */
  constructor(burstSeconds: number) {
    this.#burstSeconds = burstSeconds;
  }

  /** The quota that holds for a request now, if any. */
  of(image: ClientQuotasImage, client: QuotaClient, isStrict: boolean, nowMs: number): MutationQuota | undefined {
    if (this.#image !== image) this.#limits = new ClientQuotaLimits(image, KEY);
    this.#image = image;
    const found = this.#limits?.find(client);
    if (found === undefined) return undefined;
    const { limit, sharedBy } = found;
    return quotaOf(this.#bucket(sharedBy, limit, nowMs), limit, isStrict);
  }

  #bucket(sharedBy: string, limit: number, nowMs: number): TokenBucket {
    let bucket = this.#buckets.get(sharedBy);
    if (bucket === undefined) {
      this.#purge(limit, nowMs);
      bucket = new TokenBucket(this.#burstSeconds);
      this.#buckets.set(sharedBy, bucket);
    }
    return bucket;
  }

  /** Forgets full buckets whenever there are twice as many as were needed last. */
  #purge(limit: number, nowMs: number): void {
    if (this.#buckets.size < this.#purgeAt) return;
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(limit, nowMs)) this.#buckets.delete(key);
    this.#purgeAt = Math.max(LEAST_PURGE_SIZE, 2 * this.#buckets.size);
  }
}

function quotaOf(bucket: TokenBucket, limit: number, isStrict: boolean): MutationQuota {
  let owedMs = 0;
  let owedSinceMs = 0;
  return {
    charge: (partitionCount, nowMs) => {
      if (!isStrict) bucket.take(partitionCount, limit, nowMs);
      const debtMs = bucket.debtMs(limit, nowMs);
      if (debtMs > 0) {
        owedMs = debtMs;
        owedSinceMs = nowMs;
      }
      if (!isStrict) return null;
      if (debtMs > 0) return debtMs;
      bucket.take(partitionCount, limit, nowMs);
      return null;
    },
    throttleMs: (nowMs) => Math.max(0, Math.round(owedMs - (nowMs - owedSinceMs))),
  };
}
