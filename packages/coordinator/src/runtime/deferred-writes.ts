/**
 * Writes that wait for the high watermark, in log order.
 *
 * Offsets and deadlines both grow along the queue (every write waits equally long), so its head is what commits and times out next.
 * Source: org.apache.kafka.deferred.DeferredEventQueue, CoordinatorRuntime.OperationTimeout.
 */
import { ErrorCode } from '@skarab/protocol';
import type { WriteListener } from './decision.ts';

interface DeferredWrite {
  /** Committed when the high watermark reaches it. */
  readonly offset: number;
  deadlineMs: number;
  readonly complete: WriteListener;
}

/** The queue of one shard. */
export class DeferredWrites {
  readonly #timeoutMs: number;
  #queue: DeferredWrite[] = [];
  /** The first entry that is not completed yet. */
  #head = 0;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  add(offset: number, nowMs: number, complete: WriteListener): void {
    this.#queue.push({ offset, deadlineMs: nowMs + this.#timeoutMs, complete });
  }

  /** All deadlines are so much later, or earlier. */
  shift(byMs: number): void {
    for (const write of this.#queue) write.deadlineMs += byMs;
  }

  nextDeadlineMs(): number | null {
    return this.#queue[this.#head]?.deadlineMs ?? null;
  }

  /** Completes everything up to `highWatermark`. */
  commitTo(highWatermark: number, nowMs: number): void {
    this.#completeWhile((write) => write.offset <= highWatermark, ErrorCode.NONE, nowMs);
  }

  /** Gives up on writes that have waited too long; they may still commit, but nobody is told. */
  expire(nowMs: number): void {
    this.#completeWhile((write) => write.deadlineMs <= nowMs, ErrorCode.REQUEST_TIMED_OUT, nowMs);
  }

  /** Fails every write that needs a record at `offset` or later. */
  failFrom(offset: number, error: ErrorCode, nowMs: number): void {
    const index = this.#queue.findIndex((write, at) => at >= this.#head && write.offset > offset);
    if (index < 0) return;
    for (const write of this.#queue.splice(index)) write.complete(error, nowMs);
  }

  #completeWhile(isDue: (write: DeferredWrite) => boolean, error: ErrorCode, nowMs: number): void {
    for (;;) {
      const write = this.#queue[this.#head];
      if (write === undefined || !isDue(write)) break;
      this.#head++;
      write.complete(error, nowMs);
    }
    if (this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
