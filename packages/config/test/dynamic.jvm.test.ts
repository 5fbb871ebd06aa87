/**
 * Dynamic updates of brokers and what all kinds of resources are described as, over the layers of a broker's configuration.
 */
import { test } from 'node:test';
import {
  ConfigResourceType,
  type DescribedConfig,
  DynamicBrokerConfig,
  describeBroker,
  describeClientMetrics,
  describeClusterDefaults,
  describeGroup,
  describeTopic,
} from '@skarab/config';
import { compareWithJvm, mapOf } from './compare.ts';
import { minimalBroker, type OracleCase, type OracleLayers, type OracleOutcome } from './oracle.ts';

type Update = Extract<OracleCase, { op: 'dynamic' }>;
type Description = Extract<OracleCase, { op: 'describe' }>;
const { TOPIC, BROKER, CLIENT_METRICS, GROUP } = ConfigResourceType;

function layered({ broker, clusterConfigs, brokerConfigs }: OracleLayers): DynamicBrokerConfig {
  const config = new DynamicBrokerConfig(mapOf(broker));
  config.updateCluster(mapOf(clusterConfigs));
  config.updateBroker(mapOf(brokerConfigs));
  return config;
}

test('updates of the defaults of the cluster and of a broker', (t) => {
  const update = (perBroker: boolean, configs: Record<string, string>, layers: Partial<OracleLayers> = {}): Update => ({
    op: 'dynamic',
    configs,
    perBroker,
    ...layers,
    broker: { ...minimalBroker, ...layers.broker },
  });
  const both = (configs: Record<string, string>): Update[] => [update(false, configs), update(true, configs)];
  const cases = [
    ...both({}),
    ...both({ 'log.retention.ms': '5' }),
    ...both({ 'log.retention.ms': '0' }),
    ...both({ 'log.retention.ms': 'x' }),
    ...both({ 'log.retention.hours': '5' }),
    ...both({ 'num.partitions': '5' }),
    ...both({ 'num.partitions': '5', 'broker.rack': 'r', 'log.dirs': '/x', 'node.id': '3', 'message.max.bytes': '1' }),
    ...both({ 'message.max.bytes': '-1' }),
    ...both({ 'ssl.keystore.location': '/x' }),
    ...both({ 'ssl.keystore.location': '/x', 'ssl.key.password': 'y', 'ssl.truststore.type': 'JKS' }),
    ...both({ 'listener.name.external.ssl.keystore.location': '/x' }),
    ...both({ 'listener.name.external.max.connections': '5' }),
    ...both({ 'listener.name.external.max.connections': 'x' }),
    ...both({ 'max.connections': '-5' }),
    ...both({ 'leader.replication.throttled.rate': '1000' }),
    ...both({ 'leader.replication.throttled.rate': '-1' }),
    ...both({ 'some.custom.key': 'x' }),
    ...both({ 'cordoned.log.dirs': '/data' }),
    ...both({ 'cordoned.log.dirs': '/nope' }),
    ...both({ 'unclean.leader.election.enable': 'perhaps' }),
    ...both({ 'log.cleaner.threads': '1000', 'log.cleaner.dedupe.buffer.size': '134217728' }),
    ...both({ 'group.consumer.assignment.interval.ms': '99999999' }),
    ...both({ 'group.consumer.assignment.interval.ms': '0' }),
    ...both({ 'compression.type': 'zstd', 'compression.zstd.level': '23' }),
    ...both({ 'max.connections.per.ip': '0' }),
    update(true, { 'log.retention.ms': '0' }, { clusterConfigs: { 'log.retention.ms': '7' } }),
    update(false, { 'log.retention.ms': '0' }, { brokerConfigs: { 'log.retention.ms': '7' } }),
    update(true, { 'log.roll.ms': '4' }, { broker: { 'log.roll.ms': '3' } }),
  ];
  return compareWithJvm(t, cases, (one) => {
    const problem = layered(one).validate(mapOf(one.configs), one.perBroker);
    return problem === undefined ? null : { error: problem.message };
  });
});

