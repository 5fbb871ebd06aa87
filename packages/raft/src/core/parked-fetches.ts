/**
 * Fetches that wait at the leader until there is something new, or until the time that their replica set.
 *
 * One fetch a replica: a later one takes the place of the one before, whose connection is gone. Source: KafkaRaftClient (fetchPurgatory).
 */
import type { RequestContext } from './raft-messages.ts';
import type { ReplicaKey } from './replica-key.ts';

/** Most fetches that wait. */
const MAX_PARKED = 1000;

/** A fetch that is valid and has nothing to get yet. */
export interface ParkedFetch {
  readonly token: number;
  readonly context: RequestContext;
  readonly replica: ReplicaKey;
  readonly epoch: number;
  readonly fetchOffset: number;
  readonly lastFetchedEpoch: number;
  readonly highWatermark: number;
  readonly maxBytes: number;
  readonly deadlineMs: number;
}

/** The fetches that wait. */
export class ParkedFetches {
  #fetches: ParkedFetch[] = [];

  get isFull(): boolean {
    return this.#fetches.length >= MAX_PARKED;
  }

  get nextDeadlineMs(): number {
    let deadlineMs = Number.POSITIVE_INFINITY;
    for (const fetch of this.#fetches) deadlineMs = Math.min(deadlineMs, fetch.deadlineMs);
    return deadlineMs;
  }

  add(fetch: ParkedFetch): void {
    this.#fetches.push(fetch);
  }

  /** Takes out those that the condition holds for. */
  take(condition: (fetch: ParkedFetch) => boolean): readonly ParkedFetch[] {
    if (this.#fetches.length === 0) return [];
    const taken = this.#fetches.filter(condition);
    if (taken.length > 0) this.#fetches = this.#fetches.filter((fetch) => !taken.includes(fetch));
    return taken;
  }
}
