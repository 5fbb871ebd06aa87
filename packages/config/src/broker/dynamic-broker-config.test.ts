import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigProvider } from '../config-variables.ts';
import { ConfigSource } from '../described-config.ts';
import { minimalProperties } from '../testing/minimal-properties.ts';
import { BrokerConfig } from './broker-config.ts';
import { describeBroker, describeClusterDefaults } from './describe-broker.ts';
import { DynamicBrokerConfig } from './dynamic-broker-config.ts';
import { reconfigurationFault } from './validate-reconfiguration.ts';

const mapOf = (record: Record<string, string>): Map<string, string> => new Map(Object.entries(record));
const layered = (more: Record<string, string> = {}): DynamicBrokerConfig =>
  new DynamicBrokerConfig(minimalProperties(more));

test('layers lie over each other and listeners hear what changed', () => {
  const config = layered({ 'log.roll.hours': '1', 'max.connections': '5' });
  const heard: unknown[] = [];
  const stop = config.onChange(({ previous, current, changed }) =>
    heard.push([previous.logRollTimeMs, current.logRollTimeMs, [...changed]]),
  );
  assert.deepEqual(config.updateCluster(mapOf({ 'log.roll.ms': '7', 'max.connections': '5' })), {
    changed: new Set(['log.roll.ms', 'log.roll.hours']),
    warnings: [],
  });
  config.updateBroker(mapOf({ 'log.roll.ms': '8', 'listener.name.plaintext.max.connections': '9' }));
  config.updateBroker(mapOf({ 'listener.name.plaintext.max.connections': '9' }));
  stop();
  config.updateCluster(new Map());
  assert.deepEqual(heard, [
    [3_600_000, 7, ['log.roll.ms', 'log.roll.hours']],
    [7, 8, ['log.roll.ms', 'listener.name.plaintext.max.connections']],
    [8, 7, ['log.roll.ms']],
  ]);
  assert.equal(config.current.logRollTimeMs, 3_600_000);
});

test('stored configurations that cannot be applied are left out and named', () => {
  const config = layered();
  const update = config.updateCluster(
    mapOf({
      'num.partitions': '4',
      'max.connections': 'x',
      'ssl.keystore.location': '/k',
      listeners: 'PLAINTEXT://:1',
      'message.max.bytes': '9',
    }),
  );
  assert.deepEqual(update, {
    changed: new Set(['message.max.bytes']),
    warnings: [
      'Dynamic default cluster config contains invalid values: [max.connections]',
      'Non-dynamic configs will be ignored: [num.partitions]',
      'Security configs can be dynamically updated only using listener prefix, base configs will be ignored: [ssl.keystore.location]',
      'Per-broker configs defined at default cluster level will be ignored: [listeners]',
    ],
  });
  assert.deepEqual(config.clusterConfigs, mapOf({ 'message.max.bytes': '9' }));
});

test('a layer that would make the configuration invalid leaves the current one in force', () => {
  const config = layered();
  const before = config.current;
  assert.deepEqual(config.updateBroker(mapOf({ 'log.retention.ms': '0' })), {
    changed: new Set(),
    warnings: [
      'Dynamic configs could not be applied: requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1',
    ],
  });
  assert.equal(config.current, before);
});

test('a stored layer takes effect when another makes it valid', () => {
  const config = layered();
  config.updateCluster(mapOf({ 'max.connections.per.ip': '0', 'max.connections': '7' }));
  assert.equal(config.current.get('max.connections'), 2_147_483_647);
  config.updateBroker(mapOf({ 'max.connections.per.ip.overrides': 'a:1' }));
  assert.equal(config.current.get('max.connections'), 7);
});

test('what is set dynamically and has no effect is named', () => {
  assert.deepEqual(layered().updateCluster(mapOf({ 'background.threads': '9' })), {
    changed: new Set(['background.threads']),
    warnings: [
      "The config 'background.threads' has no effect: work is done on one event loop, not by a pool of threads.",
    ],
  });
});

test('assignment intervals are kept within the bounds of the file', () => {
  const config = layered({ 'group.consumer.max.assignment.interval.ms': '2000' });
  const { changed, warnings } = config.updateCluster(mapOf({ 'group.consumer.assignment.interval.ms': '9000' }));
  assert.deepEqual(changed, new Set(['group.consumer.assignment.interval.ms']));
  assert.equal(
    warnings.at(-1),
    "The config 'group.consumer.assignment.interval.ms' has value 9000 which exceeds the allowed maximum 2000. The effective value will be capped to 2000.",
  );
  assert.equal(config.current.get('group.consumer.assignment.interval.ms'), 2000);
});

