/**
 * The state machine above the metadata log, as raft sees it.
 *
 * Source: org.apache.kafka.raft.RaftClient.Listener.
 */
import type { Turns } from '@skarab/base';
import type { CommittedBatch } from '../core/committed-batch.ts';
import type { OffsetAndEpoch } from '../core/offset-and-epoch.ts';

/** Who leads the quorum. */
export interface LeaderAndEpoch {
  /** Null while there is none. */
  readonly leaderId: number | null;
  readonly epoch: number;
}

/** A snapshot that replaces all that was delivered before. */
export interface SnapshotContents {
  readonly id: OffsetAndEpoch;
  readonly lastContainedLogTimestampMs: number;
  /** Read as they are consumed; batches without values may be skipped. */
  readonly batches: Iterable<CommittedBatch>;
}

/** Told of everything in order, synchronously; must not throw. */
export interface RaftListener {
  /** Takes several turns where there is much in it, as batches may; nothing else is told until it is taken in. */
  handleSnapshot(snapshot: SnapshotContents): Turns<void>;
  /** The next batches. A leader gets its own control batches at once, others when they are committed; never what it appended itself. */
  handleBatches(batches: readonly CommittedBatch[]): Turns<void>;
  /** Everything before `offset` is committed, and delivered or appended by the listener itself. */
  handleHighWatermark(offset: number): void;
  /** Called for this node's own leadership only when everything committed before has been delivered. */
  handleLeaderChange(leader: LeaderAndEpoch): void;
  /** The first offset the listener does not have; asked for when this node does not lead any more. */
  readonly nextOffset: number;
}
