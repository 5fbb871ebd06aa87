/**
 * New snapshots of states that have not had one for long: they hold back the pruning of the log in front of busier ones.
 *
 * Source: ShareCoordinatorShard.snapshotColdPartitions.
 */
import { type Decision, decided } from '../../runtime/decision.ts';
import { type ShareRecord, shareSnapshotRecord } from '../records/share-record.ts';
import type { ShareStateShard } from '../share-state-shard.ts';

/** Decides the snapshots of all states whose last one is older than the interval, unless every state has a cold snapshot already. */
export function snapshotColdPartitions(shard: ShareStateShard, nowMs: number): Decision<null, ShareRecord> {
  const states = [...shard.states()];
  const isQuiet = states.every(({ offset }) => offset.createTimestampMs !== offset.writeTimestampMs);
  if (isQuiet) return decided([], null);
  const now = BigInt(nowMs);
  const records = states
    .filter(({ offset }) => now - offset.writeTimestampMs >= BigInt(shard.config.coldPartitionSnapshotIntervalMs))
    .map(({ key, offset }) =>
      shareSnapshotRecord(key, { ...offset, snapshotEpoch: offset.snapshotEpoch + 1, writeTimestampMs: now }),
    );
  return decided(records, null);
}
