/**
 * The cleaner among its logs: when it cleans, what it remembers, and what happens when logs change under it.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { type Clock, type LogFields, type Logger, StorageError, silentLogger } from '@skarab/base';
import type { CleaningOutcome, CleaningTask } from '../src/core/cleaner/cleaning-task.ts';
import { LoopRunner } from '../src/host/cleaner/loop-runner.ts';
import type { CleaningRunner, CommitCleaned } from '../src/host/cleaner/run-cleaning.ts';
import type { LogConfig, PartitionLog } from '../src/index.ts';
import { appendValues, LOG_DIR, LogFixture, namesIn, readValues } from '../src/testing/log-fixture.ts';
import { cleanerOf } from './cleaner-fixture.ts';

const compacted: Partial<LogConfig> = { compact: true, delete: false, minCleanableDirtyRatio: 0 };

/** A log with three segments of two records each: of the keys a and b, and of the key of the segment. */
function fill(fixture: LogFixture, log: PartitionLog): void {
  for (let i = 0; i < 3; i++) {
    if (i > 0) log.roll();
    appendValues(fixture, log, ['a', `${i}`]);
  }
  log.updateHighWatermark(log.logEndOffset);
}

function checkpointText({ storage }: LogFixture): string {
  return Buffer.from(storage.readFile(`${LOG_DIR}/cleaner-offset-checkpoint`) ?? []).toString();
}

/** A runner that stops before each commit until it is told to go on. */
class SteppedRunner implements CleaningRunner {
  readonly #loop: LoopRunner;
  #release: (() => void) | null = null;

  constructor({ storage, clock }: LogFixture) {
    this.#loop = new LoopRunner(storage, clock);
  }

  run(task: CleaningTask, commit: CommitCleaned, signal: AbortSignal): Promise<CleaningOutcome> {
    const stepped: CommitCleaned = async (cleaned) => {
      await new Promise<void>((resolve) => {
        this.#release = resolve;
      });
      return commit(cleaned);
    };
    return this.#loop.run(task, stepped, signal);
  }

  async close(): Promise<void> {}

