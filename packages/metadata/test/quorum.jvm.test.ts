/**
 * One quorum of a JVM controller and two of ours: we follow it, become voters, lead when it is killed, and it follows us and leads again.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom, systemClock } from '@skarab/base';
import { LogHost, MemoryStorage } from '@skarab/log';
import {
  type AddRaftVoterResponse,
  ApiKey,
  ErrorCode,
  newAddRaftVoterRequest,
  newCreatableTopic,
  newCreateTopicsRequest,
} from '@skarab/protocol';
import { openRaftLog, type RaftLog } from '@skarab/raft';
import { freePort, requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { RawClient } from '../../../tools/raw-client/raw-client.ts';
import { ConfigResourceType } from '../src/core/image/configurations-image.ts';
import { TcpController } from './tcp-controller.ts';
import { access, CLUSTER_ID, format, joinBroker, startNode, type TestNode } from './test-node.ts';

const WAIT_MS = 30_000;
const directoryIdOf = (id: number) => `DIRECTORY00000000000${id}A`;

interface Ours extends TestNode {
  readonly id: number;
  readonly listener: TcpController;
  readonly log: RaftLog;
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = Date.now() + WAIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function startOurs(id: number, bootstrapPorts: readonly number[]): Promise<Ours> {
  const listener = await TcpController.listen();
  const storage = new MemoryStorage();
  const random = seededRandom(id);
  await format(storage, '/data', { nodeId: id, initialControllers: [] });
  const log = await openRaftLog(new LogHost({ storage, clock: systemClock, random }), '/data');
  const node = await startNode({
    nodeId: id,
    directoryId: directoryIdOf(id),
    endpoints: [{ name: 'CONTROLLER', host: '127.0.0.1', port: listener.port, securityProtocol: 0 }],
    bootstrapServers: bootstrapPorts.map((port) => ({ host: '127.0.0.1', port })),
    transport: listener.transport,
    shutdownTimeoutMs: 500,
    snapshots: { maxBytes: 1, maxIntervalMs: 0 },
    storage,
    log,
    random,
    onCreated: (created) => {
      listener.node = created;
    },
  });
  return { ...node, id, listener, log };
}

/** Changes a voter; again while a change before it is not yet committed. */
async function changeVoter(
  change: () => Promise<{ readonly errorCode: number; readonly errorMessage: string | null }>,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { errorCode, errorMessage } = await change();
    if (errorCode === ErrorCode.NONE) return;
    if (errorCode !== ErrorCode.REQUEST_TIMED_OUT || tries === 20) throw new Error(`${errorCode}: ${errorMessage}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function addVoter(port: number, { id, listener }: Ours): Promise<void> {
  const client = await RawClient.connect(port);
  const request = newAddRaftVoterRequest({
    clusterId: CLUSTER_ID,
    timeoutMs: 10_000,
    voterId: id,
    voterDirectoryId: directoryIdOf(id),
    listeners: [{ name: 'CONTROLLER', host: '127.0.0.1', port: listener.port }],
  });
  await changeVoter(() => client.call<AddRaftVoterResponse>(ApiKey.ADD_RAFT_VOTER, 1, request));
  client.close();
}

const topicsRequest = (name: string) =>
  newCreateTopicsRequest({ topics: [newCreatableTopic({ name, numPartitions: 1, replicationFactor: 1 })] });

test('JVM controllers and ours make one quorum', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const dataDir = await mkdtemp(join(tmpdir(), 'skarab-quorum-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  // Snapshots at every opportunity.
  const theirs = await jvm.startBroker({
    dataDir,
    properties: { 'metadata.log.max.record.bytes.between.snapshots': '1' },
  });
  t.after(() => theirs.kill());
  const createTheirTopic = (name: string) =>
    jvm.run('topics', ['--bootstrap-server', theirs.bootstrapServers, '--create', '--topic', name]);
  await createTheirTopic('theirs');

  // Where the JVM will be when it comes back.
  const port = await freePort();
  const ours = await Promise.all([2, 3].map((id) => startOurs(id, [theirs.controllerPort, port])));
  t.after(async () => {
    await Promise.all(ours.map(({ node }) => node.close()));
    for (const { listener } of ours) listener.close();
  });
  const has = (name: string) => () => ours.every(({ node }) => node.image.topics.byName.has(name));
  const leader = () => ours.find(({ id, node }) => node.leader.leaderId === id);

  await t.test('we follow the JVM as observers', async () => {
    await until(has('theirs'), 'the topic is here');
    for (const { log } of ours) assert.ok(log.startOffset > 0, 'the JVM handed out a snapshot');
    for (const { node } of ours) assert.equal(node.leader.leaderId, 1);
  });

  await t.test('the JVM makes us voters', async () => {
    for (const our of ours) await addVoter(theirs.controllerPort, our);
    const controller = ['--bootstrap-controller', `127.0.0.1:${theirs.controllerPort}`];
    const { stdout } = await jvm.run('metadata-quorum', [...controller, 'describe', '--replication']);
    assert.match(stdout, /\n2\s+DIRECTORY000000000002A\s+\d+\s+\d+\s+\d+\s+\d+\s+Follower/);
    assert.match(stdout, /\n3\s+DIRECTORY000000000003A\s+\d+\s+\d+\s+\d+\s+\d+\s+Follower/);
    await createTheirTopic('together');
    await until(has('together'), 'the topic is here');
  });

  await t.test('we lead when the JVM is killed', async () => {
    await theirs.kill();
    await until(() => leader() !== undefined, 'one of us leads');
    const active = leader()!;
    await joinBroker(active, 9);
    const created = await active.node.controller.createTopics({ requestVersion: 7 }, topicsRequest('ours'), access);
    assert.equal(created.topics[0]?.errorCode, ErrorCode.NONE);
    await until(has('ours'), 'the topic is here');
    assert.deepEqual(active.node.image.topics.byName.has('theirs'), true);
  });

  await t.test('a JVM controller that comes late is given our snapshot', async () => {
    const address = `CONTROLLER://127.0.0.1:${await freePort()}`;
    const late = await jvm.startBroker({
      format: ['-t', CLUSTER_ID, '--no-initial-controllers'],
      properties: {
        'process.roles': 'controller',
        'node.id': '4',
        listeners: address,
        'advertised.listeners': address,
        'controller.quorum.bootstrap.servers': ours.map(({ listener }) => `127.0.0.1:${listener.port}`).join(','),
      },
    });
    t.after(() => late.kill());
    const active = leader()!;
    assert.ok(active.listener.asked.has(ApiKey.FETCH_SNAPSHOT));
    const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }];
    const isCaughtUp = async (): Promise<boolean> => {
      const { highWatermark, controller } = active.node;
      const described = await controller.describeQuorum({ requestVersion: 2 }, { topics });
      const { observers } = described.topics[0]!.partitions[0]!;
      return observers.some(({ replicaId, logEndOffset }) => replicaId === 4 && Number(logEndOffset) >= highWatermark);
    };
    await until(isCaughtUp, 'it has all of our log');
    await late.kill();
  });

  await t.test('the JVM comes back elsewhere, follows us, and leads when we go', async () => {
    const address = `CONTROLLER://127.0.0.1:${port}`;
    const back = await jvm.startBroker({
      dataDir,
      format: false,
      properties: {
        'process.roles': 'controller',
        listeners: address,
        'advertised.listeners': address,
        'controller.quorum.bootstrap.servers': ours.map(({ listener }) => `127.0.0.1:${listener.port}`).join(','),
      },
    });
    t.after(() => back.kill());
    await until(() => ours.some(({ listener }) => listener.asked.has(ApiKey.UPDATE_RAFT_VOTER)), 'it told its port');
    const active = leader()!;
    const other = ours.find(({ id }) => id !== active.id)!;
    for (const { id } of [other, active]) {
      const request = { clusterId: CLUSTER_ID, voterId: id, voterDirectoryId: directoryIdOf(id) };
      const context = { listener: 'CONTROLLER', apiVersion: 0 };
      await changeVoter(() => active.node.handleRaft(ApiKey.REMOVE_RAFT_VOTER, request, context));
    }
    await until(() => ours.every(({ node }) => node.leader.leaderId === 1), 'the JVM leads alone');
    const controller = ['--bootstrap-controller', `127.0.0.1:${port}`];
    const { stdout } = await jvm.run('metadata-quorum', [...controller, 'describe', '--status']);
    assert.match(stdout, /LeaderId:\s+1\n/);
    const topic = ['--entity-type', 'topics', '--entity-name', 'ours', '--alter', '--add-config', 'retention.ms=1234'];
    await jvm.run('configs', [...controller, ...topic]);
    const retention = ({ node }: Ours) => node.image.configs.get(ConfigResourceType.TOPIC, 'ours').get('retention.ms');
    await until(() => ours.every((our) => retention(our) === '1234'), 'what the JVM decided is here');
    await back.stop();
  });
  assert.deepEqual(
    ours.flatMap(({ faults }) => faults),
    [],
  );
});
