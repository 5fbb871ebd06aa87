/**
 * Compaction beside Kafka's own: the same logs cleaned by both, round after round, are the same files.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Random, seededRandom } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { type CompressionType, iterateBatches } from '@skarab/records';
import { type KafkaJvm, requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { defaultCleanerSettings } from '../src/core/cleaner/cleaner-settings.ts';
import { LogCleaner } from '../src/host/cleaner/log-cleaner.ts';
import { closePartitionLog, DiskStorage, LogHost, openPartitionLog, parseLogConfig } from '../src/index.ts';
import { gzipWrapper, legacyMessage } from './cleaner-legacy.ts';
import { RandomLog } from './cleaner-random-log.ts';

const SEED = Number(process.env['SEED'] ?? 1);
const CHECKPOINT = 'cleaner-offset-checkpoint';
/** A dedupe buffer that has room for all keys. */
const ENOUGH_BYTES = 100_000;
const START_MS = 1_700_000_000_000;

/** A log that two cleaners clean, each in a directory of its own. */
class TwinLog {
  readonly ours: string;
  readonly theirs: string;
  readonly #random: Random;
  readonly #clock = new ManualClock(START_MS);
  readonly #configs: Readonly<Record<string, string>>;
  readonly #compressions: readonly CompressionType[];
  readonly #dedupeBufferSize: number;
  readonly #ioBufferSize: number;
  #writer: RandomLog | null = null;
  /** What Kafka is asked to do. */
  task: object = {};
  /** What ours did, in its words. */
  result = '';

  constructor(root: string, seed: number, compressions: readonly CompressionType[]) {
    const random = seededRandom(seed);
    this.#random = random;
    this.#compressions = compressions;
    this.ours = join(root, `ours-${seed}`);
    this.theirs = join(root, `theirs-${seed}`);
    this.#dedupeBufferSize = random.int(2) === 0 ? ENOUGH_BYTES : 24 * (3 + random.int(20));
    this.#ioBufferSize = random.int(2) === 0 ? 4096 : 262_144;
    this.#configs = {
      'cleanup.policy': random.int(3) === 0 ? 'compact,delete' : 'compact',
      'internal.segment.bytes': String(5000 + random.int(8000)),
      'index.interval.bytes': String(random.int(3) * 300),
      'delete.retention.ms': String(random.int(3) * 7000),
      'min.cleanable.dirty.ratio': String(random.int(3) * 0.2),
      'min.compaction.lag.ms': String(random.int(3) * 2000),
      'message.timestamp.type': random.int(4) === 0 ? 'LogAppendTime' : 'CreateTime',
      ...(random.int(3) === 0 ? { 'max.compaction.lag.ms': '10000' } : {}),
    };
  }

  /** Writes more, makes a copy for the other cleaner, and cleans. */
  async round(): Promise<void> {
    const random = this.#random;
    const clock = this.#clock;
    const storage = new DiskStorage();
    const host = new LogHost({ storage, clock, random, settings: { transactionPartitionVerificationEnable: false } });
    const config = parseLogConfig(this.#configs);
    const open = () => openPartitionLog(host, `${this.ours}/t-0`, { config });
    const log = await open();
    log.updateHighWatermark(log.logEndOffset);
    this.#writer ??= new RandomLog(random, log, {
      keyCount: 1 + random.int(20),
      compressions: this.#compressions,
      // Beginning in the middle of a segment, Kafka takes transactions that were aborted before for open ones.
      aborts: this.#dedupeBufferSize === ENOUGH_BYTES,
      nowMs: () => clock.nowMs(),
      endTurn: () => clock.runSoon(),
    });
    const writer = this.#writer;
    writer.log = log;
    writer.write(40 + random.int(80));
    writer.endAll();
    clock.advance(random.int(12_000));
    await closePartitionLog(host, log);
    cpSync(this.ours, this.theirs, { recursive: true, preserveTimestamps: true });

    const reopened = await open();
    const highWatermark = Math.max(0, reopened.logEndOffset - random.int(30));
    reopened.updateHighWatermark(highWatermark);
    this.task = {
      dir: this.theirs,
      nowMs: clock.nowMs(),
      highWatermark,
      configs: this.#configs,
      dedupeBufferSize: this.#dedupeBufferSize,
      ioBufferSize: this.#ioBufferSize,
    };
    const cleaner = new LogCleaner(
      {
        ...{ clock, storage, logger: host.logger, logs: () => [reopened], onlineDirectories: () => [this.ours] },
        onStorageError: (_logDir, error) => assert.fail(error),
      },
      {
        settings: {
          ...defaultCleanerSettings,
          dedupeBufferSize: this.#dedupeBufferSize,
          ioBufferSize: 2 * this.#ioBufferSize,
        },
      },
    );
    const from = cleaner.firstDirtyOffset(reopened) ?? 0;
    const isCleaned = await cleaner.cleanFilthiest();
    await cleaner.stop();
    this.result = isCleaned ? `cleaned ${from} ${cleaner.firstDirtyOffset(reopened)}` : 'nothing';
    await closePartitionLog(host, reopened);
    storage.close();
  }
}

