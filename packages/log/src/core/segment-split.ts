/**
 * Splitting a segment whose offsets are further from its base than its indexes can say: what old brokers left (KAFKA-6264).
 *
 * ```
 *  0.log [0 … 2^31+5 …]     ─►     0.log.cleaned [0 …]   2147483653.log.cleaned [2^31+5 …]
 * ```
 * The bytes stay as they are; so does what comes after the last whole batch, which recovery then cuts off. The first new segment begins where
 * the old one did, even if no batch is left for it: then the swap of files, which takes the place of what begins in its range, takes that
 * of the old segment. Knows files only; the exchange is the callers' business. Shape: steps.
 * Source: org.apache.kafka.storage.internals.log.LocalLog (splitOverflowedSegment).
 */
import type { Storage } from '../ports.ts';
import { readInt64 } from './big-endian.ts';
import { CleanedSegmentWriter } from './cleaner/cleaned-segment-writer.ts';
import type { LogConfig } from './log-config.ts';
import type { LogSegment } from './log-segment.ts';
import type { Steps } from './steps.ts';
import { eachWholeBatch } from './whole-batches.ts';

/** Thrown where a segment must be split before it can be gone on with. */
export class SegmentOverflow extends Error {
  override readonly name = 'SegmentOverflow';
  readonly segment: LogSegment;

  constructor(segment: LogSegment, offset: number) {
    super(`Offset ${offset} cannot be expressed in the indexes of ${segment.log.path}`);
    this.segment = segment;
  }
}

/** Where the new segments are written. */
export interface SplitTarget {
  readonly storage: Storage;
  readonly directory: string;
  readonly config: LogConfig;
  readonly nowMs: number;
}

/** Writes the segments that a segment is split into, `.cleaned` and not synced. Errors: `StorageError`; nothing is left behind then. */
export function* splitSegment(segment: LogSegment, target: SplitTarget): Steps<readonly CleanedSegmentWriter[]> {
  const split = new Split(segment, target);
  try {
    const end = yield* eachWholeBatch(segment.log, 0, segment.size, (batch, _position, size, bytes, at) => {
      // A message of an older format says its last offset only.
      const lastOffset = batch?.lastOffset ?? readInt64(bytes, at);
      split.append(bytes.subarray(at, at + size), batch?.baseOffset ?? lastOffset, lastOffset);
      return true;
    });
    yield* split.appendRest(end);
    split.complete();
  } catch (error) {
    for (const writer of split.writers) writer.delete();
    throw error;
  }
  return split.writers;
}

/** Whether the last offset of a segment is further from its base than its indexes can say. Errors: `CorruptDataError`, `StorageError`. */
export function hasOverflow(segment: LogSegment): boolean {
  const nextOffset = segment.readNextOffset();
  return nextOffset > segment.baseOffset && !segment.offsetIndex.canAppendOffset(nextOffset - 1);
}

class Split {
  readonly writers: CleanedSegmentWriter[] = [];
  readonly #segment: LogSegment;
  readonly #target: SplitTarget;

  constructor(segment: LogSegment, target: SplitTarget) {
    this.#segment = segment;
    this.#target = target;
    this.#begin(segment.baseOffset);
  }

  append(bytes: Uint8Array, baseOffset: number, lastOffset: number): void {
    if (!this.#last.canAppendOffset(lastOffset)) this.#begin(baseOffset);
    this.#last.append([bytes]);
  }

  /** Copies what is no whole batch. */
  *appendRest(position: number): Steps<void> {
    const { log, size } = this.#segment;
    const buffer = new Uint8Array(Math.min(1 << 20, size - position));
    for (let at = position; at < size; ) {
      const target = buffer.subarray(0, Math.min(buffer.length, size - at));
      const length = yield { file: log, target, position: at };
      if (length === 0) return;
      this.#last.appendDamaged(target.subarray(0, length));
      at += length;
    }
  }

  /** Gives each segment the aborted transactions whose markers it has, and completes the indexes. */
  complete(): void {
    const txns = this.#segment.txnIndex.all();
    for (const [index, writer] of this.writers.entries()) {
      const end = this.writers[index + 1]?.baseOffset ?? Number.POSITIVE_INFINITY;
      writer.appendAborted(txns.filter(({ lastOffset }) => lastOffset >= writer.baseOffset && lastOffset < end));
      writer.complete();
    }
  }

  get #last(): CleanedSegmentWriter {
    return this.writers.at(-1)!;
  }

  #begin(baseOffset: number): void {
    this.writers.push(new CleanedSegmentWriter({ ...this.#target, baseOffset }));
  }
}
