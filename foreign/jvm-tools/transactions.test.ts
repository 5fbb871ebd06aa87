/**
 * Transactions by Kafka's own clients and tools: the official Java producer and consumer at every transaction version, and what
 * kafka-transactions.sh, the console consumer and the dump tool show of transactions, beside the JVM's broker.
 */
import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  ApiKey,
  type DescribeTransactionsResponse,
  type EndTxnResponse,
  type FindCoordinatorResponse,
  type InitProducerIdResponse,
  newAddPartitionsToTxnRequest,
  newAddPartitionsToTxnTopic,
  newDescribeTransactionsRequest,
  newEndTxnRequest,
  newFindCoordinatorRequest,
  newInitProducerIdRequest,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { requireKafkaJvm, type ToolResult } from '../../tools/kafka-jvm/jvm.ts';
import { RawClient } from '../../tools/raw-client/raw-client.ts';
import { testOnBoth } from '../harness.ts';
import { compareWithJvm, type Session } from './transcript.ts';

const java = join(import.meta.dirname, 'java', 'Transactions.java');
const quickAborts = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '300' };

testOnBoth('the Java clients lead transactions of versions 2, 1 and 0', { timeout: 300_000 }, async (t, start) => {
  const jvm = await requireKafkaJvm(t);
  const broker = jvm && (await start(quickAborts));
  if (jvm === undefined || broker === undefined) return;
  const classes = await jvm.compile(java);
  const tools = jvm.toolServer();
  t.after(() => tools.close());
  for (const version of [2, 1, 0]) {
    if (version < 2) {
      const downgrade = ['downgrade', '--feature', `transaction.version=${version}`];
      const { code, stdout } = await tools.tool('features', [
        '--bootstrap-server',
        broker.bootstrapServers,
        ...downgrade,
      ]);
      assert.equal(code, 0, stdout);
    }
    const args = [broker.bootstrapServers, `v${version}`];
    const run: ToolResult = await jvm.runClass('Transactions', args, { classes, timeoutMs: 90_000 });
    assert.equal(run.code, 0, `version ${version}:\n${run.stdout}\n${run.stderr}`);
    const steps = run.stdout.split('\n').filter((line) => line.startsWith('ok '));
    assert.deepEqual(steps, ['ok commit and abort', 'ok consume, transform and produce', 'ok fence', 'ok time out']);
  }
});

