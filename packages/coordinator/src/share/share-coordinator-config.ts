/**
 * The options of the share coordinator, by Kafka's names.
 *
 * Options of the topic itself (`share.coordinator.state.topic.*` but for pruning) belong to the host.
 * Source: org.apache.kafka.coordinator.share.ShareCoordinatorConfig.
 */

/** How the share coordinator behaves; fixed while it runs. */
export interface ShareCoordinatorConfig {
  /** `share.coordinator.snapshot.update.records.per.snapshot` */
  readonly snapshotUpdateRecordsPerSnapshot: number;
  /** `share.coordinator.write.timeout.ms` */
  readonly writeTimeoutMs: number;
  /** `share.coordinator.append.linger.ms`; -1 lets a batch wait no longer than until the host takes the effects. */
  readonly appendLingerMs: number;
  /** `share.coordinator.state.topic.prune.interval.ms` */
  readonly pruneIntervalMs: number;
  /** `share.coordinator.cold.partition.snapshot.interval.ms` */
  readonly coldPartitionSnapshotIntervalMs: number;
}

/** Kafka's name and default of each option. */
export const shareCoordinatorOptions: Readonly<
  Record<keyof ShareCoordinatorConfig, { readonly name: string; readonly default: number }>
> = {
  snapshotUpdateRecordsPerSnapshot: {
    name: 'share.coordinator.snapshot.update.records.per.snapshot',
    default: 500,
  },
  writeTimeoutMs: { name: 'share.coordinator.write.timeout.ms', default: 5000 },
  appendLingerMs: { name: 'share.coordinator.append.linger.ms', default: -1 },
  pruneIntervalMs: { name: 'share.coordinator.state.topic.prune.interval.ms', default: 300_000 },
  coldPartitionSnapshotIntervalMs: {
    name: 'share.coordinator.cold.partition.snapshot.interval.ms',
    default: 300_000,
  },
};

/** The configuration that `lookUp` finds by Kafka's names; the default where it finds nothing. */
export function shareCoordinatorConfigFrom(lookUp: (name: string) => number | undefined): ShareCoordinatorConfig {
  const entries = Object.entries(shareCoordinatorOptions);
  const values = entries.map(([field, option]) => [field, lookUp(option.name) ?? option.default]);
  return Object.fromEntries(values) as ShareCoordinatorConfig;
}

/** The default configuration, except for the given options. */
export function newShareCoordinatorConfig(fields: Partial<ShareCoordinatorConfig> = {}): ShareCoordinatorConfig {
  return { ...shareCoordinatorConfigFrom(() => undefined), ...fields };
}
