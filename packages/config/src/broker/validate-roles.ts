/**
 * What the roles of a node demand of its listeners and its quorum.
 *
 * Source: KafkaConfig.validateValues.
 */
import type { BrokerConfig } from './broker-config.ts';
import { normalizeListenerName } from './endpoint.ts';
import { require, ruleError } from './requirement.ts';

const names = 'controller.listener.names';

/** Checks listeners and quorum for the node's roles. Errors: ConfigError. */
export function checkRoles(config: BrokerConfig): void {
  const roles = config.processRoles;
  const { advertisedBroker } = config.listeners; // its errors come before those of the roles
  if (config.quorumVoters.size === 0 && config.quorumBootstrapServers.length === 0) {
    throw ruleError(
      'controller.quorum.bootstrap.servers',
      'If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap controllers or controller.quorum.voters must contain a parseable set of controllers.',
    );
  }
  if (!roles.has('controller')) checkBrokerOnly(config);
  else if (!roles.has('broker')) checkControllerOnly(config);
  if (roles.has('controller')) checkController(config);
  if (roles.has('broker')) checkBroker(config);
  const advertised = [...advertisedBroker, ...config.listeners.advertisedController];
  require(advertised.every(
    (one) => one.host !== '0.0.0.0',
  ), 'advertised.listeners', 'advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.');
}

function checkBrokerOnly(config: BrokerConfig): void {
  const { listeners, nodeId, quorumVoters } = config;
  require(!quorumVoters.has(
    nodeId,
  ), 'controller.quorum.voters', `If process.roles contains just the 'broker' role, the node id ${nodeId} must not be included in the set of voters controller.quorum.voters=${printVoters(config)}`);
  require(listeners.controllerNames.length >
    0, names, `${names} must contain at least one value when running KRaft with just the broker role`);
  require(listeners.controller.length ===
    0, names, `${names} must not contain a value appearing in the 'listeners' configuration when running KRaft with just the broker role`);
  for (const name of listeners.controllerNames.map(normalizeListenerName)) {
    if (listeners.securityProtocols.has(name)) continue;
    throw ruleError(
      names,
      `Controller listener with name ${name} defined in ${names} not found in listener.security.protocol.map  (an explicit security mapping for each controller listener is required if listener.security.protocol.map is non-empty, or if there are security protocols other than PLAINTEXT in use)`,
    );
  }
  require(!config.get(
    'controller.quorum.auto.join.enable',
  ), 'controller.quorum.auto.join.enable', "controller.quorum.auto.join.enable is only supported when process.roles contains the 'controller' role.");
}

function checkControllerOnly(config: BrokerConfig): void {
  const { listeners } = config;
  require(listeners.advertisedController.length ===
    listeners.all
      .length, 'listeners', `The listeners config must only contain KRaft controller listeners from ${names} when process.roles=controller`);
  if (config.get('inter.broker.listener.name') === null) return;
  require(!listeners.controllerNames.includes(
    listeners.interBroker.name,
  ), names, `${names} must not contain an explicitly set inter.broker.listener.name configuration value when process.roles=controller'`);
}

function checkController(config: BrokerConfig): void {
  const { listeners, nodeId, quorumVoters } = config;
  require(quorumVoters.size === 0 ||
    quorumVoters.has(
      nodeId,
    ), 'controller.quorum.voters', `If process.roles contains the 'controller' role, the node id ${nodeId} must be included in the set of voters controller.quorum.voters=${printVoters(config)}`);
  require(listeners.advertisedController.length >
    0, names, `${names} must contain at least one value appearing in the 'listeners' configuration when running the KRaft controller role`);
  require(listeners.controllerNames.every((name) =>
    listeners.all.some((one) => one.listener === name),
  ), names, `${names} must only contain values appearing in the 'listeners' configuration when running the KRaft controller role`);
}

function checkBroker(config: BrokerConfig): void {
  const { listeners } = config;
  const advertised = listeners.advertisedBroker.map((one) => one.listener);
  const bound = listeners.all.map((one) => one.listener);
  require(advertised.length >
    0, 'advertised.listeners', `There must be at least one broker advertised listener. Perhaps all listeners appear in ${names}?`);
  require(advertised.includes(
    listeners.interBroker.name,
  ), 'inter.broker.listener.name', `inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid options based on currently configured listeners are ${advertised.join(',')}`);
  require(advertised.every((name) =>
    bound.includes(name),
  ), 'advertised.listeners', `advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. Found ${advertised.join(',')}. The valid options based on the current configuration are ${bound.join(',')}`);
  checkCordonedLogDirs(config);
}

function checkCordonedLogDirs(config: BrokerConfig): void {
  const name = 'cordoned.log.dirs';
  const cordoned = config.get(name);
  if (cordoned.includes('*')) {
    require(cordoned.length === 1, name, `When ${name} is set to *, it must not contain other values`);
    return;
  }
  const unknown = cordoned.filter((dir) => !config.logDirs.includes(dir));
  require(unknown.length ===
    0, name, `All entries in ${name} must be present in log.dirs or log.dir. Missing entries : ${unknown.join(', ')}`);
}

/** As Scala prints a small set. */
function printVoters(config: BrokerConfig): string {
  return `Set(${[...config.quorumVoters.keys()].join(', ')})`;
}
