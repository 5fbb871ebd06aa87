/**
 * Up to where the log of one partition of `__share_group_state` holds nothing that the last snapshots do not say again.
 *
 * ```
 *   key 1:  s0 u1 u2 s3            key 2:  s4
 *   needed: s3, s4     =>  offsets below 3 can be deleted
 * ```
 * Keeps the offset of the last snapshot of every key. Source: org.apache.kafka.coordinator.share.ShareCoordinatorOffsetsManager.
 */
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';

/** The one key of the map that holds the limit: a value on the timeline. */
const LIMIT = 'limit';

/** The last snapshot of every key. */
export class RedundantOffsets {
  readonly #offsets: TimelineMap<string, number>;
  readonly #limit: TimelineMap<typeof LIMIT, number>;

  constructor(timeline: Timeline) {
    this.#offsets = new TimelineMap(timeline);
    this.#limit = new TimelineMap(timeline);
  }

  /** A snapshot of `key`, or its end, stands at `offset`. */
  onSnapshot(key: string, offset: number, isEnd: boolean): void {
    const limit = Math.min(this.#limit.get(LIMIT) ?? offset, offset);
    this.#offsets.set(key, offset);
    this.#limit.set(LIMIT, this.#oldestNeeded(limit));
    if (isEnd) this.#offsets.delete(key);
  }

  #oldestNeeded(limit: number): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const offset of this.#offsets.values()) {
      oldest = Math.min(oldest, offset);
      // Nothing can be older than the present limit.
      if (oldest === limit) break;
    }
    return oldest;
  }

  /** The first offset that is needed; null while that is the first of all. */
  get firstNeeded(): number | null {
    const limit = this.#limit.get(LIMIT) ?? 0;
    return limit <= 0 ? null : limit;
  }
}