  /** Waits until a commit is due. */
  async arrived(): Promise<void> {
    while (this.#release === null) await new Promise((resolve) => setImmediate(resolve));
  }

  goOn(): void {
    this.#release?.();
    this.#release = null;
  }
}

test('a log is cleaned, keeps its offsets and files, and is not cleaned again', async () => {
  const fixture = new LogFixture({ config: compacted });
  const log = fixture.open();
  fill(fixture, log);
  const [, second] = log.state.segments.all();
  fixture.storage.setModifiedMs(second!.log.path, 1_600_000_000_000);
  const cleaner = cleanerOf(fixture, [log]);
  assert.equal(await cleaner.cleanFilthiest(), true);
  assert.deepEqual(readValues(log), ['1:0', '2:a', '3:1']);
  assert.deepEqual(readValues(log, { startOffset: 4 }), ['4:a', '5:2']);
  assert.deepEqual(log.segmentBaseOffsets, [0, 4]);
  assert.equal(log.state.segments.first!.modifiedMs, 1_600_000_000_000);
  assert.equal(cleaner.firstDirtyOffset(log), 4);
  await cleaner.stop();
  assert.equal(checkpointText(fixture), '0\n1\nt 0 4\n');
  assert.equal(await cleaner.cleanFilthiest(), false);
  fixture.clock.advance(log.config.fileDeleteDelayMs);
  await fixture.settle();
  assert.deepEqual(
    namesIn(fixture.storage, log.directory).filter((name) => !name.endsWith('.snapshot')),
    [
      '00000000000000000000.index',
      '00000000000000000000.log',
      '00000000000000000000.timeindex',
      '00000000000000000004.index',
      '00000000000000000004.log',
      '00000000000000000004.timeindex',
      'leader-epoch-checkpoint',
    ],
  );
});

test('readers that hold a piece of an old segment read on', async () => {
  const fixture = new LogFixture({ config: compacted });
  const log = fixture.open();
  fill(fixture, log);
  const before = readValues(log);
  const { records } = log.read({ startOffset: 0, maxBytes: 1000, minOneMessage: true, upperBound: 'logEnd' });
  await cleanerOf(fixture, [log]).cleanFilthiest();
  assert.ok(records instanceof Uint8Array);
  assert.equal(before.length, 2);
  assert.equal(records.length, 87);
});

test('the checkpoint is read again; entries of logs that are gone are dropped; one that cannot be read is ignored', async () => {
  const fixture = new LogFixture({ config: compacted });
  const log = fixture.open();
  fill(fixture, log);
  const path = `${LOG_DIR}/cleaner-offset-checkpoint`;
  fixture.storage.replaceFile(path, Buffer.from('0\n2\nt 0 4\ngone 3 9\n'));
  const cleaner = cleanerOf(fixture, [log]);
  assert.equal(cleaner.firstDirtyOffset(log), 4);
  assert.equal(await cleaner.cleanFilthiest(), false);
  await cleaner.stop();
  assert.equal(checkpointText(fixture), '0\n1\nt 0 4\n');
  fixture.storage.replaceFile(path, Buffer.from('what?'));
  assert.equal(cleanerOf(fixture, [log]).firstDirtyOffset(log), null);
});

test('a checkpoint beyond the log is corrected', async () => {
  const fixture = new LogFixture({ config: { ...compacted, minCleanableDirtyRatio: 1 } });
  const log = fixture.open();
  fill(fixture, log);
  fixture.storage.replaceFile(`${LOG_DIR}/cleaner-offset-checkpoint`, Buffer.from('0\n1\nt 0 7\n'));
  const cleaner = cleanerOf(fixture, [log]);
  assert.equal(await cleaner.cleanFilthiest(), false);
  assert.equal(cleaner.firstDirtyOffset(log), 0);
});

test('a log that is cut while it is cleaned stays as it is', async () => {
  const fixture = new LogFixture({ config: compacted });
  const log = fixture.open();
  fill(fixture, log);
  const runner = new SteppedRunner(fixture);
  const cleaner = cleanerOf(fixture, [log], { runner });
  const cleaning = cleaner.cleanFilthiest();
  await runner.arrived();
  assert.equal(cleaner.isCleaning(log), true);
  log.truncateTo(3);
  cleaner.onCut(log);
  const idle = cleaner.abortCleaning(log.topicPartition);
  runner.goOn();
  assert.equal(await cleaning, false);
  await idle;
  assert.deepEqual(readValues(log, { startOffset: 0 }), ['0:a', '1:0']);
  assert.equal(log.logEndOffset, 3);
  assert.deepEqual(
    namesIn(fixture.storage, log.directory).filter((name) => /cleaned|swap/.test(name)),
    [],
  );
  assert.equal(cleaner.firstDirtyOffset(log), null);
  assert.deepEqual(cleaner.uncleanableLogs(), []);
});

test('cutting a log makes what comes in its place dirty', async () => {
  const fixture = new LogFixture({ config: compacted });
  const log = fixture.open();
  fill(fixture, log);
  const cleaner = cleanerOf(fixture, [log]);
  await cleaner.cleanFilthiest();
  assert.equal(cleaner.firstDirtyOffset(log), 4);
  log.truncateTo(5);
  cleaner.onCut(log);
  assert.equal(cleaner.firstDirtyOffset(log), 4);
  log.truncateTo(3);
  cleaner.onCut(log);
  assert.equal(cleaner.firstDirtyOffset(log), 0);
});

test('a log that is cut, moved, closed or loses segments without a word to the cleaner stays as it is, too', async () => {
  const changes: ((fixture: LogFixture, log: PartitionLog) => void)[] = [
    (_fixture, log) => log.truncateTo(5),
    ({ storage }, log) => {
      storage.rename(log.directory, `${LOG_DIR}/t-0.00112233445566778899aabbccddeeff-delete`);
      log.relocate(`${LOG_DIR}/t-0.00112233445566778899aabbccddeeff-delete`);
    },
    (_fixture, log) => log.abandon(),
    (_fixture, log) => {
      log.maybeIncrementLogStartOffset(2);
      log.deleteOldSegments();
    },
  ];
  for (const change of changes) {
    const fixture = new LogFixture({ config: compacted });
    const log = fixture.open();
    fill(fixture, log);
    const runner = new SteppedRunner(fixture);
    const cleaner = cleanerOf(fixture, [log], { runner });
    const cleaning = cleaner.cleanFilthiest();
    await runner.arrived();
    change(fixture, log);
    const before = log.segmentBaseOffsets;
    runner.goOn();
    assert.equal(await cleaning, false);
    assert.deepEqual(log.segmentBaseOffsets, before);
    assert.deepEqual(
      [cleaner.firstDirtyOffset(log), cleaner.uncleanableLogs(), fixture.failures],
      [null, [], []],
      change.toString(),
    );
  }
});

test('cleaning can be paused and resumed', async () => {
  const fixture = new LogFixture({ config: compacted });
  const log = fixture.open();
  fill(fixture, log);
  const cleaner = cleanerOf(fixture, [log]);
  await cleaner.abortAndPauseCleaning(log.topicPartition);
  assert.equal(await cleaner.cleanFilthiest(), false);
  cleaner.resumeCleaning(log.topicPartition);
  assert.equal(await cleaner.cleanFilthiest(), true);
});

test('checkpoints follow logs that are removed and moved, and are given up with their directory', async () => {
  const fixture = new LogFixture({ config: compacted });
  fixture.storage.makeDirectory('/other');
  const log = fixture.open();
  fill(fixture, log);
  const cleaner = cleanerOf(fixture, [log]);
  await cleaner.cleanFilthiest();
  cleaner.onMoved(log.topicPartition, LOG_DIR, '/other');
  assert.equal(cleaner.firstDirtyOffset(log), null);
  await cleaner.cleanFilthiest();
  cleaner.onRemoved(log.topicPartition, LOG_DIR);
  assert.equal(cleaner.firstDirtyOffset(log), null);
  await cleaner.stop();
  assert.equal(checkpointText(fixture), '0\n0\n');
  cleaner.onLogDirFailure(LOG_DIR);
  await cleaner.cleanFilthiest();
  assert.equal(cleaner.firstDirtyOffset(log), null);
});

test('a log with damaged data is left alone, and said so', async () => {
  const fixture = new LogFixture({ config: compacted });
  const [damaged, sound] = [fixture.open({}, 't-0'), fixture.open({}, 't-1')];
  fill(fixture, damaged);
  fill(fixture, sound);
  const file = damaged.state.segments.first!.log;
  const bytes = new Uint8Array(1);
  file.read(bytes, 70);
  file.write([bytes.map((byte) => byte ^ 1)], 70);
  const lines: string[] = [];
  const note = (_fields: LogFields, message: string): void => void lines.push(message);
  const logger: Logger = { ...silentLogger, error: note, child: () => logger };
  const cleaner = cleanerOf(fixture, [damaged, sound], { logger });
  assert.deepEqual([await cleaner.cleanFilthiest(), await cleaner.cleanFilthiest()], [false, true]);
  assert.deepEqual(cleaner.uncleanableLogs(), [damaged]);
  assert.equal(cleaner.uncleanableBytes(LOG_DIR), 2 * 87);
  assert.deepEqual(lines, ['a log cannot be cleaned and is left alone']);
  assert.equal(await cleaner.cleanFilthiest(), false);
  assert.deepEqual(fixture.failures, []);
});

test('when storage fails the log directory goes offline', async () => {
  const fixture = new LogFixture({ config: compacted });
  const log = fixture.open();
  fill(fixture, log);
  const failing: CleaningRunner = {
    run: async () => {
      throw new StorageError(log.directory, 'EIO', 'input/output error');
    },
    close: async () => {},
  };
  const cleaner = cleanerOf(fixture, [log], { runner: failing });
  assert.equal(await cleaner.cleanFilthiest(), false);
  await fixture.settle();
  assert.deepEqual(fixture.failures, [{ logDir: LOG_DIR, errno: 'EIO' }]);
  assert.deepEqual(cleaner.uncleanableLogs(), []);
});

test('once started it cleans what is dirty, waits, looks after retention, and stops', async () => {
  const fixture = new LogFixture({ config: compacted });
  const logs = [fixture.open({}, 't-0'), fixture.open({}, 't-1')];
  for (const log of logs) fill(fixture, log);
  const plain = fixture.open({ config: { compact: false } }, 'plain-0');
  fill(fixture, plain);
  const cleaner = cleanerOf(fixture, [...logs, plain], { settings: { threads: 2, backoffMs: 1000 } });
  cleaner.start();
  fixture.clock.advance(0);
  await fixture.settle();
  fixture.clock.advance(0);
  await fixture.settle();
  assert.deepEqual(
    [...logs, plain].map((log) => cleaner.firstDirtyOffset(log)),
    [4, 4, null],
  );
  const [first] = logs as [PartitionLog];
  first.maybeIncrementLogStartOffset(5);
  fixture.clock.advance(1000);
  await fixture.settle();
  assert.deepEqual(first.segmentBaseOffsets, [4]);
  await cleaner.stop();
  first.roll();
  appendValues(fixture, first, ['z']);
  first.updateHighWatermark(first.logEndOffset);
  fixture.clock.advance(10_000);
  await fixture.settle();
  assert.equal(cleaner.firstDirtyOffset(first), 5);
});

test('input and output are throttled; waiting for that ends when the cleaning is aborted', async () => {
  const fixture = new LogFixture({ config: compacted });
  const log = fixture.open();
  fill(fixture, log);
  // Every look at the clock takes 100 ms.
  let looks = 0;
  const waits: number[] = [];
  const clock: Clock = {
    nowMs: () => fixture.clock.nowMs(),
    monotonicMs: () => 100 * looks++,
    soon: (callback) => fixture.clock.soon(callback),
    after: (delayMs, callback) => {
      waits.push(delayMs);
      return fixture.clock.after(delayMs, callback);
    },
  };
  const runner = new LoopRunner(fixture.storage, clock);
  const cleaner = cleanerOf(fixture, [log], { settings: { ioMaxBytesPerSecond: 100 }, runner });
  const first = cleaner.cleanFilthiest();
  await fixture.settle();
  await cleaner.abortCleaning(log.topicPartition);
  assert.equal(await first, false);
  assert.deepEqual([waits.length, waits[0]! > 100], [1, true]);

  let isDone = false;
  const second = cleaner.cleanFilthiest().finally(() => {
    isDone = true;
  });
  while (!isDone) {
    fixture.clock.advance(1000);
    await fixture.settle();
  }
  assert.equal(await second, true);
  assert.ok(waits.length > 2);
  const { maxBufferUtilizationPercent, maxCleanTimeSecs, cleanerRecopyPercent, maxDirtyPercent } = cleaner.metrics;
  assert.deepEqual([maxBufferUtilizationPercent, maxDirtyPercent], [0, 100]);
  assert.ok(maxCleanTimeSecs > 0);
  // Of 174 bytes, 74 and 87 are left.
  assert.equal(cleanerRecopyPercent, 92);
});
