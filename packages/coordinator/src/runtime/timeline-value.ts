/**
 * One value with two faces: the newest, and the one as of the last commit.
 *
 * Source: org.apache.kafka.timeline.TimelineObject.
 */
import type { Timeline, TimelineChange } from './timeline.ts';

/** A value on a timeline. */
export class TimelineValue<V> implements TimelineChange {
  readonly #timeline: Timeline;
  #current: V;
  /** What was there before each uncommitted change, oldest first; null when there are none. */
  #previous: V[] | null = null;

  constructor(timeline: Timeline, initial: V) {
    this.#timeline = timeline;
    this.#current = initial;
  }

  get(): V {
    return this.#current;
  }

  /** The value as of the last commit. */
  getCommitted(): V {
    return this.#previous === null ? this.#current : this.#previous[0]!;
  }

  set(value: V): void {
    if (value === this.#current) return;
    if (this.#timeline.isTracking) {
      this.#previous ??= [];
      this.#previous.push(this.#current);
      this.#timeline.record(this);
    }
    this.#current = value;
  }

  /** For the timeline only: undoes the newest change. */
  revert(): void {
    this.#current = this.#previous!.pop()!;
    this.#forgetNone();
  }

  /** For the timeline only: forgets the oldest change. */
  commit(): void {
    this.#previous!.shift();
    this.#forgetNone();
  }

  #forgetNone(): void {
    if (this.#previous!.length === 0) this.#previous = null;
  }
}
