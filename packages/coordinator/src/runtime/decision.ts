/**
 * What a decider returns: records to append and a response that waits for them, or a refusal.
 *
 * Shape: decider and replayer. Source: org.apache.kafka.coordinator.common.runtime.CoordinatorResult.
 */
import type { ErrorCode } from '@skarab/protocol';

/** The outcome of a decider. `U` is the shard's record. */
export interface Decision<R, U> {
  readonly kind: 'decision';
  readonly records: readonly U[];
  /** Given to the caller once the records (and everything written before) are committed. */
  readonly response: R;
  /**
   * Whether the records are replayed when they are appended. False where the decider has changed its state itself and the record is a
   * checkpoint of it (classic group metadata): then `onWritten` must put right what a failed write leaves behind.
   */
  readonly replayRecords: boolean;
  /** Whether all the records must go into one batch. */
  readonly isAtomic: boolean;
  /** Called once, before the response: NONE when the records are committed, else why they are not (or not known to be). */
  readonly onWritten: WriteListener | null;
}

/** Told how a write ended. */
export type WriteListener = (error: ErrorCode, nowMs: number) => void;

/** The request failed: no records, and the caller learns it at once. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly error: ErrorCode;
  /** Why, in words for the caller, where its response has room for them. */
  readonly message: string | null;
}

/** Everything a decider may return. */
export type Verdict<R, U> = Decision<R, U> | Refusal;

/** Appends and replays `records`, all in one batch, then answers. */
export function decided<R, U>(records: readonly U[], response: R): Decision<R, U> {
  return { kind: 'decision', records, response, replayRecords: true, isAtomic: true, onWritten: null };
}

/** As `decided`, without an answer and over as many batches as it takes. */
export function decidedInParts<U>(records: readonly U[]): Decision<null, U> {
  return { kind: 'decision', records, response: null, replayRecords: true, isAtomic: false, onWritten: null };
}

/** As `decided`, with somebody else to be told how the write ended. */
export function decidedWith<R, U>(records: readonly U[], response: R, onWritten: WriteListener): Decision<R, U> {
  return { ...decided(records, response), onWritten };
}

/** Appends `records` as a checkpoint of state that has changed already. */
export function checkpointed<R, U>(
  records: readonly U[],
  response: R,
  onWritten: WriteListener | null,
): Decision<R, U> {
  return { kind: 'decision', records, response, replayRecords: false, isAtomic: true, onWritten };
}

/** Answers once everything written before is committed. */
export function answered<R>(response: R): Decision<R, never> {
  return { kind: 'decision', records: [], response, replayRecords: false, isAtomic: true, onWritten: null };
}

/** Answers with an error at once. */
export function refused(error: ErrorCode, message: string | null = null): Refusal {
  return { kind: 'refusal', error, message };
}

/** Does nothing more; the responses, if any, go their own way. */
export const nothing: Decision<null, never> = answered(null);
