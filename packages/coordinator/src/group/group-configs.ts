/**
 * The port through which the coordinator sees what was configured for a single group, and what the broker allows it now.
 *
 * Source: org.apache.kafka.coordinator.group.GroupConfigManager, GroupConfig.
 */
import type { GroupCoordinatorConfig } from './group-coordinator-config.ts';

/** How a consumer group is run. */
export interface ConsumerGroupConfig {
  /** `consumer.session.timeout.ms` */
  readonly sessionTimeoutMs: number;
  /** `consumer.heartbeat.interval.ms` */
  readonly heartbeatIntervalMs: number;
  /** `consumer.assignment.interval.ms`: target assignments are at least this far apart. */
  readonly assignmentIntervalMs: number;
}

/** How a share group is run, as far as its membership goes. */
export interface ShareGroupConfig {
  /** `share.session.timeout.ms` */
  readonly sessionTimeoutMs: number;
  /** `share.heartbeat.interval.ms` */
  readonly heartbeatIntervalMs: number;
  /** `share.assignment.interval.ms`: target assignments are at least this far apart. */
  readonly assignmentIntervalMs: number;
}

/** How a streams group is run. */
export interface StreamsGroupConfig {
  /** `streams.session.timeout.ms` */
  readonly sessionTimeoutMs: number;
  /** `streams.heartbeat.interval.ms` */
  readonly heartbeatIntervalMs: number;
  /** `streams.num.standby.replicas` */
  readonly standbyCount: number;
  /** `streams.initial.rebalance.delay.ms`: a new group waits this long for more members. */
  readonly initialRebalanceDelayMs: number;
  /** `streams.assignment.interval.ms`: target assignments are at least this far apart. */
  readonly assignmentIntervalMs: number;
}

/** Configurations by group, as they are now. */
export interface GroupConfigs {
  consumer(groupId: string): ConsumerGroupConfig;
  share(groupId: string): ShareGroupConfig;
  streams(groupId: string): StreamsGroupConfig;
}

/** Every group is run as the broker's own configuration says. */
export function brokerGroupConfigs(config: GroupCoordinatorConfig): GroupConfigs {
  const consumer: ConsumerGroupConfig = {
    sessionTimeoutMs: config.consumerSessionTimeoutMs,
    heartbeatIntervalMs: config.consumerHeartbeatIntervalMs,
    assignmentIntervalMs: config.consumerAssignmentIntervalMs,
  };
  const share: ShareGroupConfig = {
    sessionTimeoutMs: config.shareSessionTimeoutMs,
    heartbeatIntervalMs: config.shareHeartbeatIntervalMs,
    assignmentIntervalMs: config.shareAssignmentIntervalMs,
  };
  const streams: StreamsGroupConfig = {
    sessionTimeoutMs: config.streamsSessionTimeoutMs,
    heartbeatIntervalMs: config.streamsHeartbeatIntervalMs,
    standbyCount: config.streamsNumStandbyReplicas,
    initialRebalanceDelayMs: config.streamsInitialRebalanceDelayMs,
    assignmentIntervalMs: config.streamsAssignmentIntervalMs,
  };
  return { consumer: () => consumer, share: () => share, streams: () => streams };
}