/** Described configurations by name: Kafka gives them in no order. */
function sorted(entries: readonly DescribedConfig[]): DescribedConfig[] {
  return [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describeOurs(one: Description): DescribedConfig[] {
  const broker = layered(one);
  const configs = mapOf(one.configs);
  const options = { includeSynonyms: true };
  if (one.type === TOPIC) return describeTopic(configs, broker, options);
  if (one.type === GROUP) return describeGroup(configs, broker, options);
  if (one.type === CLIENT_METRICS) return describeClientMetrics(configs, options);
  return one.name === '' ? describeClusterDefaults(broker, options) : describeBroker(broker, options);
}

test('descriptions', (t) => {
  const layers: OracleLayers[] = [
    { broker: minimalBroker },
    {
      broker: {
        ...minimalBroker,
        'log.retention.hours': '5',
        'log.roll.ms': ' 7 ',
        'log.roll.hours': '3',
        'log.flush.scheduler.interval.ms': '9',
        'custom.key': 'v',
        'custom.secret.password': 'p',
        'ssl.key.password': 'secret',
        'unstable.api.versions.enable': 'true',
        'listener.name.plaintext.ssl.keystore.location': '/k',
        'listener.name.plaintext.max.connections': '7',
        'listener.name.plaintext.scram-sha-256.sasl.jaas.config': 'j',
        'min.insync.replicas': '2',
        'log.cleaner.min.cleanable.ratio': '0.50',
        'group.consumer.session.timeout.ms': '50000',
        'log.message.timestamp.before.max.ms': '9223372036854775807',
      },
      clusterConfigs: {
        'log.retention.ms': '100',
        'min.insync.replicas': '3',
        'message.max.bytes': ' 2000 ',
        'group.share.assignment.interval.ms': '5000',
        'custom.dynamic': 'd',
        'leader.replication.throttled.rate': '5',
        'num.partitions': '9',
        'log.preallocate': 'x',
      },
      brokerConfigs: {
        'log.retention.ms': '200',
        'log.cleaner.threads': '2',
        'log.roll.ms': '44',
        'listener.name.plaintext.ssl.keystore.location': '/k2',
        'follower.replication.throttled.rate': '6',
      },
    },
  ];
  const topics: Record<string, string>[] = [
    {},
    { 'retention.ms': ' 9 ', 'cleanup.policy': 'delete , compact', 'min.cleanable.dirty.ratio': '.5' },
    { 'internal.segment.bytes': '77', 'min.insync.replicas': '4', 'segment.ms': '5', preallocate: 'TRUE' },
  ];
  const cases = layers.flatMap((layer): Description[] => [
    { op: 'describe', type: BROKER, name: '1', ...layer },
    { op: 'describe', type: BROKER, name: '', ...layer },
    ...topics.map((configs) => ({ op: 'describe' as const, type: TOPIC, name: 't', configs, ...layer })),
    { op: 'describe', type: GROUP, name: 'g', ...layer },
    {
      op: 'describe',
      type: GROUP,
      name: 'g',
      configs: { 'consumer.session.timeout.ms': '46000', 'share.auto.offset.reset': 'earliest' },
      ...layer,
    },
    { op: 'describe', type: CLIENT_METRICS, name: 's', ...layer },
    {
      op: 'describe',
      type: CLIENT_METRICS,
      name: 's',
      configs: { metrics: 'a, b', match: 'client_id=x', 'interval.ms': '100' },
      ...layer,
    },
  ]);
  const reduce = (outcome: OracleOutcome): unknown =>
    'ok' in outcome ? { ok: sorted(outcome.ok as DescribedConfig[]) } : { error: outcome.error };
  return compareWithJvm(t, cases, (one) => sorted(describeOurs(one)), reduce);
});
