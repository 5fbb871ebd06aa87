/**
 * The undo log behind every collection whose changes must be taken back when a write fails.
 *
 * Each change is stamped with the log offset of the record that caused it (or of the next record, for a change without one):
 * ```
 *      stamps < committed        committed <= stamps < next         next
 *   ── gone from the log ──┼── kept, can be undone, newest last ──┼── stamp of the change made now
 * ```
 * A change is committed once the high watermark lies above its stamp. Readers see either the newest state or the committed one
 * (`TimelineMap`). Not thread-safe by design: one input at a time. Source: org.apache.kafka.timeline.SnapshotRegistry.
 */
import { assert } from '@skarab/base';

/** One reversible change of a collection. */
export interface TimelineChange {
  /** Takes the change back; called newest first. */
  revert(): void;
  /** Forgets how to take it back; called oldest first. */
  commit(): void;
}

/** Orders the uncommitted changes of all collections of one shard. */
export class Timeline {
  readonly #changes: TimelineChange[] = [];
  readonly #stamps: number[] = [];
  #head = 0;
  #committed = 0;
  #next = 0;

  /** Everything stamped below is committed. */
  get committedOffset(): number {
    return this.#committed;
  }

  /** The stamp of a change made now: the offset of the next record. */
  get nextOffset(): number {
    return this.#next;
  }

  /** How many changes could still be taken back. */
  get uncommittedCount(): number {
    return this.#changes.length - this.#head;
  }

  /** Moves the stamp of new changes forward. */
  advanceTo(nextOffset: number): void {
    assert(nextOffset >= this.#next, `timeline cannot advance from ${this.#next} to ${nextOffset}`);
    this.#next = nextOffset;
  }

  /** Whether a change made now can be taken back: not so while replaying records that are committed already. */
  get isTracking(): boolean {
    return this.#next >= this.#committed;
  }

  /** Notes a change made now; only while `isTracking`. */
  record(change: TimelineChange): void {
    this.#changes.push(change);
    this.#stamps.push(this.#next);
  }

  /** Commits every change stamped below `offset`; an offset below the last one is ignored. */
  commitTo(offset: number): void {
    if (offset <= this.#committed) return;
    this.#committed = offset;
    while (this.#head < this.#stamps.length && this.#stamps[this.#head]! < offset)
      this.#changes[this.#head++]!.commit();
    if (this.#head * 2 > this.#changes.length) {
      this.#changes.splice(0, this.#head);
      this.#stamps.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Takes back every change stamped `offset` or above, newest first, and stamps from there again. */
  revertTo(offset: number): void {
    assert(offset >= this.#committed, `timeline cannot revert to ${offset} below the committed ${this.#committed}`);
    assert(offset <= this.#next, `timeline cannot revert forward from ${this.#next} to ${offset}`);
    while (this.#stamps.length > this.#head && this.#stamps[this.#stamps.length - 1]! >= offset) {
      this.#stamps.pop();
      this.#changes.pop()!.revert();
    }
    this.#next = offset;
  }
}
