/**
 * The options of the group coordinator, by Kafka's names.
 *
 * Options of the topic itself (`offsets.topic.*`) and of reading it (`offsets.load.buffer.size`) belong to the host.
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorConfig.
 */

/** How the group coordinator behaves; fixed while it runs. */
export interface GroupCoordinatorConfig {
  /** `group.min.session.timeout.ms` */
  readonly minSessionTimeoutMs: number;
  /** `group.max.session.timeout.ms` */
  readonly maxSessionTimeoutMs: number;
  /** `group.initial.rebalance.delay.ms` */
  readonly initialRebalanceDelayMs: number;
  /** `group.max.size` */
  readonly maxSize: number;
  /** `offset.metadata.max.bytes`; compared with UTF-16 units, as Kafka does. */
  readonly offsetMetadataMaxBytes: number;
  /** `offsets.retention.minutes` */
  readonly offsetsRetentionMinutes: number;
  /** `offsets.retention.check.interval.ms` */
  readonly offsetsRetentionCheckIntervalMs: number;
  /** `offsets.commit.timeout.ms`: how long any write of the coordinator may wait for its commit. */
  readonly offsetsCommitTimeoutMs: number;
  /** `group.coordinator.append.linger.ms`; -1 lets a batch wait no longer than until the host takes the effects. */
  readonly appendLingerMs: number;
  /** `group.consumer.session.timeout.ms` */
  readonly consumerSessionTimeoutMs: number;
  /** `group.consumer.heartbeat.interval.ms` */
  readonly consumerHeartbeatIntervalMs: number;
  /** `group.consumer.max.size` */
  readonly consumerMaxSize: number;
  /** `group.consumer.assignors` */
  readonly consumerAssignors: readonly string[];
  /** `group.consumer.migration.policy` */
  readonly consumerMigrationPolicy: string;
  /** `group.consumer.assignment.interval.ms` */
  readonly consumerAssignmentIntervalMs: number;
  /** `group.consumer.regex.refresh.interval.ms` */
  readonly consumerRegexRefreshIntervalMs: number;
  /** `group.share.session.timeout.ms` */
  readonly shareSessionTimeoutMs: number;
  /** `group.share.heartbeat.interval.ms` */
  readonly shareHeartbeatIntervalMs: number;
  /** `group.share.max.size` */
  readonly shareMaxSize: number;
  /** `group.share.assignment.interval.ms` */
  readonly shareAssignmentIntervalMs: number;
  /** `group.share.initialize.retry.interval.ms` */
  readonly shareInitializeRetryIntervalMs: number;
  /** `group.streams.session.timeout.ms` */
  readonly streamsSessionTimeoutMs: number;
  /** `group.streams.heartbeat.interval.ms` */
  readonly streamsHeartbeatIntervalMs: number;
  /** `group.streams.max.size` */
  readonly streamsMaxSize: number;
  /** `group.streams.num.standby.replicas` */
  readonly streamsNumStandbyReplicas: number;
  /** `group.streams.initial.rebalance.delay.ms` */
  readonly streamsInitialRebalanceDelayMs: number;
  /** `group.streams.assignment.interval.ms` */
  readonly streamsAssignmentIntervalMs: number;
}

/** The value of an option. */
export type OptionValue = number | string | readonly string[];

/** Kafka's name and default of each option. */
export const groupCoordinatorOptions: Readonly<
  Record<keyof GroupCoordinatorConfig, { readonly name: string; readonly default: OptionValue }>
> = {
  minSessionTimeoutMs: { name: 'group.min.session.timeout.ms', default: 6000 },
  maxSessionTimeoutMs: { name: 'group.max.session.timeout.ms', default: 1_800_000 },
  initialRebalanceDelayMs: { name: 'group.initial.rebalance.delay.ms', default: 3000 },
  maxSize: { name: 'group.max.size', default: 0x7fffffff },
  offsetMetadataMaxBytes: { name: 'offset.metadata.max.bytes', default: 4096 },
  offsetsRetentionMinutes: { name: 'offsets.retention.minutes', default: 7 * 24 * 60 },
  offsetsRetentionCheckIntervalMs: { name: 'offsets.retention.check.interval.ms', default: 600_000 },
  offsetsCommitTimeoutMs: { name: 'offsets.commit.timeout.ms', default: 5000 },
  appendLingerMs: { name: 'group.coordinator.append.linger.ms', default: -1 },
  consumerSessionTimeoutMs: { name: 'group.consumer.session.timeout.ms', default: 45_000 },
  consumerHeartbeatIntervalMs: { name: 'group.consumer.heartbeat.interval.ms', default: 5000 },
  consumerMaxSize: { name: 'group.consumer.max.size', default: 0x7fffffff },
  consumerAssignors: { name: 'group.consumer.assignors', default: ['uniform', 'range'] },
  consumerMigrationPolicy: { name: 'group.consumer.migration.policy', default: 'bidirectional' },
  consumerAssignmentIntervalMs: { name: 'group.consumer.assignment.interval.ms', default: 1000 },
  consumerRegexRefreshIntervalMs: { name: 'group.consumer.regex.refresh.interval.ms', default: 600_000 },
  shareSessionTimeoutMs: { name: 'group.share.session.timeout.ms', default: 45_000 },
  shareHeartbeatIntervalMs: { name: 'group.share.heartbeat.interval.ms', default: 5000 },
  shareMaxSize: { name: 'group.share.max.size', default: 200 },
  shareAssignmentIntervalMs: { name: 'group.share.assignment.interval.ms', default: 1000 },
  shareInitializeRetryIntervalMs: { name: 'group.share.initialize.retry.interval.ms', default: 30_000 },
  streamsSessionTimeoutMs: { name: 'group.streams.session.timeout.ms', default: 45_000 },
  streamsHeartbeatIntervalMs: { name: 'group.streams.heartbeat.interval.ms', default: 5000 },
  streamsMaxSize: { name: 'group.streams.max.size', default: 0x7fffffff },
  streamsNumStandbyReplicas: { name: 'group.streams.num.standby.replicas', default: 0 },
  streamsInitialRebalanceDelayMs: { name: 'group.streams.initial.rebalance.delay.ms', default: 3000 },
  streamsAssignmentIntervalMs: { name: 'group.streams.assignment.interval.ms', default: 1000 },
};

/** The configuration that `lookUp` finds by Kafka's names; the default where it finds nothing. */
export function groupCoordinatorConfigFrom(lookUp: (name: string) => OptionValue | undefined): GroupCoordinatorConfig {
  const entries = Object.entries(groupCoordinatorOptions);
  const values = entries.map(([field, option]) => [field, lookUp(option.name) ?? option.default]);
  return Object.fromEntries(values) as GroupCoordinatorConfig;
}

/** The default configuration, except for the given options. */
export function newGroupCoordinatorConfig(fields: Partial<GroupCoordinatorConfig> = {}): GroupCoordinatorConfig {
  return { ...groupCoordinatorConfigFrom(() => undefined), ...fields };
}

/** New dynamic members that were told nothing yet are dropped when their JoinGroup has been parked this long. */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000;