/** Has Kafka clean; returns a line for each task. */
async function cleanByKafka(jvm: KafkaJvm, root: string, tasks: readonly object[]): Promise<string[]> {
  const classes = await jvm.compile(join(import.meta.dirname, 'java', 'CleanerOracle.java'));
  const [cases, out] = [join(root, 'cases'), join(root, 'out')];
  writeFileSync(cases, JSON.stringify(tasks));
  const { code, stderr } = await jvm.runClass('CleanerOracle', ['clean', cases, out], { classes });
  assert.equal(code, 0, stderr);
  return readFileSync(out, 'utf8').split('\n').slice(0, -1);
}

/** The files of a log that cleaning is responsible for. */
function filesOf(logDir: string): string[] {
  const folder = join(logDir, 't-0');
  return [
    ...readdirSync(folder)
      .filter((name) => /\.(log|index|timeindex|txnindex)$/.test(name))
      .sort()
      .map((name) => join('t-0', name)),
    ...(statSync(join(logDir, CHECKPOINT), { throwIfNoEntry: false })?.size ? [CHECKPOINT] : []),
  ];
}

/** Batches in words, without what depends on how well they are compressed. */
function describeBatches(bytes: Uint8Array): unknown[] {
  return [...iterateBatches(bytes)].map((batch) => {
    batch.ensureValid();
    const { baseOffset, lastOffset, attributes, baseTimestamp, maxTimestamp, producerId, producerEpoch } = batch;
    const { baseSequence, recordCount, partitionLeaderEpoch } = batch;
    return {
      ...{ baseOffset, lastOffset, attributes, baseTimestamp, maxTimestamp, producerId, producerEpoch },
      ...{ baseSequence, recordCount, partitionLeaderEpoch },
      records: [...batch.records()].map(({ offset, timestamp, key, value, headers }) => ({
        ...{ offset, timestamp, key: key && Buffer.from(key), value: value && Buffer.from(value) },
        headers: headers.map((header) => [header.key, header.value && Buffer.from(header.value)]),
      })),
    };
  });
}

function assertSame(twin: TwinLog, isCompressed: boolean): void {
  const files = filesOf(twin.ours);
  assert.deepEqual(files, filesOf(twin.theirs));
  for (const name of files) {
    const [ours, theirs] = [readFileSync(join(twin.ours, name)), readFileSync(join(twin.theirs, name))];
    if (isCompressed && /index$/.test(name) && !name.endsWith('.txnindex')) continue;
    if (isCompressed && name.endsWith('.log')) assert.deepEqual(describeBatches(ours), describeBatches(theirs), name);
    else assert.deepEqual(ours, theirs, `${twin.ours}/${name}`);
  }
}

/** Kafka's dump finds nothing wrong with our files. */
async function checkByDump(jvm: KafkaJvm, twins: readonly TwinLog[]): Promise<void> {
  const files = twins.flatMap((twin) => filesOf(twin.ours).map((name) => join(twin.ours, name)));
  const checked = files.filter((name) => /\.(log|index|timeindex|txnindex)$/.test(name)).join(',');
  const { code, stdout, stderr } = await jvm.run('dump-log', [
    '--deep-iteration',
    '--verify-index-only',
    '--files',
    checked,
  ]);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout, /ismatch|not in order|isvalid: false|crc=\d+ .*isvalid=false|rror/);
  assert.match(stdout, /isvalid: true/);
}

