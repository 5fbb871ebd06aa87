/**
 * The rules between a broker's configurations, checked in the order and with the texts of a starting Kafka.
 *
 * Texts begin with "requirement failed: " where Kafka's code is Scala's `require`. Source: KafkaConfig, its constructor and validateValues.
 */
import { isValidHost } from '../host-port.ts';
import type { BrokerConfig } from './broker-config.ts';
import { checkRefusedConfigs } from './refused-broker-configs.ts';
import { require, ruleError } from './requirement.ts';
import { checkGroupConfigs } from './validate-groups.ts';
import { checkRoles } from './validate-roles.ts';

/** Checks a whole configuration. Errors: ConfigError. */
export function checkBrokerConfig(config: BrokerConfig): void {
  checkGroupConfigs(config);
  config.listeners.earlyStart; // throws for a listener that is none
  checkRefusedConfigs(config);
  checkProtocols(config);
  checkIds(config);
  checkLogs(config);
  checkReplication(config);
  checkRoles(config);
  checkConnections(config);
  if (config.get('authorizer.class.name') !== '') config.standardAuthorizer; // throws for a super user that is none
}

function checkProtocols(config: BrokerConfig): void {
  const name = 'group.coordinator.rebalance.protocols';
  if (config.get(name).includes('classic')) return;
  throw ruleError(name, "Disabling the 'classic' protocol is not supported.");
}

function checkIds(config: BrokerConfig): void {
  if (config.nodeId === config.get('broker.id')) return;
  throw ruleError('node.id', 'You must set `node.id` to the same value as `broker.id`.');
}

function checkLogs(config: BrokerConfig): void {
  const { logRollTimeMs, logRollTimeJitterMs, logRetentionTimeMs, logDirs } = config;
  require(logRollTimeMs >= 1, 'log.roll.ms', 'log.roll.ms must be greater than or equal to 1');
  require(logRollTimeJitterMs >= 0, 'log.roll.jitter.ms', 'log.roll.jitter.ms must be greater than or equal to 0');
  require(logRetentionTimeMs >= 1 ||
    logRetentionTimeMs ===
      -1, 'log.retention.ms', 'log.retention.ms must be unlimited (-1) or, greater than or equal to 1');
  require(logDirs.length > 0, 'log.dirs', 'At least one log directory must be defined via log.dirs or log.dir.');
  const bytesPerThread = config.get('log.cleaner.dedupe.buffer.size') / config.get('log.cleaner.threads');
  require(Math.trunc(bytesPerThread) >
    1024 *
      1024, 'log.cleaner.dedupe.buffer.size', 'log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.');
}

function checkReplication(config: BrokerConfig): void {
  const waitMs = config.get('replica.fetch.wait.max.ms');
  require(waitMs <=
    config.get(
      'replica.socket.timeout.ms',
    ), 'replica.socket.timeout.ms', 'replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts');
  require(waitMs <=
    config.get(
      'replica.lag.time.max.ms',
    ), 'replica.fetch.wait.max.ms', 'replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR');
}

function checkConnections(config: BrokerConfig): void {
  checkInterBrokerSasl(config);
  const queuedBytes = config.get('queued.max.request.bytes');
  require(queuedBytes <= 0 ||
    queuedBytes >=
      config.get(
        'socket.request.max.bytes',
      ), 'queued.max.request.bytes', 'queued.max.request.bytes must be larger or equal to socket.request.max.bytes');
  checkConnectionsPerIp(config);
  const idleMs = config.get('connections.max.idle.ms');
  const delayMs = config.get('connection.failed.authentication.delay.ms');
  require(idleMs < 0 ||
    delayMs <
      idleMs, 'connection.failed.authentication.delay.ms', `connection.failed.authentication.delay.ms=${delayMs} should always be less than connections.max.idle.ms=${idleMs} to prevent failed authentication responses from timing out`);
}

function checkInterBrokerSasl(config: BrokerConfig): void {
  const { name, securityProtocol } = config.listeners.interBroker;
  if (!securityProtocol.startsWith('SASL')) return;
  require(config
    .forListener(name)
    .get('sasl.enabled.mechanisms')
    .includes(
      config.get('sasl.mechanism.inter.broker.protocol'),
    ), 'sasl.mechanism.inter.broker.protocol', 'sasl.mechanism.inter.broker.protocol must be included in sasl.enabled.mechanisms when SASL is used for inter-broker communication');
}

function checkConnectionsPerIp(config: BrokerConfig): void {
  const overrides = config.maxConnectionsPerIpOverrides;
  require(config.get('max.connections.per.ip') !== 0 ||
    overrides.size >
      0, 'max.connections.per.ip', 'max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.');
  const invalid = [...overrides.keys()].filter((host) => !isValidHost(host));
  if (invalid.length > 0) {
    const name = 'max.connections.per.ip.overrides';
    throw ruleError(name, `${name} contains invalid addresses : ${invalid.join(',')}`);
  }
}
