/**
 * Kafka's broker settings that concern compaction, typed. Those of topics are in `LogConfig`.
 *
 * Source: org.apache.kafka.storage.internals.log.CleanerConfig.
 */
import { ConfigError } from '@skarab/base';
import type { CleaningLimits } from './cleaning-task.ts';
import { offsetMapCapacity } from './offset-map.ts';

/** The settings, by Kafka's names without `log.cleaner`. */
export interface CleanerSettings {
  /** `log.cleaner.enable` */
  readonly enable: boolean;
  /** `log.cleaner.threads`: how many logs are cleaned at the same time. */
  readonly threads: number;
  /** `log.cleaner.dedupe.buffer.size`: bytes for the offset maps of all threads. */
  readonly dedupeBufferSize: number;
  /** `log.cleaner.io.buffer.load.factor` */
  readonly ioBufferLoadFactor: number;
  /** `log.cleaner.io.buffer.size`: bytes for the buffers of all threads. */
  readonly ioBufferSize: number;
  /** `log.cleaner.io.max.bytes.per.second`: read and written by all threads together, on average. */
  readonly ioMaxBytesPerSecond: number;
  /** `log.cleaner.backoff.ms`: how long to wait when there is nothing to clean. */
  readonly backoffMs: number;
}

/** Kafka 4.3.1's defaults. */
export const defaultCleanerSettings: CleanerSettings = {
  enable: true,
  threads: 1,
  dedupeBufferSize: 128 * 1024 * 1024,
  ioBufferLoadFactor: 0.9,
  ioBufferSize: 512 * 1024,
  ioMaxBytesPerSecond: Number.MAX_VALUE,
  backoffMs: 15_000,
};

/** The settings as a broker's configuration has them. */
export interface CleanerConfigs {
  readonly 'log.cleaner.enable': boolean;
  readonly 'log.cleaner.threads': number;
  readonly 'log.cleaner.dedupe.buffer.size': number;
  readonly 'log.cleaner.io.buffer.load.factor': number;
  readonly 'log.cleaner.io.buffer.size': number;
  readonly 'log.cleaner.io.max.bytes.per.second': number;
  readonly 'log.cleaner.backoff.ms': number;
}

/** Takes the settings from a broker's configuration. Errors: `ConfigError` when no log could ever be cleaned. */
export function cleanerSettingsOf(
  get: <Name extends keyof CleanerConfigs>(name: Name) => CleanerConfigs[Name],
): CleanerSettings {
  const settings: CleanerSettings = {
    enable: get('log.cleaner.enable'),
    threads: get('log.cleaner.threads'),
    dedupeBufferSize: get('log.cleaner.dedupe.buffer.size'),
    ioBufferLoadFactor: get('log.cleaner.io.buffer.load.factor'),
    ioBufferSize: get('log.cleaner.io.buffer.size'),
    ioMaxBytesPerSecond: get('log.cleaner.io.max.bytes.per.second'),
    backoffMs: get('log.cleaner.backoff.ms'),
  };
  const { dedupeBufferBytes, loadFactor } = limitsOf(settings);
  if (offsetMapCapacity(dedupeBufferBytes, loadFactor) > 1) return settings;
  const reason =
    'offset map is too small to fit in even a single message, so log cleaning will never make progress. ' +
    'You can increase log.cleaner.dedupe.buffer.size or decrease log.cleaner.threads';
  throw new ConfigError('log.cleaner.dedupe.buffer.size', String(settings.dedupeBufferSize), reason, reason);
}

const LEAST_READ_BUFFER = 4096;
const MAX_OFFSET_MAP = 0x7fffffff;

/** The share of one of the threads. */
export function limitsOf(settings: CleanerSettings): CleaningLimits {
  const threads = Math.max(1, settings.threads);
  return {
    dedupeBufferBytes: Math.min(Math.floor(settings.dedupeBufferSize / threads), MAX_OFFSET_MAP),
    loadFactor: settings.ioBufferLoadFactor,
    // Kafka divides its buffers between reading and writing; here copies are written from where they were read.
    readBufferBytes: Math.max(Math.floor(settings.ioBufferSize / threads / 2), LEAST_READ_BUFFER),
    maxIoBytesPerSecond: settings.ioMaxBytesPerSecond / threads,
  };
}

/** What is wrong with settings that are to take the place of others while the broker runs. Errors: `ConfigError`. */
export function checkReconfiguration(current: CleanerSettings, next: CleanerSettings): void {
  const option = 'log.cleaner.threads';
  const fail = (text: string): never => {
    throw new ConfigError(option, String(next.threads), text, text);
  };
  if (next.threads < 1) fail('Log cleaner threads should be at least 1');
  if (next.threads < Math.trunc(current.threads / 2)) {
    fail(`Log cleaner threads cannot be reduced to less than half the current value ${current.threads}`);
  }
  if (next.threads > current.threads * 2) {
    fail(`Log cleaner threads cannot be increased to more than double the current value ${current.threads}`);
  }
}
