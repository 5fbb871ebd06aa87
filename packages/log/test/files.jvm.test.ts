/**
 * Our files are Kafka's: the JVM's log and ours are given the same batches and must leave the same bytes; each opens what the other left;
 * Kafka's dump tool reads everything and finds nothing wrong.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { seededRandom, systemClock } from '@skarab/base';
import {
  type BatchOptions,
  buildBatch,
  buildEndTransactionMarkerBatch,
  type CompressionType,
  RecordBatch,
} from '@skarab/records';
import { type KafkaJvm, requireKafkaJvm, type SkippableTest } from '../../../tools/kafka-jvm/jvm.ts';
import { decodeOffsets, encodeCleanShutdown, encodeOffsets } from '../src/core/checkpoint-text.ts';
import { decodeMetaProperties, encodeMetaProperties } from '../src/core/meta-properties.ts';
import {
  closePartitionLog,
  DiskStorage,
  LogHost,
  openPartitionLog,
  type PartitionLog,
  parseLogConfig,
} from '../src/index.ts';

const root = mkdtempSync(join(tmpdir(), 'skarab-log-jvm-'));
after(() => rmSync(root, { recursive: true, force: true }));

const TOPIC_ID = '5L6g3nShT-eMCtK--X86sw';
const NOW = 1_700_000_000_000;
const configTexts = { 'internal.segment.bytes': '6000', 'index.interval.bytes': '700', 'segment.index.bytes': '1200' };

/** Batches as a leader has them: plain, compressed, idempotent, transactional, of several epochs, with timestamps up and down. */
function manyBatches(count: number): Uint8Array[] {
  const random = seededRandom(11);
  const batches: Uint8Array[] = [];
  const sequences = new Map<number, number>();
  const open = new Set<number>();
  const compressions: CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
  let offset = 0;
  let epoch = 0;
  const add = (batch: Uint8Array): void => {
    batches.push(batch);
    offset = new RecordBatch(batch).nextOffset;
  };
  for (let i = 0; i < count; i++) {
    if (random.int(12) === 0) epoch += 1 + random.int(2);
    const base = { baseOffset: offset, partitionLeaderEpoch: epoch };
    const timestamp = NOW + i * 100 + random.int(500);
    const producerId = random.int(6);
    if (open.has(producerId) && random.int(2) === 0) {
      const type = random.int(2) === 0 ? 0 : 1;
      add(
        buildEndTransactionMarkerBatch({ ...base, type, coordinatorEpoch: 2, producerId, producerEpoch: 1, timestamp }),
      );
      open.delete(producerId);
      continue;
    }
    const records = Array.from({ length: 1 + random.int(6) }, (_, j) => ({
      timestamp: timestamp + j,
      key: Buffer.from(`key ${random.int(20)}`),
      value: random.int(5) === 0 ? null : Buffer.alloc(random.int(120), 97 + j),
    }));
    let options: BatchOptions = { ...base, compression: compressions[random.int(5)]! };
    if (producerId < 5) {
      const baseSequence = sequences.get(producerId) ?? 0;
      sequences.set(producerId, baseSequence + records.length);
      const isTransactional = producerId < 2;
      if (isTransactional) open.add(producerId);
      options = { ...options, producerId, producerEpoch: 1, baseSequence, isTransactional };
    }
    add(buildBatch({ ...options, records }));
  }
  return batches;
}

class Oracle {
  readonly #jvm: KafkaJvm;
  readonly #classes: string;

  constructor(jvm: KafkaJvm, classes: string) {
    this.#jvm = jvm;
    this.#classes = classes;
  }

  async run(directory: string, lines: readonly string[]): Promise<string[]> {
    const script = join(root, 'script');
    writeFileSync(script, lines.join('\n'));
    const { code, stdout, stderr } = await this.#jvm.runClass('LogOracle', [directory, script], {
      classes: this.#classes,
      timeoutMs: 60_000,
    });
    assert.equal(code, 0, stderr);
    return stdout
      .split('\n')
      .filter((line) => /^(start|segments|epochs|producers|aborted|timestamp|offsets|MetaP)/.test(line));
  }
}

