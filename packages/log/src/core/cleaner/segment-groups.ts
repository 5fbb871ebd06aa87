/**
 * Which neighbouring segments become one: so that segments do not shrink to nothing by being cleaned again and again.
 *
 * Source: org.apache.kafka.storage.internals.log.Cleaner (groupSegmentsBySize).
 */
import type { SegmentToClean } from './cleaning-task.ts';

/** Bounds of a segment. */
export interface SegmentLimits {
  readonly segmentBytes: number;
  readonly segmentIndexBytes: number;
  /** The offset that nothing to be cleaned reaches. */
  readonly upperBoundOffset: number;
}

const MAX_RELATIVE_OFFSET = 0x7fffffff;

/** Groups whose segments together are within the limits as they are now; none is empty. */
export function groupSegments(segments: readonly SegmentToClean[], limits: SegmentLimits): SegmentToClean[][] {
  const groups: Group[] = [];
  for (const [index, segment] of segments.entries()) {
    // Where the next segment begins is the least that is known for certain of where this one ends.
    const lastOffset = (segments[index + 1]?.baseOffset ?? limits.upperBoundOffset) - 1;
    if (groups.at(-1)?.maybeAdd(segment, lastOffset) !== true) groups.push(new Group(segment, limits));
  }
  return groups.map((group) => group.segments);
}

class Group {
  readonly segments: SegmentToClean[];
  readonly #limits: SegmentLimits;
  readonly #baseOffset: number;
  #size: number;
  #offsetIndexSize: number;
  #timeIndexSize: number;

  constructor(first: SegmentToClean, limits: SegmentLimits) {
    this.segments = [first];
    this.#limits = limits;
    this.#baseOffset = first.baseOffset;
    this.#size = first.size;
    this.#offsetIndexSize = first.offsetIndexSize;
    this.#timeIndexSize = first.timeIndexSize;
  }

  maybeAdd(segment: SegmentToClean, lastOffset: number): boolean {
    const size = this.#size + segment.size;
    const offsetIndexSize = this.#offsetIndexSize + segment.offsetIndexSize;
    const timeIndexSize = this.#timeIndexSize + segment.timeIndexSize;
    const { segmentBytes, segmentIndexBytes } = this.#limits;
    if (size > segmentBytes || offsetIndexSize > segmentIndexBytes || timeIndexSize > segmentIndexBytes) return false;
    // An empty segment brings no offset.
    if (segment.size > 0 && lastOffset - this.#baseOffset > MAX_RELATIVE_OFFSET) return false;
    this.segments.push(segment);
    this.#size = size;
    this.#offsetIndexSize = offsetIndexSize;
    this.#timeIndexSize = timeIndexSize;
    return true;
  }
}