async function compare(t: TestContext, compressions: readonly CompressionType[]): Promise<void> {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const root = mkdtempSync(join(tmpdir(), 'skarab-cleaner-jvm-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  t.diagnostic(`SEED=${SEED}`);
  const twins = Array.from({ length: 8 }, (_, i) => new TwinLog(root, SEED + i, compressions));
  const results: string[] = [];
  for (let round = 0; round < 4; round++) {
    for (const twin of twins) {
      rmSync(twin.theirs, { recursive: true, force: true });
      await twin.round();
    }
    const theirs = await cleanByKafka(
      jvm,
      root,
      twins.map((twin) => twin.task),
    );
    assert.deepEqual(
      twins.map((twin) => twin.result),
      theirs,
    );
    for (const twin of twins)
      assertSame(
        twin,
        compressions.some((compression) => compression !== 'none'),
      );
    results.push(...theirs);
  }
  assert.ok(results.filter((result) => result !== 'nothing').length > results.length / 3, results.join('\n'));
  await checkByDump(jvm, twins);
}

test('both cleaners leave the same files, byte for byte', (t) => compare(t, ['none']));

test('both cleaners leave the same records of compressed batches', (t) =>
  compare(t, ['none', 'gzip', 'snappy', 'lz4', 'zstd']));

/** Makes a log of segments of messages in older formats, before one that takes appends. */
function writeLegacyLog(logDir: string, segments: readonly (readonly Buffer[])[], endOffset: number): void {
  const folder = join(logDir, 't-0');
  mkdirSync(folder, { recursive: true });
  const write = (baseOffset: number, bytes: Buffer): void => {
    const name = join(folder, String(baseOffset).padStart(20, '0'));
    writeFileSync(`${name}.log`, bytes);
    writeFileSync(`${name}.index`, '');
    writeFileSync(`${name}.timeindex`, '');
    utimesSync(`${name}.log`, START_MS / 1000 + baseOffset, START_MS / 1000 + baseOffset);
  };
  for (const [i, messages] of segments.entries()) write(10 * i, Buffer.concat(messages));
  write(endOffset, Buffer.alloc(0));
}

test('both cleaners turn messages of older formats into the same batches', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const root = mkdtempSync(join(tmpdir(), 'skarab-cleaner-jvm-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const [ours, theirs] = [join(root, 'ours'), join(root, 'theirs')];
  const v0 = (offset: number, key: string, value: string | null) => legacyMessage({ magic: 0, offset, key, value });
  const v1 = (offset: number, key: string, value: string | null, timestamp = START_MS + offset) =>
    legacyMessage({ magic: 1, offset, key, value, timestamp });
  const inner = [v1(0, 'a', '7'), v1(1, 'e', null), v1(2, 'f', '9')];
  const segments = [
    [v0(0, 'a', '0'), v0(1, 'b', null), v0(2, 'c', '2'), v1(3, 'a', '3'), v1(4, 'd', null), v1(9, 'g', 'x')],
    [v1(10, 'b', '10'), gzipWrapper(17, START_MS, inner), v1(19, 'c', null)],
  ];
  for (const logDir of [ours, theirs]) {
    writeLegacyLog(logDir, segments, 20);
    writeFileSync(join(logDir, CHECKPOINT), '0\n1\nt 0 10\n');
  }
  const clock = new ManualClock(START_MS + 100_000);
  const configs = { 'cleanup.policy': 'compact', 'delete.retention.ms': '5000', 'min.cleanable.dirty.ratio': '0' };
  const storage = new DiskStorage();
  const host = new LogHost({ storage, clock });
  const log = await openPartitionLog(host, `${ours}/t-0`, { config: parseLogConfig(configs) });
  log.updateHighWatermark(20);
  const cleaner = new LogCleaner(
    {
      ...{ clock, storage, logger: host.logger, logs: () => [log], onlineDirectories: () => [ours] },
      onStorageError: (_logDir, error) => assert.fail(error),
    },
    { settings: defaultCleanerSettings },
  );
  assert.equal(await cleaner.cleanFilthiest(), true);
  await cleaner.stop();
  await closePartitionLog(host, log);
  const lines = await cleanByKafka(jvm, root, [
    { dir: theirs, nowMs: clock.nowMs(), highWatermark: 20, configs, dedupeBufferSize: 10_000, ioBufferSize: 4096 },
  ]);
  assert.deepEqual(lines, ['cleaned 10 20']);
  const [a, b] = [ours, theirs].map((logDir) =>
    describeBatches(readFileSync(join(logDir, 't-0', `${'0'.repeat(20)}.log`))),
  );
  assert.deepEqual(a, b);
  assert.ok(a!.length > 3);
});
