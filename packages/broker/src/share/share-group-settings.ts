/**
 * How a share group is run now: what is configured for it, within the broker's bounds, else what is configured for the broker (KIP-1240).
 *
 * Source: org.apache.kafka.coordinator.group.modern.share.ShareGroupConfigProvider.
 */
import { ConfigResourceType, type DynamicBrokerConfig, type GroupConfig, resolveGroupConfig } from '@skarab/config';
import type { SharePartitionSettings } from '@skarab/coordinator';
import type { MetadataImage } from '@skarab/metadata';

/** What is configured for share groups, by group. */
export interface ShareGroupSettings extends SharePartitionSettings {
  readonly autoOffsetReset: GroupConfig['shareAutoOffsetReset'];
  readonly isReadCommitted: boolean;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly assignmentIntervalMs: number;
}

/** The settings of groups as of the newest image and the broker's present configuration. */
export function shareGroupSettings(
  config: DynamicBrokerConfig,
  image: () => MetadataImage,
): (groupId: string) => ShareGroupSettings {
  return (groupId) => {
    const overrides = image().configs.get(ConfigResourceType.GROUP, groupId);
    const group = resolveGroupConfig(overrides, config.current);
    return {
      recordLockDurationMs: group.shareRecordLockDurationMs,
      deliveryCountLimit: group.shareDeliveryCountLimit,
      maxRecordLocks: group.sharePartitionMaxRecordLocks,
      renewAcknowledgeEnable: group.shareRenewAcknowledgeEnable,
      autoOffsetReset: group.shareAutoOffsetReset,
      isReadCommitted: group.shareIsolationLevel === 'read_committed',
      sessionTimeoutMs: group.shareSessionTimeoutMs,
      heartbeatIntervalMs: group.shareHeartbeatIntervalMs,
      assignmentIntervalMs: group.shareAssignmentIntervalMs,
    };
  };
}
