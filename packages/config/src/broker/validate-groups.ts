/**
 * The rules between the group coordinator's configurations: bounds and the values they bound, heartbeats and sessions.
 *
 * Source: the constructors of GroupCoordinatorConfig, ShareGroupConfig and ShareCoordinatorConfig.
 */
import type { BrokerConfigValues } from '../generated/broker-configs.ts';
import type { BrokerConfig } from './broker-config.ts';
import { ruleError } from './requirement.ts';

type NumberName = {
  [K in keyof BrokerConfigValues & string]: BrokerConfigValues[K] extends number ? K : never;
}[keyof BrokerConfigValues & string];

type Relation = 'greater than or equal to' | 'less than or equal to' | 'less than';
type Rule = readonly [NumberName, Relation, NumberName];

/** The rules of a value that has a smallest and a largest allowed one. */
function between(value: NumberName, min: NumberName, max: NumberName): Rule[] {
  return [
    [max, 'greater than or equal to', min],
    [value, 'greater than or equal to', min],
    [value, 'less than or equal to', max],
  ];
}

function sessionRules(kind: 'consumer' | 'share' | 'streams'): Rule[] {
  const heartbeat = `group.${kind}.heartbeat.interval.ms` as const;
  const session = `group.${kind}.session.timeout.ms` as const;
  return [
    ...between(heartbeat, `group.${kind}.min.heartbeat.interval.ms`, `group.${kind}.max.heartbeat.interval.ms`),
    ...between(session, `group.${kind}.min.session.timeout.ms`, `group.${kind}.max.session.timeout.ms`),
    [heartbeat, 'less than', session],
  ];
}

function assignmentRules(kind: 'consumer' | 'share' | 'streams'): Rule[] {
  const prefix = `group.${kind}` as const;
  return between(
    `${prefix}.assignment.interval.ms`,
    `${prefix}.min.assignment.interval.ms`,
    `${prefix}.max.assignment.interval.ms`,
  );
}

const shareRules: readonly Rule[] = [
  ['group.share.max.delivery.count.limit', 'greater than or equal to', 'group.share.delivery.count.limit'],
  ['group.share.delivery.count.limit', 'greater than or equal to', 'group.share.min.delivery.count.limit'],
  ['group.share.max.partition.max.record.locks', 'greater than or equal to', 'group.share.partition.max.record.locks'],
  ['group.share.partition.max.record.locks', 'greater than or equal to', 'group.share.min.partition.max.record.locks'],
  ['group.share.record.lock.duration.ms', 'greater than or equal to', 'group.share.min.record.lock.duration.ms'],
  ['group.share.max.record.lock.duration.ms', 'greater than or equal to', 'group.share.record.lock.duration.ms'],
  ['group.share.max.share.sessions', 'greater than or equal to', 'group.share.max.size'],
];

const consumerAssignors: ReadonlySet<string> = new Set([
  'uniform',
  'range',
  'org.apache.kafka.coordinator.group.assignor.UniformAssignor',
  'org.apache.kafka.coordinator.group.assignor.RangeAssignor',
]);
const shareAssignors: ReadonlySet<string> = new Set([
  'simple',
  'org.apache.kafka.coordinator.group.assignor.SimpleAssignor',
]);

/** Checks what the coordinators need. Errors: ConfigError with the JVM's text. */
export function checkGroupConfigs(config: BrokerConfig): void {
  checkAssignors(config, 'group.consumer.assignors', consumerAssignors);
  checkCompressionCodec(config, 'offsets.topic.compression.codec');
  checkAssignors(config, 'group.share.assignors', shareAssignors);
  checkRules(config, [...sessionRules('consumer'), ...assignmentRules('consumer'), ...sessionRules('share')]);
  checkOneShareAssignor(config);
  checkRules(config, [...assignmentRules('share'), ...sessionRules('streams'), ...assignmentRules('streams')]);
  checkRules(config, [
    ['group.streams.num.standby.replicas', 'less than or equal to', 'group.streams.max.standby.replicas'],
  ]);
  checkRules(config, shareRules);
  checkCompressionCodec(config, 'share.coordinator.state.topic.compression.codec');
}

function checkRules(config: BrokerConfig, rules: readonly Rule[]): void {
  for (const [name, relation, other] of rules) {
    if (!holds(config.get(name), relation, config.get(other))) {
      throw ruleError(name, `${name} must be ${relation} ${other}`);
    }
  }
}

function holds(value: number, relation: Relation, other: number): boolean {
  if (relation === 'less than') return value < other;
  return relation === 'less than or equal to' ? value <= other : value >= other;
}

function checkAssignors(
  config: BrokerConfig,
  name: 'group.consumer.assignors' | 'group.share.assignors',
  known: ReadonlySet<string>,
): void {
  for (const assignor of config.get(name)) {
    if (!known.has(assignor)) throw ruleError(name, `Class ${assignor} cannot be found`);
  }
}

function checkOneShareAssignor(config: BrokerConfig): void {
  const name = 'group.share.assignors';
  const { length } = config.get(name);
  if (length !== 1) throw ruleError(name, `${name} must contain exactly one assignor, but found ${length}`);
}

function checkCompressionCodec(
  config: BrokerConfig,
  name: 'offsets.topic.compression.codec' | 'share.coordinator.state.topic.compression.codec',
): void {
  const codec = config.get(name);
  if (codec < 0 || codec > 4) throw ruleError(name, `Unknown compression type id: ${codec}`);
}