async function oracle(t: SkippableTest): Promise<Oracle | undefined> {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return undefined;
  return new Oracle(jvm, await jvm.compile(fileURLToPath(new URL('./java/LogOracle.java', import.meta.url))));
}

const configLines = Object.entries(configTexts).map(([name, value]) => `config ${name} ${value}`);

async function openOurs(directory: string, isClean = true, more = {}): Promise<{ host: LogHost; log: PartitionLog }> {
  const host = new LogHost({ storage: new DiskStorage(), clock: systemClock });
  const config = parseLogConfig({ ...configTexts, ...more });
  return { host, log: await openPartitionLog(host, directory, { config, isClean, topicId: TOPIC_ID }) };
}

async function writeOurs(directory: string, batches: readonly Uint8Array[]): Promise<void> {
  const { host, log } = await openOurs(directory);
  for (const batch of batches) {
    assert.equal(log.appendAsFollower(batch, { leaderEpoch: 1000 }).errorCode, 0);
    host.writer.flushStaged();
  }
  await closePartitionLog(host, log);
}

/** What the oracle says of a log, said of ours. */
function stateOf(log: PartitionLog): string[] {
  log.updateHighWatermark(log.logEndOffset);
  const segments = log.segmentBaseOffsets.map((base, i) => `${base}:${log.state.segments.all()[i]!.size}`);
  const producers = log
    .activeProducers()
    .map(
      (p) =>
        `${p.producerId}:${p.producerEpoch}:${p.lastSequence}:${p.lastTimestamp}:${p.coordinatorEpoch}:${p.currentTxnStartOffset}`,
    );
  const aborted = log.state.segments.all().flatMap((segment) => segment.txnIndex.all());
  return [
    `start ${log.logStartOffset} end ${log.logEndOffset} stable ${log.lastStableOffset} recovery ${log.recoveryPoint} topic ${log.topicId}`,
    `segments [${segments.join(', ')}]`,
    `epochs [${log.epochEntries.map((entry) => `${entry.epoch}:${entry.startOffset}`).join(', ')}]`,
    `producers [${producers.sort().join(', ')}]`,
    `aborted [${aborted.map((a) => `${a.producerId}:${a.firstOffset}:${a.lastOffset}:${a.lastStableOffset}`).join(', ')}]`,
  ];
}

const times = [-1, -2, -3, NOW, NOW + 1, NOW + 777, NOW + 3000, NOW + 9999, NOW + 14_000, NOW + 99_999];

function timestampsOf(log: PartitionLog): string[] {
  return times.map((wanted) => {
    const found = log.offsetForTimestamp(wanted);
    return `timestamp ${wanted} ${found === null ? 'none' : `${found.timestamp}:${found.offset}:${found.leaderEpoch ?? -1}`}`;
  });
}

const timestampLines = times.map((wanted) => `timestamp ${wanted}`);

test('the same batches leave the same files, byte for byte', async (t) => {
  const java = await oracle(t);
  if (java === undefined) return;
  const batches = manyBatches(150);
  const [ours, theirs] = [join(root, 'ours', 't-0'), join(root, 'theirs', 't-0')];
  await writeOurs(ours, batches);
  const appends = batches.map((batch) => `append ${Buffer.from(batch).toString('base64')}`);
  await java.run(theirs, [...configLines, `open true 0 ${TOPIC_ID}`, ...appends, 'close']);
  const names = readdirSync(theirs).sort();
  assert.deepEqual(readdirSync(ours).sort(), names);
  for (const name of names) {
    assert.equal(
      readFileSync(join(ours, name)).toString('hex'),
      readFileSync(join(theirs, name)).toString('hex'),
      name,
    );
  }
  const kinds = new Set(names.map((name) => name.replace(/^\d+/, '')));
  assert.deepEqual([...kinds].sort(), [
    '.index',
    '.log',
    '.snapshot',
    '.timeindex',
    '.txnindex',
    'leader-epoch-checkpoint',
    'partition.metadata',
  ]);
});

