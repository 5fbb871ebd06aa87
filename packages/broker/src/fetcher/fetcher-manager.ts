/**
 * Which fetcher follows which partition: per leading broker `num.replica.fetchers` of them, each with a connection of its own.
 *
 * A partition is always with one fetcher at most. Fetchers without partitions are ended. Source: kafka.server.ReplicaFetcherManager,
 * AbstractFetcherManager.
 */

import type { Partition } from '../replica/partition.ts';
import type { FollowerFetchers } from '../replica/replica-manager.ts';
import type { FetcherHost } from './fetcher-host.ts';

/** What a manager is made of. */
export interface FetcherManagerOptions {
  /** `num.replica.fetchers`. */
  readonly fetcherCount: () => number;
  readonly createFetcher: (leaderId: number, fetcherId: number) => FetcherHost;
}

export class FetcherManager implements FollowerFetchers {
  readonly #options: FetcherManagerOptions;
  readonly #fetchers = new Map<string, FetcherHost>();
  readonly #fetcherOf = new Map<Partition, string>();
  #isStopped = false;

  constructor(options: FetcherManagerOptions) {
    this.#options = options;
  }

  /** Offsets that the slowest followed partition lags behind its leader's high watermark. */
  get maxLag(): number {
    return Math.max(0, ...[...this.#fetchers.values()].map((fetcher) => fetcher.maxLag));
  }

  follow(partition: Partition): void {
    if (this.#isStopped) return;
    const { leader } = partition.registration;
    const fetcherId = fetcherIdOf(partition, this.#options.fetcherCount());
    const key = `${leader}-${fetcherId}`;
    if (this.#fetcherOf.get(partition) !== key) this.unfollow(partition);
    let fetcher = this.#fetchers.get(key);
    if (fetcher === undefined) {
      fetcher = this.#options.createFetcher(leader, fetcherId);
      this.#fetchers.set(key, fetcher);
    }
    this.#fetcherOf.set(partition, key);
    fetcher.add(partition);
  }

  unfollow(partition: Partition): void {
    const key = this.#fetcherOf.get(partition);
    if (key === undefined) return;
    this.#fetcherOf.delete(partition);
    const fetcher = this.#fetchers.get(key);
    fetcher?.remove(partition);
    if (fetcher === undefined || fetcher.size > 0) return;
    fetcher.stop();
    this.#fetchers.delete(key);
  }

  /** A followed partition has written what was staged. */
  onWritten(partition: Partition): void {
    const key = this.#fetcherOf.get(partition);
    if (key !== undefined) this.#fetchers.get(key)?.wake();
  }

  /** `num.replica.fetchers` changed: all partitions find their place anew. */
  rearrange(): void {
    for (const partition of [...this.#fetcherOf.keys()]) this.follow(partition);
  }

  stop(): void {
    this.#isStopped = true;
    for (const fetcher of this.#fetchers.values()) fetcher.stop();
    this.#fetchers.clear();
    this.#fetcherOf.clear();
  }
}

/** Spreads the partitions of a topic over the fetchers, as Kafka does. */
function fetcherIdOf({ topic, index }: Partition, fetcherCount: number): number {
  let hash = 0;
  for (let i = 0; i < topic.length; i++) hash = (Math.imul(hash, 31) + topic.charCodeAt(i)) | 0;
  return Math.abs((Math.imul(31, hash) + index) | 0) % fetcherCount;
}
