/**
 * A disk that is full, files that may not grow, a folder that may not be written.
 *
 * As with Kafka, the log directory that fails goes offline: its partitions answer KAFKA_STORAGE_ERROR and have no leader, others go on,
 * and the process ends only when the directory was the last one or holds the metadata. What was acknowledged is there after a restart.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  type DescribeLogDirsResponse,
  ErrorCode,
  errorName,
  type MetadataResponse,
  newAlterReplicaLogDir,
  newAlterReplicaLogDirsRequest,
  newAlterReplicaLogDirTopic,
  newDescribeLogDirsRequest,
  newMetadataRequest,
  newMetadataRequestTopic,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import { requireKafkaJvm } from '../tools/kafka-jvm/jvm.ts';
import { connectTo, type Distribution, scratchFolder, skarab, startBroker } from '../tools/raw-client/brokers.ts';
import { ConnectionClosed, type RawClient } from '../tools/raw-client/raw-client.ts';
import { PartitionLedger, type SentBatch } from './ledger.ts';
import { isAlive, smallDisk, wrapped } from './limits.ts';
import { createTopics } from './topics.ts';
import { verifyPartition } from './verify.ts';

const PRODUCER = { producerId: 7001, producerEpoch: 0 };
const BATCH_RECORDS = 400;
const MAX_BATCHES = 500;

async function brokerUnderTest(): Promise<Distribution> {
  if (process.env['SKARAB_DURABILITY_BROKER'] !== 'jvm') return skarab;
  return (await requireKafkaJvm()) ?? skarab;
}

async function send(client: RawClient, ledger: PartitionLedger, batch: SentBatch): Promise<number> {
  const data = newPartitionProduceData({ index: ledger.partition, records: batch.bytes });
  const request = newProduceRequest({
    acks: -1,
    timeoutMs: 10_000,
    transactionalId: null,
    topicData: [newTopicProduceData({ name: ledger.topic, partitionData: [data] })],
  });
  const { responses } = await client.call<ProduceResponse>(ApiKey.PRODUCE, 12, request);
  const answer = responses[0]!.partitionResponses[0]!;
  if (answer.errorCode === ErrorCode.NONE) ledger.acknowledge(batch, Number(answer.baseOffset));
  return answer.errorCode;
}

/** Produces until that fails; returns the error, or 'closed' when the connection ended instead. */
async function fillUp(client: RawClient, ledger: PartitionLedger): Promise<number | 'closed'> {
  for (let i = 0; i < MAX_BATCHES; i++) {
    try {
      const errorCode = await send(client, ledger, ledger.nextBatch(BATCH_RECORDS, PRODUCER));
      if (errorCode !== ErrorCode.NONE) return errorCode;
    } catch (error) {
      if (error instanceof ConnectionClosed) return 'closed';
      throw error;
    }
  }
  throw new Error('the disk never filled up');
}

/** Everything acknowledged is there, and what was refused can be sent again. */
async function expectNothingLost(client: RawClient, ledger: PartitionLedger): Promise<void> {
  await verifyPartition(client, ledger);
  for (const batch of [...ledger.pending]) assert.equal(errorName(await send(client, ledger, batch)), 'NONE');
  await verifyPartition(client, ledger);
  assert.equal(ledger.readBack, ledger.nextSequence);
}

async function logDirs(client: RawClient): Promise<DescribeLogDirsResponse['results']> {
  const request = newDescribeLogDirsRequest({ topics: null });
  return (await client.call<DescribeLogDirsResponse>(ApiKey.DESCRIBE_LOG_DIRS, 4, request)).results;
}

async function moveTo(client: RawClient, topic: string, path: string): Promise<void> {
  const topics = [newAlterReplicaLogDirTopic({ name: topic, partitions: [0] })];
  await client.call(
    ApiKey.ALTER_REPLICA_LOG_DIRS,
    2,
    newAlterReplicaLogDirsRequest({ dirs: [newAlterReplicaLogDir({ path, topics })] }),
  );
  for (let tries = 0; tries < 200; tries++) {
    const holders = (await logDirs(client)).filter((dir) => dir.topics.some(({ name }) => name === topic));
    if (holders.length === 1 && holders[0]?.logDir === path) return;
    await sleep(50);
  }
  throw new Error(`${topic} never moved to ${path}`);
}

/** The error and the leader that metadata shows for partition 0, once they are as wanted. */
async function waitForLeader(client: RawClient, topic: string, leaderId: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const request = newMetadataRequest({ topics: [newMetadataRequestTopic({ name: topic })] });
    const { topics } = await client.call<MetadataResponse>(ApiKey.METADATA, 12, request);
    if (topics[0]?.partitions[0]?.leaderId === leaderId) return;
    await sleep(50);
  }
  throw new Error(`the leader of ${topic} never became ${leaderId}`);
}

