/**
 * Finds the offsets of a group whose retention is over.
 *
 * Offsets of subscribed topics and of open transactions stay. Source: OffsetMetadataManager.cleanupExpiredOffsets, OffsetExpirationConditionImpl.
 */
import type { Group, RetentionBase } from '../group.ts';
import { type GroupRecord, offsetCommitTombstone } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { OffsetAndMetadata } from './offset-and-metadata.ts';

/** The expired offsets' tombstones, and whether nothing is left then. */
export interface Expiry {
  readonly tombstones: readonly GroupRecord[];
  readonly isNothingLeft: boolean;
}

/** What expires in `group` now. */
export function expireOffsets(parts: ShardParts, group: Group, nowMs: number): Expiry {
  const { offsets, config } = parts;
  const { groupId } = group;
  const byTopic = offsets.committed.ofGroup(groupId);
  const hasPending = offsets.hasPendingInGroup(groupId);
  if (byTopic === undefined) return { tombstones: [], isNothingLeft: !hasPending };
  const base = group.retentionBase();
  if (base === null) return { tombstones: [], isNothingLeft: false };
  const retentionMs = config.offsetsRetentionMinutes * 60_000;
  const tombstones: GroupRecord[] = [];
  let isAnyLeft = false;
  for (const [topic, partitions] of byTopic) {
    const isSubscribed = group.isSubscribedToTopic(topic);
    for (const [partition, offset] of partitions) {
      const isExpired =
        !isSubscribed && isOver(offset, base, retentionMs, nowMs) && !offsets.hasPending(groupId, topic, partition);
      if (isExpired) tombstones.push(offsetCommitTombstone(groupId, topic, partition));
      else isAnyLeft = true;
    }
  }
  return { tombstones, isNothingLeft: !isAnyLeft && !hasPending };
}

function isOver(offset: OffsetAndMetadata, base: RetentionBase, retentionMs: number, nowMs: number): boolean {
  if (offset.expireTimestampMs !== null) return BigInt(nowMs) >= offset.expireTimestampMs;
  return nowMs - base(offset) >= retentionMs;
}
