/**
 * A log in memory with a clock that stands still: for the unit tests of this package.
 */
import { Buffer } from 'node:buffer';
import { type Clock, type StorageError, seededRandom } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { type BatchOptions, buildBatch, RecordBatch, type SimpleRecord } from '@skarab/records';
import { defaultLogConfig, type LogConfig } from '../core/log-config.ts';
import type { LogSettings } from '../core/log-environment.ts';
import type { PartitionLog } from '../core/partition-log.ts';
import type { AppendOptions, AppendResult, ReadOptions } from '../core/results.ts';
import { FileSlice } from '../file-slice.ts';
import { LogHost } from '../host/log-host.ts';
import { type OpenLogOptions, openPartitionLogNow } from '../host/open-log.ts';
import type { Storage } from '../ports.ts';
import { MemoryStorage } from './memory-storage.ts';

/** Where the time of a fixture begins. */
export const START_MS = 1_700_000_000_000;
/** The log directory of a fixture. */
export const LOG_DIR = '/data';

export interface LogFixtureOptions extends Omit<OpenLogOptions, 'config'> {
  readonly config?: Partial<LogConfig>;
  readonly settings?: Partial<LogSettings>;
  readonly storage?: Storage;
  readonly clock?: ManualClock;
  readonly tailCacheBytes?: number;
}

/** A host with its storage, and what was heard from it. */
export class LogFixture {
  readonly storage: Storage;
  readonly clock: ManualClock;
  readonly host: LogHost;
  /** `name:logEndOffset` of each time that a log's end moved. */
  readonly appended: string[] = [];
  readonly failures: { readonly logDir: string; readonly errno: string }[] = [];
  readonly #options: LogFixtureOptions;

  constructor(options: LogFixtureOptions = {}) {
    this.#options = options;
    this.clock = options.clock ?? new ManualClock(START_MS);
    this.storage = options.storage ?? new MemoryStorage({ nowMs: () => this.clock.nowMs() });
    this.storage.makeDirectory(LOG_DIR);
    this.host = new LogHost({
      storage: this.storage,
      clock: this.clock as Clock,
      random: seededRandom(1),
      settings: { transactionPartitionVerificationEnable: false, ...options.settings },
      tailCacheBytes: options.tailCacheBytes ?? 0,
      listener: { onAppended: (log) => this.appended.push(`${log.name}:${log.logEndOffset}`) },
      onLogDirFailure: (logDir, error: StorageError) => this.failures.push({ logDir, errno: error.errno }),
    });
  }

  /** Opens the log `t-0`, or another. */
  open(overrides: LogFixtureOptions = {}, name = 't-0'): PartitionLog {
    const { config, ...options } = { ...this.#options, ...overrides };
    return openPartitionLogNow(this.host, `${LOG_DIR}/${name}`, {
      ...options,
      config: { ...defaultLogConfig, ...config },
    });
  }

  /** Lets the turn of the event loop end: what is staged is written. */
  endTurn(): void {
    this.clock.runSoon();
  }

  /** Lets pending promises of storages in memory come to their ends. */
  async settle(): Promise<void> {
    for (let i = 0; i < 10; i++) {
      this.clock.runSoon();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** A batch as a producer sends it, of records with these values. */
export function batchOf(
  values: readonly string[],
  options: BatchOptions & { readonly timestamp?: number } = {},
): Uint8Array {
  const { timestamp = START_MS, ...batch } = options;
  const records: SimpleRecord[] = values.map((value) => ({
    timestamp,
    key: Buffer.from(`key-${value}`),
    value: Buffer.from(value),
  }));
  return buildBatch({ ...batch, records });
}

/** Appends records as a leader of epoch 0 and writes them. */
export function appendValues(
  fixture: LogFixture,
  log: PartitionLog,
  values: readonly string[],
  options: BatchOptions & { readonly timestamp?: number } = {},
  append: Partial<AppendOptions> = {},
): AppendResult {
  const result = log.appendAsLeader(batchOf(values, options), { leaderEpoch: 0, ...append });
  fixture.endTurn();
  return result;
}

/** The offset and value of each record that a read gives; the last batch may be cut off. */
export function readValues(log: PartitionLog, options: Partial<ReadOptions> = {}): string[] {
  const { records } = log.read({
    startOffset: log.logStartOffset,
    maxBytes: 1_000_000,
    minOneMessage: true,
    upperBound: 'logEnd',
    ...options,
  });
  return valuesOf(records instanceof FileSlice ? records.toBytes() : records);
}

/** The offset and value of each record of a log, read segment by segment. */
export function readAll(log: PartitionLog): string[] {
  const values: string[] = [];
  let offset = log.logStartOffset;
  for (;;) {
    const found = readValues(log, { startOffset: offset });
    if (found.length === 0) return values;
    values.push(...found);
    offset = Number(found.at(-1)!.split(':')[0]) + 1;
  }
}

/** The offset and value of each record in these batches. */
export function valuesOf(bytes: Uint8Array): string[] {
  const values: string[] = [];
  let position = 0;
  while (bytes.length - position >= 61) {
    const batch = new RecordBatch(bytes, position);
    if (batch.sizeInBytes > bytes.length - position) break;
    for (const { offset, value } of batch.records()) {
      values.push(`${offset}:${batch.isControlBatch ? 'marker' : Buffer.from(value ?? []).toString()}`);
    }
    position += batch.sizeInBytes;
  }
  return values;
}

/** The names in a folder. */
export function namesIn(storage: Storage, directory: string): string[] {
  return storage.list(directory).map((entry) => entry.name);
}
