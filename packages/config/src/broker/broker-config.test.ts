import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerConfigDef } from '../config-def.ts';
import { minimalProperties } from '../testing/minimal-properties.ts';
import { BrokerConfig } from './broker-config.ts';
import { inertReason } from './inert-broker-configs.ts';
import { isIpv4, isIpv6 } from './ip-address.ts';
import { refusedReason } from './refused-broker-configs.ts';

const config = (more: Record<string, string> = {}): BrokerConfig =>
  BrokerConfig.fromProperties(minimalProperties(more));

test('values are typed by their name', () => {
  const broker = config({ 'num.partitions': ' 4 ', 'log.flush.interval.ms': '9' });
  assert.equal(broker.get('num.partitions'), 4);
  assert.equal(broker.get('log.flush.interval.ms'), 9);
  assert.equal(broker.get('log.retention.ms'), null);
  assert.equal(broker.get('auto.create.topics.enable'), true);
  assert.deepEqual(broker.get('group.consumer.assignors'), ['uniform', 'range']);
  assert.equal(broker.get('leader.replication.throttled.rate'), Number.MAX_SAFE_INTEGER);
});

test('what several configurations say together', () => {
  const broker = config({
    'log.dirs': '/a, /b',
    'cordoned.log.dirs': '*',
    'metadata.log.dir': '/m',
    'log.retention.minutes': '2',
    'log.roll.hours': '3',
    'log.roll.jitter.hours': '1',
    'controller.quorum.voters': '1@a:1,2@b:2',
    'max.connections.per.ip.overrides': 'a:1, ::1:2',
    'offsets.retention.minutes': '1',
    'metadata.max.idle.interval.ms': '0',
  });
  assert.equal(broker.nodeId, 1);
  assert.equal(broker.get('broker.id'), 1);
  assert.deepEqual(broker.processRoles, new Set(['broker', 'controller']));
  assert.deepEqual(broker.logDirs, ['/a', '/b']);
  assert.deepEqual(broker.cordonedLogDirs, ['/a', '/b']);
  assert.equal(broker.metadataLogDir, '/m');
  assert.equal(broker.logRetentionTimeMs, 120_000);
  assert.equal(broker.logRollTimeMs, 10_800_000);
  assert.equal(broker.logRollTimeJitterMs, 3_600_000);
  assert.equal(broker.logFlushIntervalMs, Number.MAX_SAFE_INTEGER);
  assert.equal(broker.offsetsRetentionMs, 60_000);
  assert.equal(broker.metadataMaxIdleIntervalMs, undefined);
  assert.deepEqual([...broker.quorumVoters.keys()], [1, 2]);
  assert.deepEqual(broker.quorumBootstrapServers, [{ host: 'localhost', port: 9093 }]);
  assert.deepEqual(
    broker.maxConnectionsPerIpOverrides,
    new Map([
      ['a', 1],
      ['::1', 2],
    ]),
  );
});

test('listeners by role', () => {
  const { listeners } = config({ 'advertised.listeners': 'PLAINTEXT://example:19092' });
  const controller = { listener: 'CONTROLLER', securityProtocol: 'PLAINTEXT', host: 'localhost', port: 9093 };
  const broker = { listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: 'localhost', port: 9092 };
  assert.deepEqual(listeners.all, [broker, controller]);
  assert.deepEqual(listeners.broker, [broker]);
  assert.deepEqual(listeners.controller, [controller]);
  assert.deepEqual(listeners.advertisedBroker, [{ ...broker, host: 'example', port: 19092 }]);
  assert.deepEqual(listeners.advertisedController, [controller]);
  assert.deepEqual(listeners.interBroker, { name: 'PLAINTEXT', securityProtocol: 'PLAINTEXT' });
  assert.deepEqual(listeners.earlyStart, new Set(['CONTROLLER']));
});

test('a listener sees its own overrides, and those of its mechanisms', () => {
  const broker = config({
    'ssl.client.auth': 'required',
    'listener.name.plaintext.ssl.client.auth': 'requested',
    'listener.name.plaintext.max.connections': 'x',
    'listener.name.plaintext.plain.sasl.jaas.config': 'a',
    'listener.name.plaintext.sasl.jaas.config': 'b',
  });
  const listener = broker.forListener('PLAINTEXT');
  assert.equal(listener.get('ssl.client.auth'), 'requested');
  assert.equal(broker.forListener('OTHER').get('ssl.client.auth'), 'required');
  assert.equal(listener.getForMechanism('PLAIN', 'sasl.jaas.config'), 'a');
  assert.equal(listener.getForMechanism('OTHER', 'sasl.jaas.config'), 'b');
  assert.equal(broker.forListener('OTHER').getForMechanism('PLAIN', 'sasl.jaas.config'), undefined);
  assert.throws(() => listener.get('max.connections'), /Not a number of type INT/);
});

