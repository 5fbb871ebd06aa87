/**
 * Compaction on storage that fails at every step and then loses power: whatever is left is a log with the same content.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import type { LogConfig, PartitionLog } from '../src/index.ts';
import { FaultyStorage, type StorageOperation } from '../src/testing/index.ts';
import { LOG_DIR, LogFixture, namesIn } from '../src/testing/log-fixture.ts';
import { cleanerOf } from './cleaner-fixture.ts';
import { RandomLog } from './cleaner-random-log.ts';
import { readCommitted, stateOf } from './cleaner-view.ts';

const config: Partial<LogConfig> = {
  ...{ compact: true, delete: false, minCleanableDirtyRatio: 0, segmentBytes: 6000, indexIntervalBytes: 500 },
};

/** A log whose records are all durable. */
async function durableLog(seed: number): Promise<{ storage: FaultyStorage; fixture: LogFixture; log: PartitionLog }> {
  const storage = new FaultyStorage(seededRandom(seed), { nowMs: () => 1_700_000_000_000 });
  const fixture = new LogFixture({ storage, config });
  const log = fixture.open();
  const writer = new RandomLog(seededRandom(9), log, {
    keyCount: 10,
    nowMs: () => fixture.clock.nowMs(),
    endTurn: () => fixture.endTurn(),
  });
  writer.write(60);
  writer.endAll();
  log.roll();
  log.flush();
  await fixture.settle();
  await storage.syncDirectory(LOG_DIR);
  log.updateHighWatermark(log.logEndOffset);
  return { storage, fixture, log };
}

/** Lets the cleaning fail at its n-th operation of a kind, cuts the power, and looks at what is left; false when it did not get so far. */
async function failAt(operation: StorageOperation, n: number, seed: number): Promise<boolean> {
  const { storage, fixture, log } = await durableLog(seed);
  const expected = stateOf(readCommitted(log, 10_000));
  const { logEndOffset } = log;
  storage.fail({ operation, errno: 'EIO', after: n });
  await cleanerOf(fixture, [log]).cleanFilthiest();
  await fixture.settle();
  const hasFailed = fixture.failures.length > 0;
  storage.crash();

  const after = new LogFixture({ storage, config });
  const recoveryPoint = seed % 2 === 0 ? logEndOffset : 0;
  const loaded = after.open({ isClean: false, recoveryPoint });
  loaded.updateHighWatermark(loaded.logEndOffset);
  const context = `${operation} ${n}, seed ${seed}`;
  assert.equal(loaded.logEndOffset, logEndOffset, context);
  assert.deepEqual(stateOf(readCommitted(loaded, 10_000)), expected, context);
  assert.deepEqual(
    namesIn(storage, loaded.directory).filter((name) => /\.(cleaned|swap|deleted)$/.test(name)),
    [],
  );
  for (const segment of loaded.state.segments.all()) assert.ok(loaded.read(readAt(segment.baseOffset)));
  const cleaner = cleanerOf(after, [loaded]);
  await cleaner.cleanFilthiest();
  assert.deepEqual(stateOf(readCommitted(loaded, 10_000)), expected, context);
  assert.deepEqual([cleaner.uncleanableLogs(), after.failures], [[], []], context);
  return hasFailed;
}

const readAt = (startOffset: number) => ({
  ...{ startOffset, maxBytes: 1, minOneMessage: true, upperBound: 'logEnd' as const },
});

for (const operation of ['write', 'truncate', 'sync', 'rename', 'delete', 'create', 'read'] as const) {
  test(`nothing is lost when cleaning fails at any ${operation} and then the power does`, async () => {
    let failures = 0;
    for (let n = 0; ; n++) {
      const hasFailed = await failAt(operation, n, 2 * n);
      await failAt(operation, n, 2 * n + 1);
      if (!hasFailed) break;
      failures++;
    }
    if (operation !== 'truncate') assert.ok(failures > 0, 'no such operation took place');
  });
}
