/**
 * What the log takes from a topic's configuration: typed, with Kafka's defaults, exchangeable at run time.
 *
 * `Infinity` stands for Kafka's Long.MAX_VALUE ("never"). Texts come in by `parseLogConfig`; that a text is legal for its topic is
 * the caller's check, that it can be read is checked here. Source: org.apache.kafka.storage.internals.log.LogConfig.
 */
import { ConfigError } from '@skarab/base';
import type { CompressionType, TimestampType } from '@skarab/records';

/** What to store: what the producer sent, or everything in one codec. */
export type BrokerCompression = 'producer' | 'uncompressed' | Exclude<CompressionType, 'none'>;

/** The configuration of one log. */
export interface LogConfig {
  /** `segment.bytes`, or `internal.segment.bytes` where given. */
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly segmentJitterMs: number;
  /** `segment.index.bytes`: bound of each index file. */
  readonly segmentIndexBytes: number;
  /** `flush.messages`: with so many records not yet on the device, the next are visible only after a sync. */
  readonly flushMessages: number;
  readonly flushMs: number;
  /** -1: without bound. */
  readonly retentionBytes: number;
  /** -1: for ever. */
  readonly retentionMs: number;
  readonly maxMessageBytes: number;
  readonly indexIntervalBytes: number;
  readonly deleteRetentionMs: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly fileDeleteDelayMs: number;
  readonly minCleanableDirtyRatio: number;
  /** `cleanup.policy` holds `compact`. */
  readonly compact: boolean;
  /** `cleanup.policy` holds `delete`. */
  readonly delete: boolean;
  readonly compressionType: BrokerCompression;
  readonly compressionGzipLevel: number;
  readonly compressionLz4Level: number;
  readonly compressionZstdLevel: number;
  readonly preallocate: boolean;
  readonly messageTimestampType: TimestampType;
  readonly messageTimestampBeforeMaxMs: number;
  readonly messageTimestampAfterMaxMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Kafka 4.3.1's defaults. */
export const defaultLogConfig: LogConfig = {
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * DAY_MS,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  flushMessages: Number.POSITIVE_INFINITY,
  flushMs: Number.POSITIVE_INFINITY,
  retentionBytes: -1,
  retentionMs: 7 * DAY_MS,
  maxMessageBytes: 1024 * 1024 + 12,
  indexIntervalBytes: 4096,
  deleteRetentionMs: DAY_MS,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.POSITIVE_INFINITY,
  fileDeleteDelayMs: 60_000,
  minCleanableDirtyRatio: 0.5,
  compact: false,
  delete: true,
  compressionType: 'producer',
  compressionGzipLevel: -1,
  compressionLz4Level: 9,
  compressionZstdLevel: 3,
  preallocate: false,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Number.POSITIVE_INFINITY,
  messageTimestampAfterMaxMs: 60 * 60 * 1000,
};

/** How long a segment may take appends: compaction needs it closed after the maximum lag at the latest. */
export function maxSegmentMs(config: LogConfig): number {
  return config.compact && config.maxCompactionLagMs > 0
    ? Math.min(config.maxCompactionLagMs, config.segmentMs)
    : config.segmentMs;
}

const LONG_MAX = 2n ** 63n - 1n;

function parseInteger(option: string, text: string): number {
  if (!/^[+-]?\d+$/.test(text.trim())) throw new ConfigError(option, text, 'must be an integer');
  const value = BigInt(text.trim());
  return value === LONG_MAX ? Number.POSITIVE_INFINITY : Number(value);
}

function parseNumber(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new ConfigError(option, text, 'must be a number');
  return value;
}

function parseBoolean(option: string, text: string): boolean {
  const lower = text.trim().toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw new ConfigError(option, text, 'must be true or false');
  return lower === 'true';
}

const compressions: readonly BrokerCompression[] = ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'];

function parseCompression(option: string, text: string): BrokerCompression {
  const found = compressions.find((name) => name === text.trim().toLowerCase());
  if (found === undefined) throw new ConfigError(option, text, `must be one of ${compressions.join(', ')}`);
  return found;
}

function parseTimestampType(option: string, text: string): TimestampType {
  if (text !== 'CreateTime' && text !== 'LogAppendTime') {
    throw new ConfigError(option, text, 'must be CreateTime or LogAppendTime');
  }
  return text;
}

function parsePolicies(option: string, text: string): Pick<LogConfig, 'compact' | 'delete'> {
  const policies = text
    .split(',')
    .map((policy) => policy.trim().toLowerCase())
    .filter((policy) => policy !== '');
  const unknown = policies.find((policy) => policy !== 'compact' && policy !== 'delete');
  if (unknown !== undefined) throw new ConfigError(option, text, 'must be of compact and delete');
  return { compact: policies.includes('compact'), delete: policies.includes('delete') };
}

type Parse = (option: string, text: string) => Partial<LogConfig>;

const integer =
  (field: keyof LogConfig): Parse =>
  (option, text) => ({ [field]: parseInteger(option, text) });

const parsers: Readonly<Record<string, Parse>> = {
  'segment.bytes': integer('segmentBytes'),
  'segment.ms': integer('segmentMs'),
  'segment.jitter.ms': integer('segmentJitterMs'),
  'segment.index.bytes': integer('segmentIndexBytes'),
  'flush.messages': integer('flushMessages'),
  'flush.ms': integer('flushMs'),
  'retention.bytes': integer('retentionBytes'),
  'retention.ms': integer('retentionMs'),
  'max.message.bytes': integer('maxMessageBytes'),
  'index.interval.bytes': integer('indexIntervalBytes'),
  'delete.retention.ms': integer('deleteRetentionMs'),
  'min.compaction.lag.ms': integer('minCompactionLagMs'),
  'max.compaction.lag.ms': integer('maxCompactionLagMs'),
  'file.delete.delay.ms': integer('fileDeleteDelayMs'),
  'min.cleanable.dirty.ratio': (option, text) => ({ minCleanableDirtyRatio: parseNumber(option, text) }),
  'cleanup.policy': parsePolicies,
  'compression.type': (option, text) => ({ compressionType: parseCompression(option, text) }),
  'compression.gzip.level': integer('compressionGzipLevel'),
  'compression.lz4.level': integer('compressionLz4Level'),
  'compression.zstd.level': integer('compressionZstdLevel'),
  preallocate: (option, text) => ({ preallocate: parseBoolean(option, text) }),
  'message.timestamp.type': (option, text) => ({ messageTimestampType: parseTimestampType(option, text) }),
  'message.timestamp.before.max.ms': integer('messageTimestampBeforeMaxMs'),
  'message.timestamp.after.max.ms': integer('messageTimestampAfterMaxMs'),
  // Kept behind segment.bytes, which it overrides.
  'internal.segment.bytes': integer('segmentBytes'),
};

/**
 * Reads the log's share of a topic configuration; names it does not know are left to others, missing ones come from `base`.
 *
 * Errors: `ConfigError` for a text that cannot be read.
 */
export function parseLogConfig(
  texts: Readonly<Record<string, string | undefined>>,
  base: LogConfig = defaultLogConfig,
): LogConfig {
  let config = base;
  for (const [option, parse] of Object.entries(parsers)) {
    const text = texts[option];
    if (text !== undefined) config = { ...config, ...parse(option, text) };
  }
  return config;
}
