import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendValues, LogFixture, START_MS } from '../../testing/log-fixture.ts';
import type { LogConfig } from '../log-config.ts';
import { assessLog, filthiest, type LogToClean, needsCleaning } from './log-to-clean.ts';

/** A compacted log with segments at 0, 2 and 4, of which the last takes the appends; one record a second. */
function logOf(config: Partial<LogConfig> = {}) {
  const fixture = new LogFixture({ config: { compact: true, delete: false, ...config } });
  const log = fixture.open();
  for (let i = 0; i < 5; i++) {
    if (i > 0 && i % 2 === 0) log.roll();
    appendValues(fixture, log, [`${i}`], { timestamp: START_MS + 1000 * i });
  }
  log.updateHighWatermark(log.logEndOffset);
  return { fixture, log, size: log.state.segments.first!.size };
}

const summary = ({ log: _, ...rest }: LogToClean) => rest;

test('a log that was never cleaned is dirty from its start to the segment that takes the appends', () => {
  const { log, size } = logOf();
  assert.deepEqual(summary(assessLog(log, null, START_MS)), {
    firstDirtyOffset: 0,
    upperBoundOffset: 4,
    cleanBytes: 0,
    cleanableBytes: 2 * size,
    cleanableRatio: 1,
    compactionDelayMs: 0,
    isCheckpointInvalid: false,
  });
});

test('what is before the checkpoint is clean; a segment across it is both', () => {
  const { log, size } = logOf();
  const at = (checkpoint: number) => {
    const { firstDirtyOffset, cleanBytes, cleanableBytes, cleanableRatio } = assessLog(log, checkpoint, START_MS);
    return [firstDirtyOffset, cleanBytes / size, cleanableBytes / size, cleanableRatio];
  };
  assert.deepEqual(at(2), [2, 1, 1, 0.5]);
  assert.deepEqual(at(3), [3, 2, 1, 1 / 3]);
  assert.deepEqual(at(4), [4, 2, 0, 0]);
});

test('a checkpoint outside of the log counts for nothing', () => {
  const { log } = logOf();
  log.maybeIncrementLogStartOffset(1);
  for (const checkpoint of [0, 6]) {
    const { firstDirtyOffset, isCheckpointInvalid } = assessLog(log, checkpoint, START_MS);
    assert.deepEqual([firstDirtyOffset, isCheckpointInvalid], [1, true]);
  }
  assert.equal(assessLog(log, 5, START_MS).isCheckpointInvalid, false);
});

test('nothing beyond the last stable offset is cleaned, in whole segments', () => {
  const { log, fixture } = logOf();
  const bound = () => assessLog(log, null, START_MS).upperBoundOffset;
  log.updateHighWatermark(3);
  assert.equal(bound(), 2);
  log.updateHighWatermark(2);
  assert.equal(bound(), 2);
  log.updateHighWatermark(1);
  assert.equal(bound(), 0);
  const open = logOf();
  appendValues(open.fixture, open.log, ['x'], {
    ...{ producerId: 1, producerEpoch: 0, baseSequence: 0, isTransactional: true },
  });
  open.log.roll();
  appendValues(open.fixture, open.log, ['y']);
  open.log.updateHighWatermark(open.log.logEndOffset);
  assert.equal(assessLog(open.log, null, START_MS).upperBoundOffset, 4);
  assert.ok(fixture !== open.fixture);
});

test('min.compaction.lag.ms keeps young segments', () => {
  const { log } = logOf({ minCompactionLagMs: 10_000 });
  const bound = (nowMs: number) => assessLog(log, null, START_MS + nowMs).upperBoundOffset;
  assert.deepEqual([bound(10_999), bound(11_000), bound(12_999), bound(13_000)], [0, 2, 2, 4]);
});

test('max.compaction.lag.ms makes cleaning due whatever the ratio', () => {
  const { log } = logOf({ maxCompactionLagMs: 10_000, minCleanableDirtyRatio: 1 });
  const at = (checkpoint: number, nowMs: number) => {
    const candidate = assessLog(log, checkpoint, START_MS + nowMs);
    return [candidate.compactionDelayMs, needsCleaning(candidate)];
  };
  // The time of the first batch of a segment counts, and 0 stands for none.
  assert.deepEqual(at(0, 10_000), [0, false]);
  assert.deepEqual(at(0, 10_001), [1, true]);
  assert.deepEqual(at(2, 12_500), [500, true]);
  assert.deepEqual(at(4, 60_000), [0, false]);
});

test('the ratio must be exceeded; the dirtiest log goes first', () => {
  const { log } = logOf({ minCleanableDirtyRatio: 0.5 });
  const half = assessLog(log, 2, START_MS);
  const all = assessLog(log, 0, START_MS);
  assert.deepEqual([needsCleaning(half), needsCleaning(all)], [false, true]);
  assert.equal(filthiest([half]), null);
  assert.equal(filthiest([half, all, { ...all, cleanableRatio: 0.9 }]), all);
});
