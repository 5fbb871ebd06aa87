/**
 * One value with two faces: the newest, and the one as of the last commit.
 *
 * Source: org.apache.kafka.timeline.TimelineObject.
 */
import type { Timeline, TimelineChange } from './timeline.ts';

/** A value on a timeline. */
export class TimelineValue<V> {
  readonly #timeline: Timeline;
  #current: V;
  /** What was there before each uncommitted change, oldest first. */
  #previous: V[] = [];

  constructor(timeline: Timeline, initial: V) {
    this.#timeline = timeline;
    this.#current = initial;
  }

  get(): V {
    return this.#current;
  }

  /** The value as of the last commit. */
  getCommitted(): V {
    return this.#previous.length === 0 ? this.#current : this.#previous[0]!;
  }

  set(value: V): void {
    if (value === this.#current) return;
    if (this.#timeline.isTracking) {
      this.#previous.push(this.#current);
      this.#timeline.record(this.#change);
    }
    this.#current = value;
  }

  readonly #change: TimelineChange = {
    revert: () => {
      this.#current = this.#previous.pop()!;
    },
    commit: () => {
      this.#previous.shift();
    },
  };
}
