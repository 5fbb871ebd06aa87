/**
 * The transactional ids of a shard. Requests are decided on what is committed; while a change is on its way, its id is pending.
 *
 * Hard state: only replay changes it, except for one thing that Kafka keeps in memory too: an epoch that was meant to fence a producer and
 * could not be written stays in force (without epoch bump only), so that the fenced producer cannot go on and the next attempt takes the same epoch.
 */
import type { Timeline } from '../runtime/timeline.ts';
import { TimelineMap } from '../runtime/timeline-map.ts';
import { NO_PRODUCER_EPOCH, type TransactionMetadata } from './transaction-metadata.ts';
import { isPrepared } from './transaction-state.ts';

/** A transactional id as a request finds it. */
export interface TransactionView {
  readonly metadata: TransactionMetadata;
  /** A change is being written, or markers are. */
  readonly isPending: boolean;
  /** An attempt to fence the producer was not written; its epoch is the one in `metadata`. */
  readonly hasFailedFence: boolean;
}

export class TransactionStore {
  readonly #byId: TimelineMap<string, TransactionMetadata>;
  /** Epochs of fences that could not be written. */
  readonly #failedFences = new Map<string, number>();

  constructor(timeline: Timeline) {
    this.#byId = new TimelineMap(timeline);
  }

  /** For replay: a state, or null for a tombstone. */
  put(transactionalId: string, metadata: TransactionMetadata | null): void {
    if (metadata === null) this.#byId.delete(transactionalId);
    else this.#byId.set(transactionalId, metadata);
  }

  /** What requests see; undefined when nobody has used the id. */
  get(transactionalId: string): TransactionView | undefined {
    const newest = this.#byId.get(transactionalId);
    const committed = this.#byId.getCommitted(transactionalId);
    const metadata = committed ?? newest;
    if (metadata === undefined) return undefined;
    const isPending = newest !== committed || isPrepared(metadata.state);
    const fence = this.#failedFences.get(transactionalId);
    if (fence === undefined) return { metadata, isPending, hasFailedFence: false };
    const fenced = { ...metadata, producerEpoch: fence, lastProducerEpoch: NO_PRODUCER_EPOCH };
    return { metadata: fenced, isPending, hasFailedFence: true };
  }

  /** The state with everything that is on its way; undefined: not there, or about to be forgotten. */
  getNewest(transactionalId: string): TransactionMetadata | undefined {
    return this.#byId.get(transactionalId);
  }

  /** The state as of the last commit, without fences that could not be written; undefined when there is none. */
  getCommitted(transactionalId: string): TransactionMetadata | undefined {
    return this.#byId.getCommitted(transactionalId);
  }

  /** All ids that are there as of the last commit and not about to be forgotten. */
  *entries(): Generator<[transactionalId: string, view: TransactionView]> {
    for (const transactionalId of this.#byId.keys()) yield [transactionalId, this.get(transactionalId)!];
  }

  /** A fence with this epoch could not be written. */
  keepFailedFence(transactionalId: string, producerEpoch: number): void {
    this.#failedFences.set(transactionalId, producerEpoch);
  }

  /** A fence has been written. */
  dropFailedFence(transactionalId: string): void {
    this.#failedFences.delete(transactionalId);
  }
}
