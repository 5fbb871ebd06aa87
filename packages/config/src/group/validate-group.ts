/**
 * Whether a group may have the given configurations.
 *
 * Source: GroupConfig.validate, ControllerConfigurationValidator.
 */
import type { BrokerConfig } from '../broker/broker-config.ts';
import { ruleError } from '../broker/requirement.ts';
import { groupConfigDef } from '../config-def.ts';
import {
  type ConfigProblem,
  configProblemOf,
  invalidRequest,
  isConfigProblem,
  withoutNulls,
} from '../config-problem.ts';
import type { ConfigValues } from '../config-values.ts';
import type { GroupConfigValues } from '../generated/group-configs.ts';
import { type GroupBounds, groupBounds } from './group-bounds.ts';
import { groupValues } from './group-config.ts';

/** Why the group cannot have `overrides`, all of its own configurations after the change; undefined when it can. */
export function validateGroupConfigs(
  groupId: string,
  overrides: ReadonlyMap<string, string | null>,
  broker: BrokerConfig,
): ConfigProblem | undefined {
  if (groupId === '') return invalidRequest('Default group resources are not allowed.');
  const configs = withoutNulls(overrides, 'group');
  if (isConfigProblem(configs)) return configs;
  return configProblemOf(() => {
    checkNames(configs);
    const values = groupValues(configs, broker);
    for (const bounds of groupBounds) {
      if (bounds.onlyIfSet !== true || configs.has(bounds.name)) checkBounds(bounds, values, broker);
    }
    checkSessions(values);
  });
}

function checkNames(configs: ReadonlyMap<string, string>): void {
  for (const name of configs.keys()) {
    if (!groupConfigDef.has(name)) throw ruleError(name, `Unknown group config name: ${name}`);
  }
}

function checkBounds(
  { name, min, max }: GroupBounds,
  values: ConfigValues<GroupConfigValues>,
  broker: BrokerConfig,
): void {
  const value = Number(values.get(name));
  if (min !== null && value < Number(broker.get(min))) {
    throw ruleError(name, `${name} must be greater than or equal to ${min}`);
  }
  if (max !== null && value > Number(broker.get(max))) {
    throw ruleError(name, `${name} must be less than or equal to ${max}`);
  }
}

function checkSessions(values: ConfigValues<GroupConfigValues>): void {
  for (const kind of ['consumer', 'share', 'streams'] as const) {
    const session = `${kind}.session.timeout.ms` as const;
    const heartbeat = `${kind}.heartbeat.interval.ms` as const;
    if (values.get(session) <= values.get(heartbeat)) {
      throw ruleError(session, `${session} must be greater than ${heartbeat}`);
    }
  }
}
