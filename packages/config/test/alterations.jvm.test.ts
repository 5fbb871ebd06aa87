/**
 * Alterations of topics, groups, client metrics subscriptions and brokers' resources as a controller checks them.
 */
import { test } from 'node:test';
import {
  BrokerConfig,
  type ConfigProblem,
  ConfigResourceType,
  validateBrokerResource,
  validateClientMetricsConfigs,
  validateGroupConfigs,
  validateTopicConfigs,
} from '@skarab/config';
import { compareWithJvm, mapOf } from './compare.ts';
import { minimalBroker, type OracleCase } from './oracle.ts';

type Alteration = Extract<OracleCase, { op: 'alter' }>;
type Configs = Record<string, string | null>;
const { TOPIC, BROKER, CLIENT_METRICS, GROUP } = ConfigResourceType;

function alter(type: number, name: string, configs: Configs, broker: Record<string, string> = {}): Alteration {
  return { op: 'alter', type, name, configs, broker: { ...minimalBroker, ...broker } };
}

function ours({ type, name, configs, broker }: Alteration): unknown {
  const config = BrokerConfig.fromProperties(mapOf(broker));
  const problem = problemOf(type, name, configs, config);
  return problem === undefined ? null : { error: problem.message, code: problem.errorCode };
}

function problemOf(type: number, name: string, configs: Configs, broker: BrokerConfig): ConfigProblem | undefined {
  if (type === TOPIC) return validateTopicConfigs(mapOf(configs), broker);
  if (type === GROUP) return validateGroupConfigs(name, mapOf(configs), broker);
  if (type === CLIENT_METRICS) return validateClientMetricsConfigs(name, mapOf(configs));
  return validateBrokerResource(name);
}

const compare = (t: Parameters<typeof compareWithJvm>[0], cases: readonly Alteration[]): Promise<void> =>
  compareWithJvm(t, cases, ours, (outcome) => outcome);

test('topics', (t) => {
  const topic = (configs: Configs, broker?: Record<string, string>): Alteration => alter(TOPIC, 't', configs, broker);
  return compare(t, [
    topic({}),
    topic({ 'retention.ms': '1000', 'cleanup.policy': 'compact,delete', 'segment.bytes': '1048576' }),
    topic({ 'retention.ms': 'x' }),
    topic({ 'retention.ms': '-2' }),
    topic({ foo: '1' }),
    topic({ 'retention.ms': 'x', foo: '1' }),
    topic({ 'segment.bytes': '14', 'cleanup.policy': 'bogus' }),
    topic({ 'cleanup.policy': 'bogus', 'segment.bytes': '14' }),
    topic({ 'cleanup.policy': '' }),
    topic({ 'retention.ms': null, 'flush.ms': '1', 'segment.ms': null }),
    topic({ 'min.compaction.lag.ms': '2', 'max.compaction.lag.ms': '1' }),
    topic({ 'min.compaction.lag.ms': '5' }, { 'log.cleaner.max.compaction.lag.ms': '4' }),
    topic({ 'max.compaction.lag.ms': '5' }, { 'log.cleaner.min.compaction.lag.ms': '6' }),
    topic({}, { 'log.flush.interval.ms': '-1' }),
    topic({ 'flush.ms': '3' }, { 'log.flush.interval.ms': '-1' }),
    topic({}, { 'log.retention.hours': '-5' }),
    topic({ 'remote.storage.enable': 'true' }),
    topic({ 'remote.storage.enable': 'true', 'cleanup.policy': 'compact' }),
    topic({ 'remote.storage.enable': 'maybe' }),
    topic({ 'remote.storage.enable': 'false', 'local.retention.ms': '-2', 'remote.log.copy.disable': 'false' }),
    topic({ 'internal.segment.bytes': '100' }),
    topic({ 'compression.type': 'gzip', 'compression.gzip.level': '0' }),
    topic({ 'leader.replication.throttled.replicas': 'a:b' }),
    topic({ 'follower.replication.throttled.replicas': '' }),
  ]);
});

