/**
 * The records of `__share_group_state`, and their makers.
 *
 * Source: org.apache.kafka.coordinator.share.ShareCoordinatorRecordHelpers.
 */
import {
  newShareSnapshotValue,
  newShareSnapshotValueStateBatch,
  newShareUpdateValue,
  newShareUpdateValueStateBatch,
  type ShareSnapshotValue,
  type ShareUpdateValue,
} from '@skarab/protocol';
import type { SharePartitionKey } from '../share-partition-key.ts';
import type { ShareGroupOffset } from '../state/share-group-offset.ts';

/** The whole state of a key; a null value ends the key. */
export interface ShareSnapshotRecord {
  readonly type: 'shareSnapshot';
  readonly key: SharePartitionKey;
  readonly value: ShareSnapshotValue | null;
}

/** What has changed since the last snapshot or update. */
export interface ShareUpdateRecord {
  readonly type: 'shareUpdate';
  readonly key: SharePartitionKey;
  readonly value: ShareUpdateValue;
}

/** Everything that can be replayed. */
export type ShareRecord = ShareSnapshotRecord | ShareUpdateRecord;

/** The whole of a key's state. */
export function shareSnapshotRecord(key: SharePartitionKey, offset: ShareGroupOffset): ShareSnapshotRecord {
  const { snapshotEpoch, stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount } = offset;
  return {
    type: 'shareSnapshot',
    key,
    value: newShareSnapshotValue({
      snapshotEpoch,
      stateEpoch,
      leaderEpoch,
      startOffset,
      deliveryCompleteCount,
      createTimestamp: offset.createTimestampMs,
      writeTimestamp: offset.writeTimestampMs,
      stateBatches: offset.stateBatches.map(newShareSnapshotValueStateBatch),
    }),
  };
}

/** A change of a key's state; neither state epoch nor times are part of it. */
export function shareUpdateRecord(
  key: SharePartitionKey,
  change: Omit<ShareGroupOffset, 'stateEpoch' | 'createTimestampMs' | 'writeTimestampMs'>,
): ShareUpdateRecord {
  const { snapshotEpoch, leaderEpoch, startOffset, deliveryCompleteCount } = change;
  return {
    type: 'shareUpdate',
    key,
    value: newShareUpdateValue({
      snapshotEpoch,
      leaderEpoch,
      startOffset,
      deliveryCompleteCount,
      stateBatches: change.stateBatches.map(newShareUpdateValueStateBatch),
    }),
  };
}

/** The end of a key. */
export function shareStateTombstone(key: SharePartitionKey): ShareSnapshotRecord {
  return { type: 'shareSnapshot', key, value: null };
}
