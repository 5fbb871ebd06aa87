/**
 * Where a follower has to cut its log, given the end of an epoch in its leader's.
 *
 * Source: kafka.server.AbstractFetcherThread.getOffsetTruncationState; KIP-101, KIP-279.
 */
import type { EpochEndOffset } from '@skarab/log';

/** The follower's log as far as this question goes. */
export interface TruncatedLog {
  readonly logEndOffset: number;
  endOffsetForEpoch(epoch: number): EpochEndOffset | null;
}

/**
 * The offset from which on `log` differs, or may differ, from the leader's, whose epoch `leader.epoch` ends at `leader.endOffset`. If the follower
 * does not know that epoch it cuts what it has of later ones, and finds out with its next fetch whether that is enough.
 */
export function truncationPoint(log: TruncatedLog, leader: EpochEndOffset): number {
  const own = log.endOffsetForEpoch(leader.epoch);
  if (own === null) return Math.min(leader.endOffset, log.logEndOffset);
  if (own.epoch !== leader.epoch) return Math.min(own.endOffset, log.logEndOffset);
  return Math.min(own.endOffset, leader.endOffset, log.logEndOffset);
}