test('what does nothing here is named', () => {
  const broker = config({
    'num.io.threads': '16',
    'num.network.threads': '3',
    'metric.reporters': 'a.B',
    'my.plugin.key': 'x',
    'listener.name.plaintext.ssl.keystore.location': '/k',
    'listener.name.plaintext.plain.sasl.jaas.config': 'j',
    'listener.name.plaintext.nonsense': 'j',
  });
  assert.deepEqual(broker.inertConfigs, [
    { name: 'num.io.threads', reason: 'work is done on one event loop, not by a pool of threads' },
    { name: 'metric.reporters', reason: 'there is no JMX; metrics are served over HTTP' },
    { name: 'listener.name.plaintext.ssl.keystore.location', reason: 'TLS is not available yet' },
    { name: 'listener.name.plaintext.plain.sasl.jaas.config', reason: 'SASL is not available yet' },
  ]);
  assert.deepEqual(broker.unknownNames, ['my.plugin.key', 'listener.name.plaintext.nonsense']);
});

test('what is said at the start', () => {
  const properties = {
    'process.roles': 'broker',
    'node.id': '1',
    'controller.listener.names': 'CONTROLLER,OTHER',
    'controller.quorum.voters': '2@c:9093',
    listeners: 'PLAINTEXT://:9092',
    'broker.heartbeat.interval.ms': '8000',
    'num.partitions': '3',
    'group.coordinator.rebalance.protocols': 'classic',
    'my.plugin.key': 'x',
    'num.io.threads': '9',
  };
  const { warnings } = BrokerConfig.fromProperties(new Map(Object.entries(properties)));
  assert.deepEqual(
    warnings.filter((warning) => !warning.includes('KIP-848')),
    [
      "broker.heartbeat.interval.ms (8000 ms) must be less than or equal to half of the broker.session.timeout.ms (9000 ms). The broker.session.timeout.ms is configured on controller. The broker.heartbeat.interval.ms is configured on broker. If a broker doesn't send heartbeat request within broker.session.timeout.ms, it loses broker lease. Please increase broker.session.timeout.ms or decrease broker.heartbeat.interval.ms.",
      'controller.listener.names has multiple entries; only the first will be used since process.roles=broker: [CONTROLLER, OTHER]',
      'num.partitions is defined in the broker role. This configuration will be ignored in 5.0. Please set num.partitions in the controller role instead.',
      'The config `group.coordinator.rebalance.protocols` is deprecated and will be removed in Kafka 5.0. The following protocol(s) are currently disabled: consumer, streams.',
      "These configurations '[my.plugin.key]' were supplied but are not used yet.",
      "The config 'num.io.threads' has no effect: work is done on one event loop, not by a pool of threads.",
    ],
  );
  assert.deepEqual(config().warnings, []);
});

test('overrides of listeners without effect are named, defaults and what quick starts set are not', () => {
  const broker = config({
    'listener.name.plaintext.ssl.protocol': 'TLSv1.2',
    'listener.name.plaintext.plain.sasl.jaas.config': 'x',
    'ssl.protocol': 'TLSv1.3',
    'transaction.state.log.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
  });
  assert.deepEqual(
    broker.inertConfigs.map(({ name }) => name),
    ['listener.name.plaintext.ssl.protocol', 'listener.name.plaintext.plain.sasl.jaas.config'],
  );
  assert.equal(inertReason('share.coordinator.state.topic.min.isr'), undefined);
  assert.equal(inertReason('listener.name.plaintext.max.connections'), undefined);
});

test('what would be ignored at somebody’s peril is refused', () => {
  const message = (name: string, value: string, reason: string) =>
    `Invalid value ${value} for configuration ${name}: ${reason}`;
  const authorizer = 'org.example.Authorizer';
  const reason = 'only Kafka’s StandardAuthorizer is available, everybody would be allowed everything';
  assert.throws(() => config({ 'authorizer.class.name': authorizer }), {
    message: message('authorizer.class.name', authorizer, reason),
  });
  const policy = 'create.topic.policy.class.name';
  assert.notEqual(refusedReason(policy), undefined);
  const principals = brokerConfigDef.get('principal.builder.class')?.default ?? '';
  config({ 'authorizer.class.name': '', 'principal.builder.class': principals });
});

test('the standard authorizer has super users and a default', () => {
  const withUsers = (users: string) =>
    config({
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': users,
    });
  assert.deepEqual(withUsers(' User:a; User:b:c;').standardAuthorizer, {
    superUsers: new Set(['User:a', 'User:b:c']),
    allowsWithoutAcl: false,
  });
  assert.equal(config({ 'allow.everyone.if.no.acl.found': ' True ' }).standardAuthorizer.allowsWithoutAcl, true);
  assert.deepEqual(withUsers('User:a').unknownNames, []);
  assert.throws(() => withUsers('alice'), {
    message: 'expected a string in format principalType:principalName but got alice',
  });
});

test('a broker told to tier its storage does not start', () => {
  assert.throws(() => config({ 'remote.log.storage.system.enable': 'true' }), {
    message:
      'Invalid value true for configuration remote.log.storage.system.enable: Tiered storage is not available in this broker',
  });
});

test('IP addresses', () => {
  assert.deepEqual(['1.2.3.4', '1.2.3', '1.2.3.256', '01.2.3.4', 'a.b.c.d'].map(isIpv4), [
    true,
    false,
    false,
    false,
    false,
  ]);
  const v6 = [
    '::1',
    '::',
    '2001:db8::1%eth0',
    '1:2:3:4:5:6:7:8',
    '::ffff:1.2.3.4',
    '1:2',
    ':::',
    '1::2::3',
    'g::',
    'h',
  ];
  assert.deepEqual(v6.map(isIpv6), [true, true, true, true, true, false, false, false, false, false]);
});