test('variables are resolved in every layer', () => {
  const providers = { 'config.providers': 'p', 'config.providers.p.class': 'P' };
  const providerFor = (name: string): ConfigProvider | undefined =>
    name === 'P' ? { get: (_path, key) => key.length.toString() } : undefined;
  const variable = `$\{p:${'k'.repeat(7)}}`;
  const config = new DynamicBrokerConfig(minimalProperties({ ...providers, 'num.partitions': variable }), providerFor);
  assert.equal(config.current.get('num.partitions'), 7);
  config.updateBroker(mapOf({ ...providers, 'max.connections': variable }));
  assert.equal(config.current.get('max.connections'), 7);
  const absent = mapOf({ 'config.providers': 'q', 'config.providers.q.class': 'Q' });
  const reason =
    'Invalid value Q for configuration config.providers.q.class: Could not load config provider class or one of its dependencies';
  assert.deepEqual(config.validate(absent, true), { errorCode: 42, message: reason });
  assert.deepEqual(config.updateBroker(absent), {
    changed: new Set(),
    warnings: [`Dynamic configs could not be applied: ${reason}`],
  });
});

test('an update is tried before it is made', () => {
  const config = layered();
  assert.equal(config.validate(mapOf({ 'log.retention.ms': '5' }), false), undefined);
  assert.deepEqual(config.validate(mapOf({ 'num.partitions': '5' }), false), {
    errorCode: 42,
    message: 'Cannot update these configs dynamically: [num.partitions]',
  });
  assert.deepEqual(config.validate(mapOf({ 'num.io.threads': '100' }), true), {
    errorCode: 42,
    message: 'Invalid dynamic configuration',
  });
});

test('steps that a running broker cannot take', () => {
  const from = BrokerConfig.fromProperties(minimalProperties({ 'listener.name.plaintext.ssl.protocol': 'a' }));
  const fault = (more: Record<string, string>): string | undefined =>
    reconfigurationFault(
      from,
      BrokerConfig.fromProperties(minimalProperties({ 'listener.name.plaintext.ssl.protocol': 'a', ...more })),
    );
  assert.equal(fault({}), undefined);
  assert.equal(fault({ 'num.io.threads': '16' }), undefined);
  assert.equal(
    fault({ 'num.io.threads': '17' }),
    'num.io.threads=17 should not be greater than double the current value 8',
  );
  assert.equal(fault({ 'num.io.threads': '3' }), 'num.io.threads=3 should be at least half the current value 8');
  assert.equal(
    fault({ 'log.local.retention.ms': '5', 'log.retention.ms': '4' }),
    'log.local.retention.ms must not be more than log.retention.ms',
  );
  assert.equal(
    fault({ 'log.local.retention.bytes': '-1', 'log.retention.bytes': '4' }),
    'log.local.retention.bytes must not be more than log.retention.bytes',
  );
  assert.equal(
    fault({ 'listener.name.plaintext.ssl.protocol': 'b' }),
    'configs of the existing listener PLAINTEXT cannot be updated dynamically',
  );
  assert.equal(fault({ 'listener.name.plaintext.max.connections': '4' }), undefined);
  assert.equal(
    fault({
      'listener.security.protocol.map': 'PLAINTEXT:SSL,CONTROLLER:PLAINTEXT,X:PLAINTEXT',
      listeners: 'PLAINTEXT://:1,CONTROLLER://:2,X://:3',
      'inter.broker.listener.name': 'X',
    }),
    'the security protocol of the existing listener PLAINTEXT cannot be updated',
  );
  assert.equal(
    fault({
      listeners: 'SSL://:1,CONTROLLER://:2',
      'security.inter.broker.protocol': 'SSL',
      'listener.security.protocol.map': 'SSL:SSL,CONTROLLER:PLAINTEXT',
    }),
    'advertised listeners must be a subset of listeners',
  );
});

test('descriptions of a broker and of the defaults of the cluster', () => {
  const config = layered({ 'ssl.key.password': 'secret', 'x.y': 'z' });
  config.updateCluster(mapOf({ 'max.connections': ' 7 ' }));
  const options = { names: ['max.connections', 'ssl.key.password', 'x.y'], includeSynonyms: true };
  const common = { readOnly: false, isSensitive: false, documentation: null };
  const cluster = { name: 'max.connections', value: ' 7 ', source: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG };
  assert.deepEqual(describeBroker(config, options), [
    {
      ...common,
      name: 'x.y',
      value: null,
      configSource: ConfigSource.STATIC_BROKER_CONFIG,
      readOnly: true,
      isSensitive: true,
      synonyms: [{ name: 'x.y', value: null, source: ConfigSource.STATIC_BROKER_CONFIG }],
      configType: 0,
    },
    {
      ...common,
      name: 'max.connections',
      value: '7',
      configSource: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG,
      synonyms: [cluster, { name: 'max.connections', value: '2147483647', source: ConfigSource.DEFAULT_CONFIG }],
      configType: 3,
    },
    {
      ...common,
      name: 'ssl.key.password',
      value: null,
      configSource: ConfigSource.STATIC_BROKER_CONFIG,
      isSensitive: true,
      synonyms: [{ name: 'ssl.key.password', value: null, source: ConfigSource.STATIC_BROKER_CONFIG }],
      configType: 9,
    },
  ]);
  assert.deepEqual(describeClusterDefaults(config, {}), [
    {
      ...common,
      name: 'max.connections',
      value: ' 7 ',
      configSource: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG,
      synonyms: [],
      configType: 3,
    },
  ]);
});
