/**
 * Whole configurations of nodes: which start, what is derived from them, with which words the others are refused.
 */
import { test } from 'node:test';
import { BrokerConfig, type Endpoint } from '@skarab/config';
import { compareWithJvm, mapOf } from './compare.ts';
import { minimalBroker, type OracleCase } from './oracle.ts';

type Start = Extract<OracleCase, { op: 'start' }>;
type Properties = Record<string, string>;

const brokerOnly: Properties = {
  'process.roles': 'broker',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'controller.quorum.voters': '3000@localhost:9093',
  listeners: 'PLAINTEXT://:9092',
};
const controllerOnly: Properties = {
  'process.roles': 'controller',
  'node.id': '3000',
  'controller.listener.names': 'CONTROLLER',
  'controller.quorum.voters': '3000@controller.example:9093',
  listeners: 'CONTROLLER://:9093',
};

/** The properties of `base` with some set or, where null, taken away. */
function but(base: Readonly<Properties>, changes: Record<string, string | null>): Properties {
  const all = Object.entries({ ...base, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(all) as Properties;
}

const combined = (changes: Record<string, string | null>): Properties => but(minimalBroker, changes);

function ours({ broker }: Start): unknown {
  const config = BrokerConfig.fromProperties(mapOf(broker));
  const { listeners } = config;
  return {
    listeners: listeners.all.map(printEndpoint),
    advertisedBroker: listeners.advertisedBroker.map(printEndpoint),
    advertisedController: listeners.advertisedController.map(printEndpoint),
    interBroker: `${listeners.interBroker.name} ${listeners.interBroker.securityProtocol}`,
    logDirs: config.logDirs,
    metadataLogDir: config.metadataLogDir,
    logRetentionTimeMs: config.logRetentionTimeMs,
    logRollTimeMs: config.logRollTimeMs,
    logFlushIntervalMs: config.logFlushIntervalMs,
  };
}

function printEndpoint({ listener, securityProtocol, host, port }: Endpoint): string {
  return `${listener} ${securityProtocol} ${host} ${port}`;
}

const fixed = { 'log.flush.scheduler.interval.ms': '1000' };
const compare = (t: Parameters<typeof compareWithJvm>[0], all: readonly Properties[]): Promise<void> =>
  compareWithJvm(
    t,
    all.map((broker) => ({ op: 'start' as const, broker: { ...fixed, ...broker } })),
    ours,
  );

test('required configurations and the first of several faults', (t) =>
  compare(t, [
    {},
    combined({ 'process.roles': null }),
    combined({ 'node.id': null }),
    combined({ 'node.id': null, 'broker.id': '1' }),
    combined({ 'broker.id': '2' }),
    combined({ 'node.id': '-1' }),
    combined({ 'controller.listener.names': null }),
    combined({ 'controller.listener.names': '' }),
    combined({ 'process.roles': '' }),
    combined({ 'process.roles': 'boss' }),
    combined({ 'process.roles': 'broker,broker,controller' }),
    combined({ 'num.partitions': '0', 'log.dirs': '', 'replica.lag.time.max.ms': 'x' }),
    combined({ 'unknown.key': 'x', 'num.partitions': ' 4 ' }),
  ]));

test('listeners', (t) =>
  compare(t, [
    minimalBroker,
    combined({ listeners: 'PLAINTEXT://localhost:9092' }),
    combined({ listeners: 'CONTROLLER://localhost:9093' }),
    combined({ listeners: 'PLAINTEXT://localhost:9092,CONTROLLER://localhost:9092' }),
    combined({ listeners: 'PLAINTEXT://localhost:0,CONTROLLER://localhost:0' }),
    combined({ listeners: 'PLAINTEXT://127.0.0.1:9092,CONTROLLER://[::1]:9092' }),
    combined({ listeners: 'PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.2:9092' }),
    combined({ listeners: 'PLAINTEXT://127.0.0.1:9092,CONTROLLER://[::1]:9092,SSL://x:9092' }),
    combined({ listeners: 'PLAINTEXT://127.0.0.1:9092,CONTROLLER://[::1]:9092,SSL://1.2.3.4:9092' }),
    combined({ listeners: 'PLAINTEXT://h:9092,PLAINTEXT://h:9094,CONTROLLER://:9093' }),
    combined({ listeners: 'PLAINTEXT:/h:9092,CONTROLLER://:9093' }),
    combined({ listeners: 'PLAINTEXT' }),
    combined({ listeners: 'FOO://h:1,CONTROLLER://:9093' }),
    combined({ listeners: '://h:1,CONTROLLER://:9093' }),
    combined({ listeners: 'PLAINTEXT://h:99999999999,CONTROLLER://:9093' }),
    combined({ listeners: 'plaintext://0.0.0.0:9092,CONTROLLER://:9093' }),
    combined({ listeners: 'plaintext://:9092,controller://:9093' }),
    combined({ listeners: 'PLAINTEXT://:9092, CONTROLLER://:9093 ' }),
    combined({ listeners: 'PLAINTEXT://[2001:db8::1]:9092,CONTROLLER://:9093' }),
    combined({ 'advertised.listeners': 'PLAINTEXT://example:1' }),
    combined({ 'advertised.listeners': 'PLAINTEXT://example:1,CONTROLLER://c:1' }),
    combined({ 'advertised.listeners': 'SSL://example:1' }),
    combined({ 'advertised.listeners': 'PLAINTEXT://example:1,SSL://example:2' }),
    combined({ 'advertised.listeners': 'PLAINTEXT://0.0.0.0:1' }),
    combined({ 'advertised.listeners': 'PLAINTEXT://h:1,CONTROLLER://0.0.0.0:1' }),
    combined({ 'advertised.listeners': '' }),
    combined({ 'controller.listener.names': 'CONTROLLER,PLAINTEXT' }),
    combined({ 'controller.listener.names': 'CONTROLLER,OTHER' }),
    combined({ 'controller.listener.names': 'controller' }),
    combined({ 'early.start.listeners': 'PLAINTEXT' }),
    combined({ 'early.start.listeners': 'NONE' }),
    combined({ 'early.start.listeners': 'plaintext' }),
  ]));

test('security protocols', (t) => {
  const map = 'listener.security.protocol.map';
  const external = 'EXTERNAL://:9094,PLAINTEXT://:9092,CONTROLLER://:9093';
  return compare(t, [
    combined({ [map]: 'PLAINTEXT:PLAINTEXT' }),
    combined({ [map]: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT' }),
    combined({ [map]: 'plaintext:plaintext , Controller:ssl' }),
    combined({ [map]: 'PLAINTEXT:NOPE' }),
    combined({ [map]: 'PLAINTEXT' }),
    combined({ [map]: 'PLAINTEXT:PLAINTEXT,,CONTROLLER:SSL' }),
    combined({ [map]: '' }),
    combined({ listeners: external, [map]: 'EXTERNAL:SSL,PLAINTEXT:PLAINTEXT,CONTROLLER:SASL_SSL' }),
    combined({ listeners: 'SSL://:9094,CONTROLLER://:9093' }),
    combined({ listeners: 'SSL://:9094,PLAINTEXT://:9092,CONTROLLER://:9093' }),
    combined({ 'inter.broker.listener.name': 'EXTERNAL' }),
    combined({ 'inter.broker.listener.name': 'PLAINTEXT' }),
    combined({ 'inter.broker.listener.name': 'SSL' }),
    combined({ 'inter.broker.listener.name': 'PLAINTEXT', 'security.inter.broker.protocol': 'PLAINTEXT' }),
    combined({ 'security.inter.broker.protocol': 'SSL' }),
    combined({ 'security.inter.broker.protocol': 'ssl' }),
    combined({
      'security.inter.broker.protocol': 'SASL_PLAINTEXT',
      listeners: 'SASL_PLAINTEXT://:9092,CONTROLLER://:9093',
      [map]: 'SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    }),
    combined({
      'security.inter.broker.protocol': 'SASL_PLAINTEXT',
      listeners: 'SASL_PLAINTEXT://:9092,CONTROLLER://:9093',
      [map]: 'SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'listener.name.sasl_plaintext.sasl.enabled.mechanisms': 'SCRAM-SHA-256,PLAIN',
    }),
  ]);
});

test('roles and quorums', (t) =>
  compare(t, [
    brokerOnly,
    controllerOnly,
    but(brokerOnly, { 'node.id': '3000' }),
    but(brokerOnly, { 'controller.quorum.voters': null }),
    but(brokerOnly, { 'controller.quorum.voters': null, 'controller.quorum.bootstrap.servers': 'c:9093' }),
    but(brokerOnly, { listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093' }),
    but(brokerOnly, { listeners: 'CONTROLLER://:9093' }),
    but(brokerOnly, { 'controller.quorum.auto.join.enable': 'true' }),
    but(brokerOnly, { 'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT' }),
    but(brokerOnly, { 'controller.listener.names': 'CONTROLLER,OTHER' }),
    but(brokerOnly, { listeners: 'SSL://:9092', 'security.inter.broker.protocol': 'SSL' }),
    but(controllerOnly, { listeners: 'CONTROLLER://:9093,PLAINTEXT://:9092' }),
    but(controllerOnly, { 'node.id': '3001' }),
    but(controllerOnly, { 'node.id': '3', 'controller.quorum.voters': '1@a:1,2@b:2' }),
    but(controllerOnly, { 'inter.broker.listener.name': 'CONTROLLER' }),
    but(controllerOnly, { 'inter.broker.listener.name': 'PLAINTEXT' }),
    but(controllerOnly, { listeners: 'CONTROLLER://0.0.0.0:9093' }),
    but(controllerOnly, { listeners: 'CONTROLLER://0.0.0.0:9093', 'controller.quorum.voters': '3000@0.0.0.0:9093' }),
    but(controllerOnly, { 'advertised.listeners': 'CONTROLLER://c.example:19093' }),
    but(controllerOnly, { 'controller.quorum.voters': '3000@h', listeners: 'x' }),
    combined({ 'controller.quorum.bootstrap.servers': null }),
    combined({ 'controller.quorum.voters': '2@x:1' }),
    combined({ 'controller.quorum.voters': '1@x:1' }),
  ]));

test('rules between configurations', (t) =>
  compare(t, [
    combined({ 'log.dirs': null }),
    combined({ 'log.dirs': '/a, /b', 'metadata.log.dir': '/m' }),
    combined({ 'log.dirs': '/a,/b', 'cordoned.log.dirs': '/b' }),
    combined({ 'log.dirs': '/a,/b', 'cordoned.log.dirs': '/c,/d' }),
    combined({ 'cordoned.log.dirs': '*' }),
    combined({ 'cordoned.log.dirs': '*,/data' }),
    combined({ 'log.roll.ms': '0' }),
    combined({ 'log.roll.ms': '5', 'log.roll.hours': '1' }),
    combined({ 'log.roll.jitter.ms': '-1' }),
    combined({ 'log.retention.ms': '0' }),
    combined({ 'log.retention.ms': '-7' }),
    combined({ 'log.retention.minutes': '3' }),
    combined({ 'log.retention.minutes': '3', 'log.retention.ms': '77' }),
    combined({ 'log.retention.hours': '-1' }),
    combined({ 'log.cleaner.dedupe.buffer.size': '2097152', 'log.cleaner.threads': '2' }),
    combined({ 'replica.fetch.wait.max.ms': '40000' }),
    combined({ 'replica.fetch.wait.max.ms': '20000', 'replica.lag.time.max.ms': '10000' }),
    combined({ 'queued.max.request.bytes': '5' }),
    combined({ 'max.connections.per.ip': '0' }),
    combined({ 'max.connections.per.ip': '0', 'max.connections.per.ip.overrides': '127.0.0.1:5' }),
    combined({ 'max.connections.per.ip.overrides': 'a b:5' }),
    combined({ 'max.connections.per.ip.overrides': 'a:b' }),
    combined({ 'max.connections.per.ip.overrides': 'ab' }),
    combined({ 'connections.max.idle.ms': '50' }),
    combined({ 'connections.max.idle.ms': '-1', 'connection.failed.authentication.delay.ms': '500' }),
    combined({ 'group.coordinator.rebalance.protocols': 'consumer' }),
    combined({ 'group.coordinator.rebalance.protocols': 'classic,nope' }),
    combined({ 'group.consumer.assignors': 'nope' }),
    combined({ 'group.share.assignors': 'nope' }),
    combined({ 'group.share.assignors': 'simple,org.apache.kafka.coordinator.group.assignor.SimpleAssignor' }),
    combined({ 'offsets.topic.compression.codec': '9' }),
    combined({ 'share.coordinator.state.topic.compression.codec': '-1' }),
    combined({ 'group.consumer.heartbeat.interval.ms': '1' }),
    combined({ 'group.consumer.max.heartbeat.interval.ms': '1' }),
    combined({ 'group.consumer.session.timeout.ms': '70000' }),
    combined({ 'group.consumer.assignment.interval.ms': '1000000' }),
    combined({ 'group.share.heartbeat.interval.ms': '100000' }),
    combined({ 'group.share.delivery.count.limit': '20' }),
    combined({ 'group.share.max.record.lock.duration.ms': '1000' }),
    combined({ 'group.share.max.share.sessions': '1' }),
    combined({ 'group.share.partition.max.record.locks': '100' }),
    combined({ 'group.streams.session.timeout.ms': '1' }),
    combined({ 'group.streams.num.standby.replicas': '9' }),
    combined({ 'group.streams.assignment.interval.ms': '9999999' }),
    combined({ 'broker.heartbeat.interval.ms': '8000' }),
    combined({ 'principal.builder.class': 'nope.Nope' }),
  ]));
