/**
 * Compaction of random logs against a model that says of every record whether it must, may or must not be there any more.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '@skarab/base';
import { type CleanerSettings, defaultCleanerSettings } from '../src/core/cleaner/cleaner-settings.ts';
import { LogCleaner } from '../src/host/cleaner/log-cleaner.ts';
import { LoopRunner } from '../src/host/cleaner/loop-runner.ts';
import type { LogConfig, PartitionLog } from '../src/index.ts';
import { LOG_DIR, LogFixture } from '../src/testing/log-fixture.ts';
import { RandomLog, type WrittenRecord } from './cleaner-random-log.ts';
import { batchesOf, readCommitted, recordsOf, type SeenRecord, stateOf } from './cleaner-view.ts';

const SEED = Number(process.env['SEED'] ?? 1);
const RUNS = Number(process.env['RUNS'] ?? 40);

function randomConfig(random: Random): Partial<LogConfig> {
  return {
    compact: true,
    delete: false,
    minCleanableDirtyRatio: 0,
    segmentBytes: 5000 + random.int(5000),
    indexIntervalBytes: random.int(2) === 0 ? 0 : random.int(1000),
    deleteRetentionMs: random.int(3) === 0 ? 0 : random.int(20_000),
    messageTimestampType: random.int(4) === 0 ? 'LogAppendTime' : 'CreateTime',
  };
}

function randomSettings(random: Random): CleanerSettings {
  const hasRoom = random.int(2) === 0;
  return {
    ...defaultCleanerSettings,
    dedupeBufferSize: hasRoom ? 100_000 : 24 * (3 + random.int(10)),
    ioBufferSize: random.int(2) === 0 ? 1 : 512 * 1024,
  };
}

/** What is known of the records of a log through its cleanings. */
class Model {
  readonly #log: PartitionLog;
  readonly #written: readonly WrittenRecord[];
  /** When a tombstone was first cleaned and stayed, by offset. */
  readonly #firstCleanedMs = new Map<number, number>();

  constructor(log: PartitionLog, written: readonly WrittenRecord[]) {
    this.#log = log;
    this.#written = written;
  }

  /** Checks the log after it was cleaned up to `endOffset`, in segments that reach to `cleanedOffset`. */
  check(endOffset: number, cleanedOffset: number, before: readonly SeenRecord[], nowMs: number): void {
    const after = recordsOf(batchesOf(this.#log));
    const kept = new Map(after.map((record) => [record.offset, record]));
    const byOffset = new Map(this.#written.map((record) => [record.offset, record]));
    for (const record of after) {
      const { status: _, ...written } = byOffset.get(record.offset)!;
      assert.deepEqual(record, written);
    }
    assert.deepEqual(
      after.map(({ offset }) => offset),
      [...kept.keys()].sort((a, b) => a - b),
    );
    const last = this.#lastOffsets(endOffset);
    for (const { offset } of before) {
      const isKept = kept.has(offset);
      assert.equal(isKept, this.#mustBeKept(byOffset.get(offset)!, endOffset, cleanedOffset, last, nowMs), `${offset}`);
      if (isKept && offset < cleanedOffset && !this.#firstCleanedMs.has(offset))
        this.#firstCleanedMs.set(offset, nowMs);
    }
  }

  /** The last offset below `endOffset` of each key, aborted data aside. */
  #lastOffsets(endOffset: number): Map<string, number> {
    const last = new Map<string, number>();
    for (const { offset, key, status } of this.#written) {
      if (offset < endOffset && status !== 'aborted') last.set(key, offset);
    }
    return last;
  }

  #mustBeKept(
    { offset, key, value, status }: WrittenRecord,
    endOffset: number,
    cleanedOffset: number,
    last: ReadonlyMap<string, number>,
    nowMs: number,
  ): boolean {
    if (offset >= cleanedOffset) return true;
    if (status === 'aborted') return false;
    if (offset >= endOffset) return true;
    if (last.get(key) !== offset) return false;
    const firstCleanedMs = this.#firstCleanedMs.get(offset);
    return (
      value !== null || firstCleanedMs === undefined || nowMs < firstCleanedMs + this.#log.config.deleteRetentionMs
    );
  }
}

async function runOne(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const config = randomConfig(random);
  const fixture = new LogFixture({ config, tailCacheBytes: random.int(2) * 1_000_000 });
  const { host, clock, storage } = fixture;
  const log = fixture.open();
  const logs = [log];
  const cleaner = new LogCleaner(
    {
      ...{ clock, storage, logger: host.logger, logs: () => logs, onlineDirectories: () => [LOG_DIR] },
      onStorageError: (_logDir, error) => assert.fail(error),
    },
    { settings: randomSettings(random), random, runner: new LoopRunner(storage, clock) },
  );
  const writer = new RandomLog(random, log, {
    keyCount: 1 + random.int(20),
    nowMs: () => clock.nowMs(),
    endTurn: () => fixture.endTurn(),
  });
  const model = new Model(log, writer.records);
  for (let round = 0; round < 6; round++) {
    writer.write(random.int(120));
    if (random.int(2) === 0) writer.endAll();
    if (random.int(3) === 0) log.roll();
    log.updateHighWatermark(Math.max(log.highWatermark, log.logEndOffset - random.int(10)));
    clock.advance(random.int(15_000));
    const before = recordsOf(batchesOf(log));
    const stateBefore = stateOf(readCommitted(log, 1 + random.int(10_000)));
    const endOffset = log.logEndOffset;
    const isCleaned = await cleaner.cleanFilthiest();
    const cleanEnd = cleaner.firstDirtyOffset(log) ?? 0;
    const cleanedOffset = log.state.segments.all().find(({ baseOffset }) => baseOffset >= cleanEnd)!.baseOffset;
    if (isCleaned) model.check(cleanEnd, cleanedOffset, before, clock.nowMs());
    assert.deepEqual(stateOf(readCommitted(log, 1 + random.int(10_000))), stateBefore);
    assert.equal(log.logEndOffset, endOffset);
    assert.deepEqual(cleaner.uncleanableLogs(), []);
  }
  checkReload(fixture, log);
}

/** Loaded again, with indexes and producers made anew from the batches, the log is the same. */
function checkReload(fixture: LogFixture, log: PartitionLog): void {
  const producers = (of: PartitionLog) =>
    of
      .activeProducers()
      .filter(({ lastDataOffset }) => lastDataOffset >= 0)
      .map(({ producerId, producerEpoch, lastSequence, lastDataOffset, currentTxnStartOffset }) => ({
        ...{ producerId, producerEpoch, lastSequence, lastDataOffset, currentTxnStartOffset },
      }))
      .sort((a, b) => a.producerId - b.producerId);
  const [producersBefore, endOffset] = [producers(log), log.logEndOffset];
  log.updateHighWatermark(endOffset);
  const seen = readCommitted(log, 10_000);
  log.abandon();
  for (const { name } of fixture.storage.list(log.directory)) {
    if (name.endsWith('.snapshot')) fixture.storage.delete(`${log.directory}/${name}`);
  }
  const loaded = fixture.open({ isClean: false });
  assert.equal(loaded.logEndOffset, endOffset);
  loaded.updateHighWatermark(endOffset);
  assert.deepEqual(producers(loaded), producersBefore);
  assert.deepEqual(readCommitted(loaded, 10_000), seen);
}

test('what compaction keeps, and what it lets go', async () => {
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    try {
      await runOne(seed);
    } catch (error) {
      console.log(`SEED=${seed}`);
      throw error;
    }
  }
});
