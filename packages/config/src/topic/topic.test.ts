import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerConfig } from '../broker/broker-config.ts';
import { DynamicBrokerConfig } from '../broker/dynamic-broker-config.ts';
import { ConfigSource } from '../described-config.ts';
import { minimalProperties } from '../testing/minimal-properties.ts';
import { describeTopic, effectiveTopicConfig, effectiveTopicConfigs } from './describe-topic.ts';
import { servedTopicConfigs } from './served-topic-configs.ts';
import { resolveTopicConfig } from './topic-config.ts';
import { validateTopicConfigs } from './validate-topic.ts';

const mapOf = (record: Record<string, string>): Map<string, string> => new Map(Object.entries(record));
const broker = (properties: Record<string, string> = {}): BrokerConfig =>
  BrokerConfig.fromProperties(minimalProperties(properties));
const never = Number.MAX_SAFE_INTEGER;

test("a topic without configurations has Kafka's defaults", () => {
  assert.deepEqual(resolveTopicConfig(new Map(), broker()), {
    segmentBytes: 1_073_741_824,
    segmentMs: 604_800_000,
    segmentJitterMs: 0,
    segmentIndexBytes: 10_485_760,
    flushMessages: never,
    flushMs: never,
    retentionBytes: -1,
    retentionMs: 604_800_000,
    maxMessageBytes: 1_048_588,
    indexIntervalBytes: 4096,
    deleteRetentionMs: 86_400_000,
    minCompactionLagMs: 0,
    maxCompactionLagMs: never,
    fileDeleteDelayMs: 60_000,
    minCleanableDirtyRatio: 0.5,
    compact: false,
    delete: true,
    uncleanLeaderElectionEnable: false,
    minInsyncReplicas: 1,
    compressionType: 'producer',
    compressionLevel: undefined,
    preallocate: false,
    messageTimestampType: 'CreateTime',
    messageTimestampBeforeMaxMs: never,
    messageTimestampAfterMaxMs: 3_600_000,
    leaderThrottledReplicas: [],
    followerThrottledReplicas: [],
  });
});

test('its own configurations come before those of the broker, which come before the defaults', () => {
  const configured = broker({
    'log.retention.minutes': '2',
    'log.retention.hours': '9',
    'log.roll.hours': '1',
    'log.flush.scheduler.interval.ms': '5',
    'compression.type': 'zstd',
    'compression.zstd.level': '7',
    'log.cleanup.policy': 'compact',
    'message.max.bytes': '100',
  });
  const own = mapOf({ 'cleanup.policy': 'delete,compact', 'compression.type': 'gzip', 'internal.segment.bytes': '77' });
  const base = resolveTopicConfig(new Map(), configured);
  assert.deepEqual(base, {
    ...resolveTopicConfig(new Map(), broker()),
    retentionMs: 120_000,
    segmentMs: 3_600_000,
    flushMs: 5,
    compressionType: 'zstd',
    compressionLevel: 7,
    compact: true,
    delete: false,
    maxMessageBytes: 100,
  });
  assert.deepEqual(resolveTopicConfig(own, configured), {
    ...base,
    compact: true,
    delete: true,
    compressionType: 'gzip',
    compressionLevel: -1,
    segmentBytes: 77,
  });
});

test('what has no effect is refused, unless it was there before', () => {
  const refusal = validateTopicConfigs(mapOf({ 'local.retention.ms': '5' }), broker());
  assert.deepEqual(refusal, {
    errorCode: 40,
    message: 'Invalid value 5 for configuration local.retention.ms: Tiered storage is not available in this broker',
  });
  const both = mapOf({ 'local.retention.ms': '5', 'retention.ms': '9' });
  assert.equal(validateTopicConfigs(both, broker(), mapOf({ 'local.retention.ms': '5' })), undefined);
  assert.equal(validateTopicConfigs(mapOf({ 'local.retention.ms': '-2' }), broker()), undefined);
  assert.deepEqual(
    Object.entries(servedTopicConfigs)
      .filter(([, served]) => !served.served)
      .map(([name]) => name),
    [
      'local.retention.bytes',
      'local.retention.ms',
      'remote.log.copy.disable',
      'remote.log.delete.on.disable',
      'remote.storage.enable',
    ],
  );
});

test('a description tells sources and synonyms, best first', () => {
  const layered = new DynamicBrokerConfig(minimalProperties({ 'log.retention.ms': '3', 'min.insync.replicas': '2' }));
  layered.updateCluster(mapOf({ 'log.retention.ms': '2' }));
  layered.updateBroker(mapOf({ 'log.retention.ms': '1' }));
  const options = { names: ['retention.ms'], includeSynonyms: true };
  assert.deepEqual(describeTopic(mapOf({ 'retention.ms': ' 9 ' }), layered, options), [
    {
      name: 'retention.ms',
      value: '9',
      readOnly: false,
      configSource: ConfigSource.TOPIC_CONFIG,
      isSensitive: false,
      synonyms: [
        { name: 'retention.ms', value: '9', source: ConfigSource.TOPIC_CONFIG },
        { name: 'log.retention.ms', value: '1', source: ConfigSource.DYNAMIC_BROKER_CONFIG },
        { name: 'log.retention.ms', value: '2', source: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG },
        { name: 'log.retention.ms', value: '3', source: ConfigSource.STATIC_BROKER_CONFIG },
        { name: 'log.retention.hours', value: '168', source: ConfigSource.DEFAULT_CONFIG },
      ],
      configType: 5,
      documentation: null,
    },
  ]);
});

test('a controller tells what is in force as configured', () => {
  const layers = {
    brokerConfigs: mapOf({ 'log.roll.hours': ' 2 ' }),
    clusterConfigs: mapOf({ 'min.insync.replicas': '2' }),
    staticConfigs: mapOf({ 'min.insync.replicas': '3', 'log.retention.minutes': 'x' }),
  };
  const own = mapOf({ 'flush.ms': ' 5' });
  const of = (name: string): unknown => effectiveTopicConfig(name, own, layers);
  assert.deepEqual(of('flush.ms'), { value: ' 5', source: ConfigSource.TOPIC_CONFIG });
  assert.deepEqual(of('segment.ms'), { value: '7200000', source: ConfigSource.DYNAMIC_BROKER_CONFIG });
  assert.deepEqual(of('min.insync.replicas'), { value: '2', source: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG });
  assert.deepEqual(of('retention.ms'), { value: '0', source: ConfigSource.STATIC_BROKER_CONFIG });
  assert.deepEqual(of('retention.bytes'), { value: '-1', source: ConfigSource.DEFAULT_CONFIG });
  const all = effectiveTopicConfigs(own, layers);
  assert.equal(all.length, 33);
  assert.ok(all.every((one) => one.synonyms.length === 0));
});