test('each opens what the other left, after an orderly and an unclean stop, and finds the same', async (t) => {
  const java = await oracle(t);
  if (java === undefined) return;
  const batches = manyBatches(120);
  const appends = batches.map((batch) => `append ${Buffer.from(batch).toString('base64')}`);
  const [ours, theirs] = [join(root, 'a', 't-0'), join(root, 'b', 't-0')];
  await writeOurs(ours, batches);
  await java.run(theirs, [...configLines, `open true 0 ${TOPIC_ID}`, ...appends, 'close']);
  const highWatermark = `highwatermark ${new RecordBatch(batches.at(-1)!).nextOffset}`;
  for (const isClean of [true, false]) {
    const seenByThem = await java.run(ours, [
      ...configLines,
      `open ${isClean} 0`,
      highWatermark,
      'state',
      ...timestampLines,
      'close',
    ]);
    const { host, log } = await openOurs(theirs, isClean);
    assert.deepEqual([...stateOf(log), ...timestampsOf(log)], seenByThem);
    await closePartitionLog(host, log);
  }
});

test('a cut log goes on alike', async (t) => {
  const java = await oracle(t);
  if (java === undefined) return;
  const batches = manyBatches(100);
  const cut = new RecordBatch(batches[60]!).baseOffset;
  const [ours, theirs] = [join(root, 'c', 't-0'), join(root, 'd', 't-0')];
  const lines = batches.map((batch) => `append ${Buffer.from(batch).toString('base64')}`);
  const seenByThem = await java.run(theirs, [
    ...configLines,
    `open true 0 ${TOPIC_ID}`,
    ...lines,
    `truncate ${cut}`,
    ...lines.slice(60, 80),
    `highwatermark ${new RecordBatch(batches[79]!).nextOffset}`,
    'start 40',
    'state',
    ...timestampLines,
    'close',
  ]);
  const { host, log } = await openOurs(ours);
  const append = (part: readonly Uint8Array[]): void => {
    for (const batch of part) {
      assert.equal(log.appendAsFollower(batch, { leaderEpoch: 1000 }).errorCode, 0);
      host.writer.flushStaged();
    }
  };
  append(batches);
  log.truncateTo(cut);
  append(batches.slice(60, 80));
  log.updateHighWatermark(log.logEndOffset);
  log.maybeIncrementLogStartOffset(40);
  // Ours flushes as it rolls, in the background; the JVM was kept from doing so.
  const withoutRecovery = (line: string): string => line.replace(/recovery \d+/, '');
  assert.deepEqual([...stateOf(log), ...timestampsOf(log)].map(withoutRecovery), seenByThem.map(withoutRecovery));
  await closePartitionLog(host, log);
});

test('a segment whose offsets do not fit its indexes is split alike', async (t) => {
  const java = await oracle(t);
  const jvm = await requireKafkaJvm(t);
  if (java === undefined || jvm === undefined) return;
  const batches = manyBatches(90).map((batch, i) => {
    const view = new RecordBatch(batch);
    view.setLastOffset(view.lastOffset + Math.floor(i / 30) * 2 ** 31);
    return batch;
  });
  const [ours, theirs] = [join(root, 'split', 't-0'), join(root, 'split-jvm', 't-0')];
  for (const directory of [ours, theirs]) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, '00000000000000000000.log'), Buffer.concat(batches));
  }
  const highWatermark = `highwatermark ${new RecordBatch(batches.at(-1)!).nextOffset}`;
  // Only compaction leaves such segments.
  const compact = [...configLines, 'config cleanup.policy compact'];
  const opening = [`open false 0 ${TOPIC_ID}`, highWatermark, 'state'];
  const seenByThem = await java.run(theirs, [...compact, ...opening, ...timestampLines, 'close']);
  const { host, log } = await openOurs(ours, false, { 'cleanup.policy': 'compact' });
  assert.equal(log.segmentBaseOffsets.length, 3);
  assert.deepEqual([...stateOf(log), ...timestampsOf(log)], seenByThem);
  await closePartitionLog(host, log);
  const filesIn = (directory: string): string[] =>
    readdirSync(directory)
      .filter((name) => !name.endsWith('.deleted'))
      .sort();
  assert.deepEqual(filesIn(ours), filesIn(theirs));
  for (const name of filesIn(ours)) {
    assert.equal(readFileSync(join(ours, name), 'hex'), readFileSync(join(theirs, name), 'hex'), name);
  }
  const seenOfOurs = await java.run(ours, [...compact, 'open true 0', highWatermark, 'state', 'close']);
  assert.deepEqual(seenOfOurs.slice(1), seenByThem.slice(1, 5));
  const files = filesIn(ours).filter((name) => /\.(log|index|timeindex|txnindex)$/.test(name));
  const { code, stdout, stderr } = await jvm.run('dump-log', [
    '--files',
    files.map((name) => join(ours, name)).join(','),
  ]);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout, /isvalid: false|Mismatches|not found|Found timestamp|corrupt|Out of order/i);
});

