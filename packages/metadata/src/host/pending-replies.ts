/**
 * Replies that wait until what they are based on is committed.
 *
 * Source: org.apache.kafka.deferred.DeferredEventQueue.
 */

interface PendingReply {
  /** The last offset the reply is based on. */
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Replies in the order of their offsets. */
export class PendingReplies {
  #replies: PendingReply[] = [];

  /** The highest offset somebody waits for, or -1. */
  get highestOffset(): number {
    return this.#replies.at(-1)?.offset ?? -1;
  }

  /** Offsets must not decrease from call to call. */
  add(offset: number, resolve: () => void, reject: (error: Error) => void): void {
    this.#replies.push({ offset, resolve, reject });
  }

  /** Everything up to and including `offset` is committed. */
  completeUpTo(offset: number): void {
    const count = this.#replies.findIndex((reply) => reply.offset > offset);
    for (const { resolve } of this.#replies.splice(0, count === -1 ? this.#replies.length : count)) resolve();
  }

  /** Nothing more will be committed. */
  failAll(error: Error): void {
    for (const { reject } of this.#replies.splice(0)) reject(error);
  }
}
