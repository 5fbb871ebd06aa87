/**
 * A topic's configuration as the log takes it.
 */
import type { BrokerConfig, TopicConfig } from '@skarab/config';
import { defaultLogConfig, type LogConfig, type LogSettings, type UpkeepIntervals } from '@skarab/log';

/** Everything from here on is "never". */
const NEVER = Number.MAX_SAFE_INTEGER;

/** Translates; Kafka's Long.MAX_VALUE becomes Infinity. */
export function logConfigOf(topic: TopicConfig): LogConfig {
  const { compressionType, compressionLevel } = topic;
  const level = (type: string, fallback: number): number =>
    compressionType === type ? (compressionLevel ?? fallback) : fallback;
  return {
    segmentBytes: topic.segmentBytes,
    segmentMs: bounded(topic.segmentMs),
    segmentJitterMs: topic.segmentJitterMs,
    segmentIndexBytes: topic.segmentIndexBytes,
    flushMessages: bounded(topic.flushMessages),
    flushMs: bounded(topic.flushMs),
    retentionBytes: topic.retentionBytes,
    retentionMs: bounded(topic.retentionMs),
    maxMessageBytes: topic.maxMessageBytes,
    indexIntervalBytes: topic.indexIntervalBytes,
    deleteRetentionMs: topic.deleteRetentionMs,
    minCompactionLagMs: topic.minCompactionLagMs,
    maxCompactionLagMs: bounded(topic.maxCompactionLagMs),
    fileDeleteDelayMs: topic.fileDeleteDelayMs,
    minCleanableDirtyRatio: topic.minCleanableDirtyRatio,
    compact: topic.compact,
    delete: topic.delete,
    compressionType,
    compressionGzipLevel: level('gzip', defaultLogConfig.compressionGzipLevel),
    compressionLz4Level: level('lz4', defaultLogConfig.compressionLz4Level),
    compressionZstdLevel: level('zstd', defaultLogConfig.compressionZstdLevel),
    preallocate: topic.preallocate,
    messageTimestampType: topic.messageTimestampType,
    messageTimestampBeforeMaxMs: bounded(topic.messageTimestampBeforeMaxMs),
    messageTimestampAfterMaxMs: bounded(topic.messageTimestampAfterMaxMs),
  };
}

/** The broker's settings that concern logs as such. */
export function logSettingsOf(broker: BrokerConfig): LogSettings {
  return {
    producerIdExpirationMs: broker.get('producer.id.expiration.ms'),
    transactionMaxTimeoutMs: broker.get('transaction.max.timeout.ms'),
    transactionPartitionVerificationEnable: broker.get('transaction.partition.verification.enable'),
  };
}

/** How often logs are looked after. */
export function upkeepIntervalsOf(broker: BrokerConfig): Partial<UpkeepIntervals> {
  const flushCheckMs = broker.get('log.flush.scheduler.interval.ms');
  return {
    retentionCheckMs: broker.get('log.retention.check.interval.ms'),
    ...(flushCheckMs < NEVER && { flushCheckMs }),
    recoveryPointCheckpointMs: broker.get('log.flush.offset.checkpoint.interval.ms'),
    logStartOffsetCheckpointMs: broker.get('log.flush.start.offset.checkpoint.interval.ms'),
    highWatermarkCheckpointMs: broker.get('replica.high.watermark.checkpoint.interval.ms'),
    producerExpirationCheckMs: broker.get('producer.id.expiration.check.interval.ms'),
    initialDelayMs: broker.get('log.initial.task.delay.ms'),
  };
}

function bounded(value: number): number {
  return value >= NEVER ? Number.POSITIVE_INFINITY : value;
}