async function oneDirectoryOfTwo(
  t: TestContext,
  distribution: Distribution,
  full: string,
  dataDir: string,
): Promise<PartitionLedger> {
  const fine = join(dataDir, 'fine');
  const properties = { 'log.dirs': `${fine},${full}` };
  const broker = await startBroker(t, distribution, { dataDir, properties });
  const client = await connectTo(t, broker.port);
  await createTopics(client, [
    { name: 'full', partitions: 1 },
    { name: 'fine', partitions: 1 },
  ]);
  await moveTo(client, 'full', full);
  await moveTo(client, 'fine', fine);
  const [onFull, onFine] = [new PartitionLedger('full', 0, 'none'), new PartitionLedger('fine', 0, 'none')];

  const failure = await fillUp(client, onFull);
  assert.equal(errorName(failure as number), 'KAFKA_STORAGE_ERROR');
  t.diagnostic(`${onFull.acknowledged} records acknowledged before the disk was full`);
  await waitForLeader(client, 'full', -1);
  const again = await send(client, onFull, onFull.nextBatch(1, PRODUCER));
  assert(again === ErrorCode.KAFKA_STORAGE_ERROR || again === ErrorCode.NOT_LEADER_OR_FOLLOWER, errorName(again));
  const offline = (await logDirs(client)).map(({ logDir, errorCode }) => [logDir, errorName(errorCode)]);
  assert.deepEqual(
    offline.sort(),
    [
      [fine, 'NONE'],
      [full, 'KAFKA_STORAGE_ERROR'],
    ].sort(),
  );
  for (let i = 0; i < 10; i++)
    assert.equal(errorName(await send(client, onFine, onFine.nextBatch(5, PRODUCER))), 'NONE');
  await verifyPartition(client, onFine);
  assert(isAlive(broker.pid));
  await broker.stop();
  return onFull;
}

async function restartAndVerify(
  t: TestContext,
  distribution: Distribution,
  dataDir: string,
  logDirsValue: string,
  ledger: PartitionLedger,
): Promise<void> {
  const broker = await startBroker(t, distribution, {
    dataDir,
    format: false,
    properties: { 'log.dirs': logDirsValue },
  });
  const client = await connectTo(t, broker.port);
  await expectNothingLost(client, ledger);
  await broker.stop();
}

test('one of two disks is full', { timeout: 120_000 }, async (t) => {
  const distribution = await brokerUnderTest();
  const dataDir = await scratchFolder(t);
  const disk = smallDisk(6);
  if (disk === undefined) return t.skip('may not mount a small disk');
  t.after(() => disk.remove());
  const ledger = await oneDirectoryOfTwo(t, distribution, disk.folder, dataDir);
  disk.resize(200);
  await restartAndVerify(t, distribution, dataDir, `${dataDir}/fine,${disk.folder}`, ledger);
});

test('files may grow no further', { timeout: 120_000 }, async (t) => {
  const distribution = await brokerUnderTest();
  const dataDir = await scratchFolder(t);
  const scripts = await scratchFolder(t);
  const full = join(dataDir, 'full');
  mkdirSync(full);
  const limited = wrapped(distribution, scripts, 'ulimit -f 2048');
  const ledger = await oneDirectoryOfTwo(t, limited, full, dataDir);
  await restartAndVerify(t, distribution, dataDir, `${dataDir}/fine,${full}`, ledger);
});

test('the only disk is full', { timeout: 120_000 }, async (t) => {
  const distribution = await brokerUnderTest();
  const dataDir = await scratchFolder(t);
  const scripts = await scratchFolder(t);
  const broker = await startBroker(t, wrapped(distribution, scripts, 'ulimit -f 2048'), { dataDir });
  const client = await connectTo(t, broker.port);
  await createTopics(client, [{ name: 'full', partitions: 1 }]);
  const ledger = new PartitionLedger('full', 0, 'none');
  const failure = await fillUp(client, ledger);
  assert(failure === 'closed' || failure === ErrorCode.KAFKA_STORAGE_ERROR, String(failure));
  for (let tries = 0; tries < 200 && isAlive(broker.pid); tries++) await sleep(50);
  assert(!isAlive(broker.pid), 'a broker without a log directory goes on');
  assert.match(
    readFileSync(broker.logFile, 'utf8'),
    new RegExp(dataDir),
    'the log does not say which directory failed',
  );
  await restartAndVerify(t, distribution, dataDir, dataDir, ledger);
});

test('the folder may not be written', { timeout: 120_000 }, async (t) => {
  const distribution = await brokerUnderTest();
  const dataDir = await scratchFolder(t);
  const scripts = await scratchFolder(t);
  const first = await startBroker(t, distribution, { dataDir });
  await first.stop();
  chmodSync(scripts, 0o755);
  chmodSync(dataDir, 0o555);
  const isRoot = process.getuid?.() === 0;
  const nobody = isRoot
    ? wrapped(distribution, scripts, 'chmod 755 "$(dirname "$1")"', 'exec setpriv --reuid=65534 --clear-groups')
    : distribution;
  const message = await startBroker(t, nobody, { dataDir, format: false }).then(
    () => 'it started',
    (error: Error) => error.message,
  );
  chmodSync(dataDir, 0o755);
  assert.match(message, /did not start/);
  assert.match(message, new RegExp(dataDir));
  assert.match(message, /permission denied|EACCES|not writable|cannot be written/i);
});