testOnBoth(
  'a transactional producer-perf and a reader of what is committed',
  { timeout: 120_000 },
  async (t, start) => {
    const jvm = await requireKafkaJvm(t);
    const broker = jvm && (await start());
    if (jvm === undefined || broker === undefined) return;
    const records = 20_000;
    const server = ['--bootstrap-server', broker.bootstrapServers];
    const args = ['--topic', 'perf', '--num-records', `${records}`, '--record-size', '100', '--throughput', '-1'];
    const flags = ['--transactional-id', 'perf', '--transaction-duration-ms', '50'];
    const { code, stdout, stderr } = await jvm.run('producer-perf-test', [...server, ...args, ...flags]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^${records} records sent, `, 'm'));
    const reading = ['--topic', 'perf', '--from-beginning', '--max-messages', `${records}`];
    const committed = ['--isolation-level', 'read_committed', '--timeout-ms', '20000'];
    const read = await jvm.run('console-consumer', [...server, ...reading, ...committed]);
    assert.equal(read.stdout.trim().split('\n').length, records, read.stderr);
  },
);

/** A transaction that is open: two records in t-0, as an old producer writes them. */
async function openTransaction(client: RawClient, transactionalId: string, topic: string): Promise<TransactionalWrite> {
  const find = newFindCoordinatorRequest({ coordinatorKeys: [transactionalId], keyType: 1 });
  await until(async () => {
    const { coordinators } = await client.call<FindCoordinatorResponse>(ApiKey.FIND_COORDINATOR, 4, find);
    return coordinators[0]?.errorCode === 0;
  });
  let producer: InitProducerIdResponse | undefined;
  await until(async () => {
    const request = newInitProducerIdRequest({ transactionalId, transactionTimeoutMs: 600_000 });
    producer = await client.call<InitProducerIdResponse>(ApiKey.INIT_PRODUCER_ID, 4, request);
    return producer.errorCode === 0;
  });
  const { producerId, producerEpoch } = producer!;
  const request = newAddPartitionsToTxnRequest({
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: [newAddPartitionsToTxnTopic({ name: topic, partitions: [0] })],
  });
  await client.call(ApiKey.ADD_PARTITIONS_TO_TXN, 3, request);
  const written = { transactionalId, topic, producerId: Number(producerId), producerEpoch, timestamp: Date.now() };
  assert.equal(await write(client, written), 0);
  return written;
}

interface TransactionalWrite {
  readonly transactionalId: string;
  readonly topic: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly timestamp: number;
  readonly baseSequence?: number;
}

/** Writes two records; answers the error code. */
async function write(client: RawClient, written: TransactionalWrite, version = 11): Promise<number | undefined> {
  const { transactionalId, topic, timestamp, ...producer } = written;
  const value = Buffer.from(`of ${transactionalId}`);
  const records = [0, 1].map(() => ({ timestamp, key: null, value }));
  const batch = buildBatch({ baseSequence: 0, ...producer, isTransactional: true, records });
  const partitionData = [newPartitionProduceData({ index: 0, records: batch })];
  const topicData = [newTopicProduceData({ name: topic, partitionData })];
  const request = newProduceRequest({ acks: -1, timeoutMs: 5_000, transactionalId, topicData });
  const response = await client.call<ProduceResponse>(ApiKey.PRODUCE, version, request);
  return response.responses[0]?.partitionResponses[0]?.errorCode;
}

/** Ends a transaction and waits until its markers are written. */
async function end(client: RawClient, of: TransactionalWrite, version: number, committed: boolean): Promise<void> {
  const { transactionalId, producerId, producerEpoch } = of;
  const request = newEndTxnRequest({ transactionalId, producerId: BigInt(producerId), producerEpoch, committed });
  await until(async () => (await client.call<EndTxnResponse>(ApiKey.END_TXN, version, request)).errorCode === 0);
  const describe = newDescribeTransactionsRequest({ transactionalIds: [transactionalId] });
  await until(async () => {
    const { transactionStates } = await client.call<DescribeTransactionsResponse>(
      ApiKey.DESCRIBE_TRANSACTIONS,
      0,
      describe,
    );
    return transactionStates[0]?.transactionState.startsWith('Complete') === true;
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + 15_000; !(await holds()); ) {
    assert(Date.now() < endMs, 'waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const mask: [RegExp, string][] = [
  [/\b1[6-9]\d{11}\b/g, 'NOW'],
  [/[ \t]+/g, ' '],
];

/** Durations in minutes are the last word of a line. */
const withoutMinutes: [RegExp, string][] = [...mask, [/NOW \d+ $/gm, 'NOW N ']];

const DAY_MS = 86_400_000;

test('transactions are found, described and aborted as the JVM broker does it', { timeout: 180_000 }, (t) => {
  const script = async (s: Session): Promise<void> => {
    await s.tool('topics', '--create --topic t');
    await s.tool('topics', '--create --topic u');
    using client = await RawClient.connect(s.broker.port);
    await openTransaction(client, 'open', 't');
    // No coordinator knows of this one.
    const hanging = { producerId: 4242, producerEpoch: 7, timestamp: Date.now() - DAY_MS };
    assert.equal(await write(client, { ...hanging, transactionalId: 'hanging', topic: 'u' }), 0);
    const read = '--from-beginning --isolation-level read_committed --timeout-ms 1500';
    await s.tool('transactions', 'list', { mask });
    await s.tool('transactions', 'list --duration-filter 100000', { mask });
    await s.tool('transactions', 'list --transactional-id-pattern op.*', { mask });
    await s.tool('transactions', 'describe --transactional-id open', {
      mask: [...mask, [/NOW \d+ t-0/g, 'NOW N t-0']],
    });
    await s.tool('transactions', 'describe-producers --topic u --partition 0', { mask });
    await s.tool('console-consumer', `--topic u ${read}`);
    await s.tool('transactions', 'find-hanging --broker-id 1', { mask: withoutMinutes });
    await s.tool('transactions', 'find-hanging --topic t', { mask: withoutMinutes });
    await s.tool('transactions', 'abort --topic u --partition 0 --start-offset 5', { mask });
    await s.tool('transactions', 'abort --topic u --partition 0 --start-offset 0', { mask });
    await s.tool('transactions', 'find-hanging --broker-id 1', { mask: withoutMinutes });
    await s.tool('transactions', 'describe-producers --topic u --partition 0', { mask });
    await s.tool('transactions', 'forceTerminateTransaction --transactionalId open', { mask });
    await s.tool('transactions', 'list', { mask });
    await s.tool('console-consumer', `--topic t ${read}`);
    await s.tool('console-consumer', `--topic t --from-beginning --timeout-ms 1500`);
  };
  const properties = { 'transaction.partition.verification.enable': 'false' };
  return compareWithJvm(t, script, { properties });
});

test('the log of transactions is dumped as the JVM broker wrote it', { timeout: 120_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    await s.tool('topics', '--create --topic t');
    using client = await RawClient.connect(s.broker.port);
    const first = await openTransaction(client, 'dumped', 't');
    await end(client, first, 4, true);
    const second = { ...first, timestamp: Date.now(), baseSequence: 2 };
    await until(async () => (await write(client, second, 12)) === 0);
    await end(client, second, 5, false);
    const third = await openTransaction(client, 'dumped', 't');
    assert.equal(third.producerEpoch, 2);
    for (const segment of await transactionSegments(s.broker.dataDir)) {
      const dumped = await s.jvm.run('dump-log', ['--files', segment, '--transaction-log-decoder']);
      const isRecord = (line: string): boolean => line.startsWith('| offset');
      const stdout = dumped.stdout.split('\n').filter(isRecord).join('\n');
      const name = segment.replace(/.*\/(?=__)/, '');
      s.record(`dump-log ${name}`, { ...dumped, stdout }, { mask: [[/\b1[6-9]\d{11}\b/g, 'NOW']] });
    }
  }),
);

async function transactionSegments(dataDir: string): Promise<string[]> {
  const folders = (await readdir(dataDir)).filter((name) => name.startsWith('__transaction_state-')).sort();
  const segments = folders.map((name) => join(dataDir, name, '00000000000000000000.log'));
  const sizes = await Promise.all(segments.map(async (path) => (await stat(path)).size));
  return segments.filter((_path, i) => sizes[i]! > 0);
}
