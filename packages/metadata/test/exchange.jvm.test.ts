/**
 * One directory, by turns ours and the JVM's: Kafka's dump tool reads our log and our snapshot, a JVM node continues our cluster, and we
 * continue its.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiskStorage } from '@skarab/log';
import {
  newAlterClientQuotasRequest,
  newAlterUserScramCredentialsRequest,
  newCreatableTopic,
  newCreateTopicsRequest,
  newDeleteTopicsRequest,
} from '@skarab/protocol';
import { raftLogDirectory } from '@skarab/raft';
import { type KafkaJvm, requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { ConfigResourceType } from '../src/core/image/configurations-image.ts';
import type { MetadataImage } from '../src/core/image/metadata-image.ts';
import { access, DIRECTORY_ID, format, joinBroker, startNode, type TestNode } from './test-node.ts';

const v = (requestVersion: number) => ({ requestVersion });

test('a directory goes from us to the JVM and back', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const logDir = await mkdtemp(join(tmpdir(), 'skarab-exchange-'));
  t.after(() => rm(logDir, { recursive: true, force: true }));
  await format(new DiskStorage(), logDir);
  await writeMetadata(await start(logDir));

  await t.test('the dump tool reads our files', () => dumpFiles(jvm, raftLogDirectory(logDir)));

  await t.test('the metadata shell walks through our files', () => walkFiles(jvm, raftLogDirectory(logDir)));

  await t.test('a JVM node continues our cluster', async () => {
    const broker = await jvm.startBroker({ dataDir: logDir, format: false });
    try {
      const tool = (name: string, ...args: string[]) =>
        jvm.run(name, ['--bootstrap-server', broker.bootstrapServers, ...args]);
      const topics = await tool('topics', '--describe', '--topic', 'ours');
      assert.match(topics.stdout, /PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=1234/);
      assert.match(topics.stdout, /Partition: 2\s+Leader: 1\s+Replicas: 1\s+Isr: 1/);
      const users = await tool('configs', '--describe', '--entity-type', 'users');
      assert.match(users.stdout, /'alice' are SCRAM-SHA-256=iterations=4096/);
      assert.match(users.stdout, /user-principal 'alice' are producer_byte_rate=1024\.0/);
      await tool('topics', '--create', '--topic', 'theirs', '--partitions', '2', '--config', 'cleanup.policy=compact');
      await tool('topics', '--delete', '--topic', 'gone');
    } finally {
      await broker.stop();
    }
  });

  await t.test('we continue the cluster of the JVM', async () => {
    const { node } = await start(logDir);
    assert.deepEqual(describeImage(node.image), {
      topics: ['ours: 3 partitions, retention.ms=1234', 'theirs: 2 partitions, cleanup.policy=compact'],
      // It stopped in order.
      brokers: ['1: fenced'],
      controllers: [1],
      metadataVersion: 30,
      users: ['alice'],
    });
    assert.equal(node.kraftVersion, 1);
    await node.close();
  });
});

function start(logDir: string): Promise<TestNode> {
  return startNode({ storage: new DiskStorage(), logDir, snapshots: { maxBytes: 1500 } });
}

async function writeMetadata(running: TestNode): Promise<void> {
  const { node } = running;
  await joinBroker(running, 1, DIRECTORY_ID);
  const topics = ['gone', 'ours'].map((name) =>
    newCreatableTopic({
      name,
      numPartitions: 3,
      replicationFactor: 1,
      configs: [{ name: 'retention.ms', value: '1234' }],
    }),
  );
  await node.controller.createTopics(v(7), newCreateTopicsRequest({ topics }), access);
  const entity = [{ entityType: 'user', entityName: 'alice' }];
  const ops = [{ key: 'producer_byte_rate', value: 1024, remove: false }];
  await node.controller.alterClientQuotas(v(1), newAlterClientQuotasRequest({ entries: [{ entity, ops }] }));
  const saltedPassword = new Uint8Array(32).fill(7);
  const salt = new Uint8Array(8).fill(3);
  await node.controller.alterUserScramCredentials(
    v(0),
    newAlterUserScramCredentialsRequest({
      upsertions: [{ name: 'alice', mechanism: 1, iterations: 4096, salt, saltedPassword }],
    }),
  );
  const dropped = newCreatableTopic({ name: 'dropped', numPartitions: 40, replicationFactor: 1 });
  await node.controller.createTopics(v(7), newCreateTopicsRequest({ topics: [dropped] }), access);
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  const request = newDeleteTopicsRequest({ topics: [{ name: 'dropped', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }] });
  await node.controller.deleteTopics(v(6), request, access);
  await node.close();
}

/** The shell shows the image that a log or a snapshot makes as a tree of folders, which it does not always wait for: then it is asked again. */
async function walkFiles(jvm: KafkaJvm, directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^0+\.log$|[1-9]-\d+\.checkpoint$/.test(name));
  assert.ok(names.length >= 2, `a log and a snapshot are there: ${names}`);
  for (const name of names) {
    const look = async (wanted: RegExp, ...command: string[]): Promise<void> => {
      const args = ['--snapshot', join(directory, name), ...command];
      let shown = '';
      for (let attempts = 0; attempts < 10 && !wanted.test(shown); attempts++) {
        const { stdout, stderr, code } = await jvm.run('metadata-shell', args);
        assert.equal(code, 0, stderr);
        shown = stdout;
      }
      assert.match(shown, wanted);
    };
    await look(/^ours$/m, 'ls', '/image/topics/byName');
    await look(/PartitionRegistration\(replicas=\[1\]/, 'tree', '/image/topics/byName/ours');
  }
}

async function dumpFiles(jvm: KafkaJvm, directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^0+\.log$|\.checkpoint$/.test(name));
  assert.ok(names.length >= 3, `a log and two snapshots are there: ${names}`);
  for (const name of names) {
    const args = ['--cluster-metadata-decoder', '--files', join(directory, name)];
    const { stdout, stderr, code } = await jvm.run('dump-log', args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /isvalid: true/);
    assert.doesNotMatch(stdout, /isvalid: false|Exception|Error|Invalid/i);
    if (name.endsWith('.log')) {
      assert.match(stdout, /"type":"REGISTER_BROKER_RECORD".*"incarnationId"/);
      assert.match(stdout, /"type":"REMOVE_TOPIC_RECORD"/);
      assert.match(stdout, /keySize: 4 .*KRaftVoters/);
    } else if (!name.startsWith('00000000000000000000-')) {
      assert.match(stdout, /SnapshotHeader/);
      assert.match(stdout, /"type":"TOPIC_RECORD".*"name":"ours"/);
      assert.match(stdout, /SnapshotFooter/);
    }
  }
}

function describeImage(image: MetadataImage): unknown {
  const configs = (name: string) =>
    [...image.configs.get(ConfigResourceType.TOPIC, name)].map((pair) => pair.join('='));
  return {
    topics: [...image.topics.byName.values()]
      .map(({ name, partitions }) => [`${name}: ${partitions.length} partitions`, ...configs(name)].join(', '))
      .sort(),
    brokers: [...image.cluster.brokers.values()].map(({ id, fenced }) => `${id}: ${fenced ? 'fenced' : 'unfenced'}`),
    controllers: [...image.cluster.controllers.keys()],
    metadataVersion: image.features.metadataVersion,
    users: [...image.scram.credentials.values()].map(({ user }) => user),
  };
}
