/**
 * What a node says about its configuration when it starts: it works, but perhaps not as meant.
 *
 * Source: KafkaConfig's warnings, AbstractConfig.logUnused; the last kind is our own.
 */
import { hashSetToText } from '../java-hash-order.ts';
import { listToText } from '../java-text.ts';
import type { BrokerConfig } from './broker-config.ts';
import { inertWarning } from './inert-broker-configs.ts';

const protocols = 'group.coordinator.rebalance.protocols';
const ofController = ['create.topic.policy.class.name', 'alter.config.policy.class.name'];
const soonOfController = ['num.partitions', 'default.replication.factor'];

/** Sentences for the log. */
export function brokerWarnings(config: BrokerConfig): string[] {
  return [
    ...heartbeatWarnings(config),
    ...roleWarnings(config),
    ...protocolWarnings(config),
    ...unusedWarnings(config),
    ...config.inertConfigs.map(inertWarning),
  ];
}

function heartbeatWarnings(config: BrokerConfig): string[] {
  const heartbeatMs = config.get('broker.heartbeat.interval.ms');
  const sessionMs = config.get('broker.session.timeout.ms');
  if (heartbeatMs * 2 <= sessionMs) return [];
  return [
    `broker.heartbeat.interval.ms (${heartbeatMs} ms) must be less than or equal to half of the broker.session.timeout.ms (${sessionMs} ms). ` +
      'The broker.session.timeout.ms is configured on controller. The broker.heartbeat.interval.ms is configured on broker. ' +
      "If a broker doesn't send heartbeat request within broker.session.timeout.ms, it loses broker lease. " +
      'Please increase broker.session.timeout.ms or decrease broker.heartbeat.interval.ms.',
  ];
}

function roleWarnings(config: BrokerConfig): string[] {
  if (config.processRoles.has('controller')) return [];
  const names = config.listeners.controllerNames;
  const isSet = (name: string): boolean => config.originals.has(name);
  return [
    ...(names.length > 1
      ? [
          `controller.listener.names has multiple entries; only the first will be used since process.roles=broker: ${listToText(names)}`,
        ]
      : []),
    ...ofController
      .filter(isSet)
      .map((name) => `${name} is defined in broker. It should be defined in the controller role.`),
    ...soonOfController
      .filter(isSet)
      .map(
        (name) =>
          `${name} is defined in the broker role. This configuration will be ignored in 5.0. Please set ${name} in the controller role instead.`,
      ),
  ];
}

function protocolWarnings(config: BrokerConfig): string[] {
  if (!config.originals.has(protocols)) return [];
  const missing = ['classic', 'consumer', 'streams'].filter((name) => !config.get(protocols).includes(name));
  const disabled =
    missing.length === 0 ? '' : ` The following protocol(s) are currently disabled: ${missing.join(', ')}.`;
  return [`The config \`${protocols}\` is deprecated and will be removed in Kafka 5.0.${disabled}`];
}

function unusedWarnings(config: BrokerConfig): string[] {
  const names = config.unknownNames;
  if (names.length === 0) return [];
  return [`These configurations '${hashSetToText(names)}' were supplied but are not used yet.`];
}
