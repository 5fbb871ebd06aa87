/**
 * The contract between the runtime and a state machine over one partition, and what the runtime lends to it.
 *
 * Source: org.apache.kafka.coordinator.common.runtime.CoordinatorShard, CoordinatorTimer, CoordinatorRecordSerde.
 */
import type { Logger } from '@skarab/base';
import type { Verdict } from './decision.ts';
import type { Timeline } from './timeline.ts';

/** Where a replayed record comes from. */
export interface ReplaySource {
  readonly offset: number;
  /** -1 unless the record is part of a transaction. */
  readonly producerId: number;
}

/** A state machine whose hard state is what its log says. `U` is its record. */
export interface CoordinatorShard<U> {
  /** Applies one record to the hard state; the only place that changes it. */
  replay(record: U, source: ReplaySource): void;
  /** The end of a producer's transaction is in the log. */
  replayEndTransactionMarker(producerId: number, isCommit: boolean): void;
  /** The whole log has been replayed: arm timers. */
  onLoaded(nowMs: number): void;
  /** The partition is led by somebody else now: answer everything that is parked. */
  onUnloaded(nowMs: number): void;
}

/** Bytes of one record. */
export interface EncodedRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** Turns records to bytes and back. */
export interface CoordinatorRecordSerde<U> {
  encode(record: U): EncodedRecord;
  /** The record, or the number of a record type that this version does not know. Errors: `CorruptDataError`. */
  decode(key: Uint8Array, value: Uint8Array | null): U | number;
}

/** What a timer does when it is due: a write like any other. */
export type TimerOperation<U> = (nowMs: number) => Verdict<null, U>;

/** The timers of one shard; all are gone when it is unloaded. */
export interface ShardTimers<U> {
  /** In place of an older timer of the same key. A failed write is tried again after `retryBackoffMs`, or given up when it is null. */
  schedule(key: string, deadlineMs: number, retryBackoffMs: number | null, operation: TimerOperation<U>): void;
  cancel(key: string): void;
  isScheduled(key: string): boolean;
}

/** What the runtime lends to a shard. */
export interface ShardEnvironment<U> {
  readonly partition: number;
  /** The epoch in which this broker leads the partition now. */
  readonly leaderEpoch: () => number;
  readonly timeline: Timeline;
  readonly timers: ShardTimers<U>;
  readonly logger: Logger;
}
