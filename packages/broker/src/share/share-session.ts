/**
 * What a member fetches in its share session: the partitions, in order, and which of them it must be told of next.
 *
 * Source: org.apache.kafka.server.share.session.ShareSession, CachedSharePartition, ShareSessionContext.
 */
import { type TopicIdPartition, textOf } from './topic-id-partition.ts';

/** The epoch of a request that begins a session, and of one that ends it. */
export const INITIAL_EPOCH = 0;
export const FINAL_EPOCH = -1;
const MAX_EPOCH = 0x7fffffff;

/** The epoch of the next request. */
export function nextEpoch(epoch: number): number {
  return epoch === MAX_EPOCH ? 1 : epoch + 1;
}

interface SessionPartition {
  readonly at: TopicIdPartition;
  /** Whether the next response mentions it in any case. */
  mustBeTold: boolean;
}

export class ShareSession {
  readonly groupId: string;
  readonly memberId: string;
  readonly connectionId: string;
  readonly #partitions = new Map<string, SessionPartition>();
  epoch = nextEpoch(INITIAL_EPOCH);

  constructor(groupId: string, memberId: string, connectionId: string, partitions: readonly TopicIdPartition[]) {
    this.groupId = groupId;
    this.memberId = memberId;
    this.connectionId = connectionId;
    for (const at of partitions) this.#partitions.set(textOf(at), { at, mustBeTold: false });
  }

  get partitions(): TopicIdPartition[] {
    return [...this.#partitions.values()].map(({ at }) => at);
  }

  /** Takes partitions in and lets others go. */
  update(added: readonly TopicIdPartition[], forgotten: readonly TopicIdPartition[]): void {
    for (const at of added)
      if (!this.#partitions.has(textOf(at))) this.#partitions.set(textOf(at), { at, mustBeTold: true });
    for (const at of forgotten) this.#partitions.delete(textOf(at));
  }

  /** Whether a response mentions a partition. Those with records go behind the others. */
  include(at: TopicIdPartition, hasRecords: boolean, isError: boolean): boolean {
    const key = textOf(at);
    const known = this.#partitions.get(key);
    const isIncluded = hasRecords || isError || known?.mustBeTold === true;
    if (known === undefined) return isIncluded;
    known.mustBeTold = isError;
    if (hasRecords) {
      this.#partitions.delete(key);
      this.#partitions.set(key, known);
    }
    return isIncluded;
  }
}