test("Kafka's dump tool reads our files and finds nothing wrong", async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const directory = join(root, 'dump', 't-0');
  await writeOurs(directory, manyBatches(150));
  const names = readdirSync(directory).filter((name) => /\.(log|index|timeindex|txnindex|snapshot)$/.test(name));
  const files = names.map((name) => join(directory, name)).join(',');
  const { code, stdout, stderr } = await jvm.run('dump-log', [
    '--deep-iteration',
    '--print-data-log',
    '--files',
    files,
  ]);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout, /isvalid: false|Mismatches|not found|Found timestamp|corrupt|Out of order/i);
  const offsets = [...stdout.matchAll(/^\| offset: (\d+)/gm)].map((match) => Number(match[1]));
  const { host, log } = await openOurs(directory);
  assert.deepEqual(
    offsets,
    Array.from({ length: log.logEndOffset }, (_, i) => i),
  );
  await closePartitionLog(host, log);
  const verified = names.filter((name) => name.endsWith('index') && !name.endsWith('txnindex'));
  const verify = await jvm.run('dump-log', [
    '--index-sanity-check',
    '--files',
    verified.map((name) => join(directory, name)).join(','),
  ]);
  assert.equal(verify.code, 0, verify.stderr);
  assert.equal([...verify.stdout.matchAll(/passed sanity check/g)].length, verified.length);
});

test('the files of a log directory are read and written alike', async (t) => {
  const java = await oracle(t);
  if (java === undefined) return;
  const directory = mkdtempSync(join(root, 'dir-'));
  const at = (name: string): string => join(directory, name);
  writeFileSync(
    at('ours'),
    encodeOffsets([
      { topic: 'a', partition: 0, offset: 5 },
      { topic: 'b-c', partition: 12, offset: 77 },
    ]),
  );
  writeFileSync(
    at('ours.meta'),
    encodeMetaProperties({ version: 1, clusterId: 'c-1', nodeId: 3, directoryId: TOPIC_ID }, 'now'),
  );
  const seen = await java.run(directory, [
    `offsets ${at('theirs')} a 0 5`,
    `offsets ${at('ours')}`,
    `clean ${directory} 42`,
    `meta ${at('theirs.meta')} c-1 3 ${TOPIC_ID}`,
    `meta ${at('ours.meta')}`,
  ]);
  assert.deepEqual(seen, [
    'offsets {a-0=5, b-c-12=77}',
    `MetaProperties(version=1, clusterId=c-1, nodeId=3, directoryId=${TOPIC_ID})`,
  ]);
  const entry = { topic: 'a', partition: 0, offset: 5 };
  assert.deepEqual(readFileSync(at('theirs')), Buffer.from(encodeOffsets([entry])));
  assert.deepEqual([...decodeOffsets(readFileSync(at('theirs')), 'f')], [['a-0', entry]]);
  assert.deepEqual(readFileSync(at('.kafka_cleanshutdown')), Buffer.from(encodeCleanShutdown(42)));
  const theirs = readFileSync(at('theirs.meta'));
  const meta = { version: 1, clusterId: 'c-1', nodeId: 3, directoryId: TOPIC_ID };
  assert.deepEqual(decodeMetaProperties(theirs, 'f'), meta);
  const comment = theirs.toString().split('\n')[1]!.slice(1);
  assert.equal(Buffer.from(encodeMetaProperties(meta, comment)).toString(), theirs.toString());
});
