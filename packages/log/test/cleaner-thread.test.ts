/**
 * Cleaning in threads, over files of the platform.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { type Logger, StorageError, seededRandom, silentLogger, systemClock } from '@skarab/base';
import { buildBatch } from '@skarab/records';
import { defaultCleanerSettings } from '../src/core/cleaner/cleaner-settings.ts';
import { LogCleaner } from '../src/host/cleaner/log-cleaner.ts';
import { LoopRunner } from '../src/host/cleaner/loop-runner.ts';
import type { CleaningRunner, CommitCleaned } from '../src/host/cleaner/run-cleaning.ts';
import { ThreadRunner, type ThreadRunnerOptions } from '../src/host/cleaner/thread-runner.ts';
import { DiskStorage, defaultLogConfig, LogHost, openPartitionLogNow, type PartitionLog } from '../src/index.ts';
import { batchesOf, recordsOf } from './cleaner-view.ts';

const root = mkdtempSync(join(tmpdir(), 'skarab-cleaner-'));
after(() => rmSync(root, { recursive: true, force: true }));

const neverOnLoop: CleaningRunner = {
  run: () => assert.fail('cleaned on the loop'),
  close: async () => {},
};

/** A log on disk with three segments, of which the first two have many values for few keys. */
async function logOnDisk(): Promise<{ log: PartitionLog; host: LogHost; logDir: string }> {
  const logDir = mkdtempSync(join(root, 'data-'));
  const host = new LogHost({ storage: new DiskStorage(), clock: systemClock, random: seededRandom(1) });
  const config = { ...defaultLogConfig, compact: true, delete: false, segmentBytes: 200_000 };
  const log = openPartitionLogNow(host, `${logDir}/t-0`, { config });
  for (let i = 0; log.segmentCount < 3; i++) {
    const records = Array.from({ length: 10 }, (_, j) => ({
      timestamp: Date.now(),
      key: Buffer.from(`key ${(10 * i + j) % 100}`),
      value: Buffer.from(`value ${i} ${j} `.repeat(50)),
    }));
    log.appendAsLeader(buildBatch({ records, compression: i % 2 === 0 ? 'none' : 'lz4' }), { leaderEpoch: 0 });
    host.writer.flushStaged();
  }
  log.updateHighWatermark(log.logEndOffset);
  return { log, host, logDir };
}

function cleanerOf(
  { log, host, logDir }: Awaited<ReturnType<typeof logOnDisk>>,
  runner: CleaningRunner,
  logger: Logger = silentLogger,
): LogCleaner {
  return new LogCleaner(
    {
      ...{ clock: systemClock, storage: host.storage, logger },
      logs: () => [log],
      onlineDirectories: () => [logDir],
      onStorageError: (dir, error) => host.onStorageError(dir, error),
    },
    { settings: defaultCleanerSettings, runner },
  );
}

function threadRunner(t: TestContext, options: Partial<ThreadRunnerOptions> = {}): ThreadRunner {
  const runner = new ThreadRunner({ loop: neverOnLoop, logger: silentLogger, leastBytes: 0, ...options });
  t.after(() => runner.close());
  return runner;
}

test('a thread cleans what the loop would, and takes another log after that', async (t) => {
  const runner = threadRunner(t);
  const seen: unknown[] = [];
  for (const by of [runner, runner, new LoopRunner(new DiskStorage(), systemClock)]) {
    const made = await logOnDisk();
    const { log, logDir } = made;
    for (const segment of log.state.segments.all()) utimesSync(segment.log.path, 1_600_000_000, 1_600_000_000);
    const cleaner = cleanerOf(made, by);
    assert.equal(await cleaner.cleanFilthiest(), true);
    const records = recordsOf(batchesOf(log)).map(({ offset, key, value }) => [offset, key, value]);
    const first = log.state.segments.first!;
    seen.push([records, log.segmentBaseOffsets, first.size, first.offsetIndex.sizeInBytes]);
    assert.equal(statSync(first.log.path).mtimeMs, 1_600_000_000_000);
    assert.deepEqual(
      readdirSync(`${logDir}/t-0`).filter((name) => /cleaned|swap/.test(name)),
      [],
    );
    await cleaner.stop();
  }
  assert.deepEqual(seen[0], seen[2]);
  assert.deepEqual(seen[1], seen[2]);
});

test('a thread is told to stop, and stops', async (t) => {
  const made = await logOnDisk();
  const runner = threadRunner(t);
  const stopping: CleaningRunner = {
    run: (task, commit, signal) => {
      const commitTooLate: CommitCleaned = (cleaned) => {
        void cleaner.abortCleaning(made.log.topicPartition);
        return commit(cleaned);
      };
      return runner.run(task, commitTooLate, signal);
    },
    close: () => runner.close(),
  };
  const cleaner = cleanerOf(made, stopping);
  const before = made.log.segmentBaseOffsets;
  assert.equal(await cleaner.cleanFilthiest(), false);
  assert.deepEqual(made.log.segmentBaseOffsets, before);
  assert.deepEqual(
    readdirSync(`${made.logDir}/t-0`).filter((name) => /cleaned|swap/.test(name)),
    [],
  );
});

test('what goes wrong in a thread comes back as what it is', async (t) => {
  const runner = threadRunner(t);
  const failureOf = async (spoil: (log: PartitionLog) => void, wrap?: CommitCleaned): Promise<unknown> => {
    const made = await logOnDisk();
    let failure: unknown;
    const spoiled: CleaningRunner = {
      run: async (task, commit, signal) => {
        spoil(made.log);
        return runner.run(task, wrap ?? commit, signal).catch((error: unknown) => {
          failure = error;
          throw error;
        });
      },
      close: async () => {},
    };
    assert.equal(await cleanerOf(made, spoiled).cleanFilthiest(), false);
    return failure;
  };
  const missing = await failureOf((log) => rmSync(log.state.segments.first!.log.path));
  assert.ok(missing instanceof StorageError && missing.errno === 'ENOENT');
  const damaged = await failureOf(({ state }) => state.segments.first!.log.write([Buffer.from('damage')], 100));
  assert.match(String(damaged), /CorruptDataError: Record is corrupt/);
  const rejected = await failureOf(
    () => {},
    () => Promise.reject(new StorageError('/data', 'EROFS', 'read only')),
  );
  assert.ok(rejected instanceof StorageError && rejected.errno === 'EROFS');
});

test('without threads, and for small logs, the loop does it', async (t) => {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_fields, message) => void warnings.push(message) };
  const missing = new URL('./no-such-thread.ts', import.meta.url);
  for (const options of [{ entry: missing }, { entry: missing, leastBytes: 10_000_000 }]) {
    const made = await logOnDisk();
    const loop = new LoopRunner(made.host.storage, systemClock);
    const cleaner = cleanerOf(made, threadRunner(t, { loop, logger, ...options }));
    assert.equal(await cleaner.cleanFilthiest(), true);
  }
  assert.deepEqual(warnings, ['cleaning logs on the event loop, because threads cannot be made']);
});
