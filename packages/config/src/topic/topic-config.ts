/**
 * The configuration that is in force for a topic: its own, else the broker's, else Kafka's default.
 *
 * What the log, partitions and the controller read; `served-topic-configs.ts` says who acts on what. Source: LogConfig.
 */
import type { BrokerConfig } from '../broker/broker-config.ts';
import { topicConfigDef } from '../config-def.ts';
import { ConfigValues } from '../config-values.ts';
import type { TopicConfigValues } from '../generated/topic-configs.ts';
import { parseThrottledReplicas, type ThrottledReplica } from '../throttled-replicas.ts';
import { topicDefaults } from './topic-defaults.ts';

/** What `compression.type` asks for; `producer` keeps what the producer chose. */
export type BrokerCompressionType = 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** The effective configuration of a topic. Long.MAX_VALUE and the like are Number.MAX_SAFE_INTEGER. */
export interface TopicConfig {
  /** The largest segment file; internal.segment.bytes before segment.bytes. */
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly segmentJitterMs: number;
  readonly segmentIndexBytes: number;
  /** Records after which the log is flushed. */
  readonly flushMessages: number;
  readonly flushMs: number;
  /** -1 is without limit. */
  readonly retentionBytes: number;
  /** -1 is without limit. */
  readonly retentionMs: number;
  readonly maxMessageBytes: number;
  readonly indexIntervalBytes: number;
  readonly deleteRetentionMs: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly fileDeleteDelayMs: number;
  readonly minCleanableDirtyRatio: number;
  /** cleanup.policy contains `compact`. */
  readonly compact: boolean;
  /** cleanup.policy contains `delete`. */
  readonly delete: boolean;
  readonly uncleanLeaderElectionEnable: boolean;
  readonly minInsyncReplicas: number;
  readonly compressionType: BrokerCompressionType;
  /** Of gzip, lz4 and zstd as configured (gzip's -1 is its own default); undefined for other types. */
  readonly compressionLevel: number | undefined;
  readonly preallocate: boolean;
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime';
  readonly messageTimestampBeforeMaxMs: number;
  readonly messageTimestampAfterMaxMs: number;
  /** Replicas that their leaders serve slowly, and those that follow slowly. */
  readonly leaderThrottledReplicas: ThrottledReplicas;
  readonly followerThrottledReplicas: ThrottledReplicas;
}

/** All replicas of a topic, or single ones. */
export type ThrottledReplicas = '*' | readonly ThrottledReplica[];

/**
 * The effective configuration of a topic with the given overrides; names that are not topic configurations are passed over.
 *
 * Errors: ConfigError, which cannot happen for overrides that passed validateTopicConfigs with this broker.
 */
export function resolveTopicConfig(overrides: ReadonlyMap<string, string>, broker: BrokerConfig): TopicConfig {
  const values = topicValues(overrides, broker);
  const cleanupPolicy = values.get('cleanup.policy');
  const compressionType = values.get('compression.type') as BrokerCompressionType;
  return {
    segmentBytes: values.get('internal.segment.bytes') ?? values.get('segment.bytes'),
    segmentMs: values.get('segment.ms'),
    segmentJitterMs: values.get('segment.jitter.ms'),
    segmentIndexBytes: values.get('segment.index.bytes'),
    flushMessages: values.get('flush.messages'),
    flushMs: values.get('flush.ms'),
    retentionBytes: values.get('retention.bytes'),
    retentionMs: values.get('retention.ms'),
    maxMessageBytes: values.get('max.message.bytes'),
    indexIntervalBytes: values.get('index.interval.bytes'),
    deleteRetentionMs: values.get('delete.retention.ms'),
    minCompactionLagMs: values.get('min.compaction.lag.ms'),
    maxCompactionLagMs: values.get('max.compaction.lag.ms'),
    fileDeleteDelayMs: values.get('file.delete.delay.ms'),
    minCleanableDirtyRatio: values.get('min.cleanable.dirty.ratio'),
    compact: cleanupPolicy.includes('compact'),
    delete: cleanupPolicy.includes('delete'),
    uncleanLeaderElectionEnable: values.get('unclean.leader.election.enable'),
    minInsyncReplicas: values.get('min.insync.replicas'),
    compressionType,
    compressionLevel: compressionLevelOf(compressionType, values),
    preallocate: values.get('preallocate'),
    messageTimestampType: values.get('message.timestamp.type') as TopicConfig['messageTimestampType'],
    messageTimestampBeforeMaxMs: values.get('message.timestamp.before.max.ms'),
    messageTimestampAfterMaxMs: values.get('message.timestamp.after.max.ms'),
    leaderThrottledReplicas: parseThrottledReplicas(values.get('leader.replication.throttled.replicas')) ?? [],
    followerThrottledReplicas: parseThrottledReplicas(values.get('follower.replication.throttled.replicas')) ?? [],
  };
}

/** All values of a topic by name. Errors: ConfigError. */
export function topicValues(
  overrides: ReadonlyMap<string, string>,
  broker: BrokerConfig,
): ConfigValues<TopicConfigValues> {
  return new ConfigValues(topicConfigDef.parse(new Map([...topicDefaults(broker), ...overrides])));
}

function compressionLevelOf(type: BrokerCompressionType, values: ConfigValues<TopicConfigValues>): number | undefined {
  if (type !== 'gzip' && type !== 'lz4' && type !== 'zstd') return undefined;
  return values.get(`compression.${type}.level`);
}
