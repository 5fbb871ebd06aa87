/**
 * The segments of a log in order of their base offsets. The last one takes the appends.
 *
 * Source: org.apache.kafka.storage.internals.log.LogSegments.
 */
import { assert } from '@skarab/base';
import type { LogSegment } from './log-segment.ts';

export class LogSegments {
  #sorted: LogSegment[] = [];
  /** Bytes of all segments but the last; null when they have changed. */
  #inactiveBytes: number | null = 0;

  get count(): number {
    return this.#sorted.length;
  }

  get isEmpty(): boolean {
    return this.#sorted.length === 0;
  }

  /** Errors: fails when there is no segment. */
  get active(): LogSegment {
    const active = this.#sorted.at(-1);
    assert(active !== undefined, 'a log without segments');
    return active;
  }

  get first(): LogSegment | undefined {
    return this.#sorted[0];
  }

  get sizeInBytes(): number {
    const active = this.#sorted.at(-1);
    if (active === undefined) return 0;
    this.#inactiveBytes ??= this.#sorted.reduce((sum, segment) => sum + segment.size, -active.size);
    return this.#inactiveBytes + active.size;
  }

  /** All segments, oldest first. */
  all(): readonly LogSegment[] {
    return this.#sorted;
  }

  /** Adds a segment or replaces the one with its base offset. */
  add(segment: LogSegment): void {
    const index = this.#floorIndex(segment.baseOffset);
    const isReplacing = index >= 0 && this.#sorted[index]!.baseOffset === segment.baseOffset;
    this.#inactiveBytes = null;
    this.#sorted = this.#sorted.toSpliced(isReplacing ? index : index + 1, isReplacing ? 1 : 0, segment);
  }

  /** Takes a segment out; returns whether it was there. */
  remove(segment: LogSegment): boolean {
    const without = this.#sorted.filter((other) => other !== segment);
    const isFound = without.length < this.#sorted.length;
    this.#inactiveBytes = null;
    this.#sorted = without;
    return isFound;
  }

  get(baseOffset: number): LogSegment | undefined {
    const floor = this.floor(baseOffset);
    return floor?.baseOffset === baseOffset ? floor : undefined;
  }

  /** The segment that `offset` is or would be in. */
  floor(offset: number): LogSegment | undefined {
    const last = this.#sorted.at(-1);
    if (last !== undefined && last.baseOffset <= offset) return last;
    return this.#sorted[this.#floorIndex(offset)];
  }

  /** The segment after the one that starts at `baseOffset`. */
  higher(baseOffset: number): LogSegment | undefined {
    return this.#sorted[this.#floorIndex(baseOffset) + 1];
  }

  lower(baseOffset: number): LogSegment | undefined {
    return this.#sorted[this.#floorIndex(baseOffset - 1)];
  }

  /** The segments that hold offsets of [from, to). */
  range(from: number, to: number): LogSegment[] {
    if (from >= to) return [];
    const start = Math.max(this.#floorIndex(from), 0);
    return this.#sorted.slice(start).filter((segment) => segment.baseOffset < to);
  }

  /** As `range` up to the active segment, which is left out. */
  inactiveFrom(from: number): LogSegment[] {
    return this.range(from, this.active.baseOffset);
  }

  /** The greatest index whose segment starts at or before `offset`, or -1. */
  #floorIndex(offset: number): number {
    let low = -1;
    let high = this.#sorted.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#sorted[middle]!.baseOffset <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