test('groups', (t) => {
  const group = (configs: Configs, broker?: Record<string, string>): Alteration => alter(GROUP, 'g', configs, broker);
  return compare(t, [
    group({}),
    alter(GROUP, '', {}),
    group({ foo: '1' }),
    group({ 'consumer.session.timeout.ms': null }),
    group({ 'consumer.session.timeout.ms': '45000', 'consumer.heartbeat.interval.ms': '5000' }),
    group({ 'consumer.session.timeout.ms': '44999' }),
    group({ 'consumer.session.timeout.ms': '60001' }),
    group({ 'consumer.heartbeat.interval.ms': '4999' }),
    group({ 'consumer.heartbeat.interval.ms': '15001' }),
    group({ 'consumer.heartbeat.interval.ms': '0' }),
    group({ 'consumer.assignment.interval.ms': '100000' }),
    group({ 'consumer.assignment.interval.ms': '-1' }),
    group({ 'consumer.assignment.interval.ms': '5' }, { 'group.consumer.min.assignment.interval.ms': '10' }),
    group({ 'share.heartbeat.interval.ms': '1' }),
    group({ 'share.session.timeout.ms': '1000000' }),
    group({ 'share.record.lock.duration.ms': '1' }),
    group({ 'share.record.lock.duration.ms': '1000' }),
    group({ 'share.record.lock.duration.ms': '1000000' }),
    group({ 'share.delivery.count.limit': '1' }),
    group({ 'share.delivery.count.limit': '11' }),
    group({ 'share.partition.max.record.locks': '99' }),
    group({ 'share.partition.max.record.locks': '100000' }),
    group({ 'share.auto.offset.reset': 'by_duration:PT1H', 'share.isolation.level': 'read_committed' }),
    group({ 'share.auto.offset.reset': 'none' }),
    group({ 'share.isolation.level': 'x' }),
    group({ 'share.assignment.interval.ms': '999999' }),
    group({ 'streams.session.timeout.ms': '1' }),
    group({ 'streams.heartbeat.interval.ms': '999999' }),
    group({ 'streams.num.standby.replicas': '3' }),
    group({ 'streams.num.standby.replicas': '2', 'streams.initial.rebalance.delay.ms': '0' }),
    group({ 'streams.assignment.interval.ms': '999999' }),
    group(
      { 'consumer.heartbeat.interval.ms': '10', 'consumer.session.timeout.ms': '10' },
      { 'group.consumer.min.heartbeat.interval.ms': '1', 'group.consumer.min.session.timeout.ms': '1' },
    ),
    group(
      { 'share.heartbeat.interval.ms': '10', 'share.session.timeout.ms': '9' },
      { 'group.share.min.heartbeat.interval.ms': '1', 'group.share.min.session.timeout.ms': '1' },
    ),
  ]);
});

test('client metrics subscriptions', (t) => {
  const subscription = (configs: Configs): Alteration => alter(CLIENT_METRICS, 's', configs);
  return compare(t, [
    subscription({ metrics: '*', 'interval.ms': '100', match: 'client_id=a.*,client_software_name=x' }),
    alter(CLIENT_METRICS, '', {}),
    subscription({ metrics: null }),
    subscription({ foo: 'x' }),
    subscription({ 'interval.ms': '99' }),
    subscription({ 'interval.ms': '3600001' }),
    subscription({ 'interval.ms': 'x' }),
    subscription({ match: 'client_id' }),
    subscription({ match: 'client_id=' }),
    subscription({ match: 'client_id=a=b' }),
    subscription({ match: 'nope=a' }),
    subscription({ match: 'client_id=[' }),
    subscription({ match: 'client_id = a , client_source_port = 1' }),
    subscription({ metrics: 'a,,b' }),
    subscription({ metrics: '' }),
  ]);
});

test('resources of brokers', (t) =>
  compare(
    t,
    ['', '1', '-1', 'x', '1.5', '2147483648', '+3'].map((name) => alter(BROKER, name, {})),
  ));
