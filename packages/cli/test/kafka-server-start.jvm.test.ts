/** Wrong configurations: what kafka-server-start says about them, beside the JVM's. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { kafkaServerStart } from '../src/kafka-server-start/kafka-server-start.ts';
import { FakeServer } from './fake-node.ts';
import { runProgram } from './run-program.ts';

const sound: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  listeners: 'PLAINTEXT://localhost:19092,CONTROLLER://localhost:19093',
  'controller.listener.names': 'CONTROLLER',
  'controller.quorum.bootstrap.servers': 'localhost:19093',
};

/** Name → what differs from a sound configuration; null takes a line away. */
const wrong: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  'no roles': { 'process.roles': null },
  'a role nobody knows': { 'process.roles': 'broker,zookeeper' },
  'a role twice': { 'process.roles': 'broker,broker' },
  'no node id': { 'node.id': null },
  'a negative node id': { 'node.id': '-3' },
  'node id and broker id differ': { 'broker.id': '2' },
  'no controller listener names': { 'controller.listener.names': null },
  'a controller listener that is not there': { 'controller.listener.names': 'OTHER' },
  'no quorum': { 'controller.quorum.bootstrap.servers': null },
  'voters without this node': {
    'controller.quorum.voters': '2@localhost:19093',
    'controller.quorum.bootstrap.servers': null,
  },
  'voters that cannot be read': { 'controller.quorum.voters': 'localhost:19093' },
  'a listener without port': { listeners: 'PLAINTEXT://localhost' },
  'a listener twice': { listeners: 'PLAINTEXT://localhost:1,PLAINTEXT://localhost:2,CONTROLLER://localhost:3' },
  'a port twice': { listeners: 'PLAINTEXT://localhost:1,CONTROLLER://localhost:1' },
  'a listener without protocol': { listeners: 'OUTSIDE://localhost:1,CONTROLLER://localhost:2' },
  'an advertised wildcard': { 'advertised.listeners': 'PLAINTEXT://0.0.0.0:19092' },
  'an advertised listener that is not there': { 'advertised.listeners': 'SSL://localhost:19092' },
  'an inter-broker listener that is not there': { 'inter.broker.listener.name': 'NOPE' },
  'a controller listener between brokers': { 'inter.broker.listener.name': 'CONTROLLER' },
  'a number that is none': { 'num.partitions': 'many' },
  'a number that is too small': { 'num.network.threads': '0' },
  'a boolean that is none': { 'auto.create.topics.enable': 'yes' },
  'a policy nobody knows': { 'log.cleanup.policy': 'shred' },
  'a codec nobody knows': { 'compression.type': 'brotli' },
  'retention of nothing': { 'log.retention.ms': '0' },
  'a fetch size below the least': { 'fetch.max.bytes': '1' },
  'a heartbeat longer than the session': {
    'group.consumer.heartbeat.interval.ms': '15000',
    'group.consumer.session.timeout.ms': '45000',
    'group.consumer.max.heartbeat.interval.ms': '10000',
  },
  'a socket buffer below the least': { 'socket.request.max.bytes': '0' },
  'a replica fetch longer than the lag': { 'replica.fetch.wait.max.ms': '50000', 'replica.lag.time.max.ms': '30000' },
  'no log directory': { 'log.dirs': '' },
};

test('wrong configurations are refused in the JVM’s words', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const tools = jvm.toolServer();
  t.after(() => tools.close());
  const folder = mkdtempSync(join(tmpdir(), 'wrong-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = kafkaServerStart(new FakeServer().loadStartNode);
  const file = join(folder, 'server.properties');
  for (const [name, changes] of Object.entries(wrong)) {
    const properties = Object.entries({ 'log.dirs': join(folder, 'data'), ...sound, ...changes });
    const lines = properties.flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}\n`]));
    writeFileSync(file, lines.join(''));
    const essence = (text: string): string | undefined => /fatal exception .*\n(.*)/.exec(text)?.[1];
    const theirs = await tools.tool('server-start', [file]);
    const ours = await runProgram(program, [file], { endRequested: Promise.resolve('SIGTERM') });
    await t.test(name, () => {
      assert.deepEqual([ours.code, essence(ours.stdout)], [theirs.code, essence(theirs.stderr)]);
    });
  }
});
