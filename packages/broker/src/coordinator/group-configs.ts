/**
 * How groups are run: the coordinator's own options from the broker's configuration, and how each consumer or streams group is run now (what is configured for
 * it, within the broker's bounds, else what is configured for the broker).
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorConfig, GroupConfigManager.
 */
import { type BrokerConfig, ConfigResourceType, type DynamicBrokerConfig, resolveGroupConfig } from '@skarab/config';
import {
  type ConsumerGroupConfig,
  type GroupConfigs,
  type GroupCoordinatorConfig,
  groupCoordinatorConfigFrom,
} from '@skarab/coordinator';
import type { MetadataImage } from '@skarab/metadata';

/** The group coordinator's options; LONGs are numbers there. */
export function groupCoordinatorConfigOf({ values }: BrokerConfig): GroupCoordinatorConfig {
  return groupCoordinatorConfigFrom((name) => {
    const value = values.raw(name);
    if (typeof value === 'bigint') return Number(value);
    if (Array.isArray(value)) return value.map(String);
    return typeof value === 'number' || typeof value === 'string' ? value : undefined;
  });
}

/** The configurations of groups as of the newest image and the broker's present configuration. */
export function groupConfigsOf(config: DynamicBrokerConfig, image: () => MetadataImage): GroupConfigs {
  return {
    consumer: (groupId) => {
      const overrides = image().configs.get(ConfigResourceType.GROUP, groupId);
      return overrides.size === 0 ? ofBroker(config.current) : ofGroup(overrides, config.current);
    },
    share: (groupId) => {
      const group = resolveGroupConfig(image().configs.get(ConfigResourceType.GROUP, groupId), config.current);
      return {
        sessionTimeoutMs: group.shareSessionTimeoutMs,
        heartbeatIntervalMs: group.shareHeartbeatIntervalMs,
        assignmentIntervalMs: group.shareAssignmentIntervalMs,
      };
    },
    streams: (groupId) => {
      const group = resolveGroupConfig(image().configs.get(ConfigResourceType.GROUP, groupId), config.current);
      return {
        sessionTimeoutMs: group.streamsSessionTimeoutMs,
        heartbeatIntervalMs: group.streamsHeartbeatIntervalMs,
        standbyCount: group.streamsNumStandbyReplicas,
        initialRebalanceDelayMs: group.streamsInitialRebalanceDelayMs,
        assignmentIntervalMs: group.streamsAssignmentIntervalMs,
      };
    },
  };
}

function ofBroker(broker: BrokerConfig): ConsumerGroupConfig {
  return {
    sessionTimeoutMs: broker.get('group.consumer.session.timeout.ms'),
    heartbeatIntervalMs: broker.get('group.consumer.heartbeat.interval.ms'),
    assignmentIntervalMs: broker.get('group.consumer.assignment.interval.ms'),
  };
}

function ofGroup(overrides: ReadonlyMap<string, string>, broker: BrokerConfig): ConsumerGroupConfig {
  const group = resolveGroupConfig(overrides, broker);
  return {
    sessionTimeoutMs: group.consumerSessionTimeoutMs,
    heartbeatIntervalMs: group.consumerHeartbeatIntervalMs,
    assignmentIntervalMs: group.consumerAssignmentIntervalMs,
  };
}
