/**
 * Whether a topic may have the given configurations: Kafka's rules, and none that would have no effect.
 *
 * The controller asks before it writes records. Source: LogConfig.validate, ControllerConfigurationValidator.
 */
import { ConfigError } from '@skarab/base';
import type { BrokerConfig } from '../broker/broker-config.ts';
import { ruleError } from '../broker/requirement.ts';
import { topicConfigDef } from '../config-def.ts';
import { type ConfigProblem, configProblemOf, isConfigProblem, withoutNulls } from '../config-problem.ts';
import { formatValue } from '../config-value.ts';
import type { ConfigValues } from '../config-values.ts';
import type { TopicConfigValues } from '../generated/topic-configs.ts';
import { servedTopicConfigs } from './served-topic-configs.ts';
import { topicValues } from './topic-config.ts';

/**
 * Why a topic cannot have `overrides`, all of its own configurations after the change; undefined when it can.
 *
 * `existing` are those before the change: a configuration that is not served but was there already does not stand in the way of others.
 */
export function validateTopicConfigs(
  overrides: ReadonlyMap<string, string | null>,
  broker: BrokerConfig,
  existing: ReadonlyMap<string, string> = new Map(),
): ConfigProblem | undefined {
  const configs = withoutNulls(overrides, 'topic');
  if (isConfigProblem(configs)) return configs;
  return configProblemOf(() => {
    checkNames(configs);
    const values = topicValues(configs, broker);
    checkCompactionLags(values);
    checkTieredStorage(values);
    checkServed(configs, values, existing);
  });
}

function checkNames(configs: ReadonlyMap<string, string>): void {
  for (const name of configs.keys()) {
    if (!topicConfigDef.has(name)) throw ruleError(name, `Unknown topic config name: ${name}`);
  }
}

function checkCompactionLags(values: ConfigValues<TopicConfigValues>): void {
  const min = values.raw('min.compaction.lag.ms') as bigint;
  const max = values.raw('max.compaction.lag.ms') as bigint;
  if (min <= max) return;
  const text = `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`;
  throw ruleError('min.compaction.lag.ms', text);
}

function checkTieredStorage(values: ConfigValues<TopicConfigValues>): void {
  if (!values.get('remote.storage.enable')) return;
  throw ruleError(
    'remote.storage.enable',
    'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
  );
}

function checkServed(
  configs: ReadonlyMap<string, string>,
  values: ConfigValues<TopicConfigValues>,
  existing: ReadonlyMap<string, string>,
): void {
  for (const [name, text] of configs) {
    const served = servedTopicConfigs[name as keyof TopicConfigValues];
    const key = topicConfigDef.get(name);
    if (served.served || key === undefined || existing.get(name) === text) continue;
    if (formatValue(values.raw(name), key.type) !== key.default) throw new ConfigError(name, text, served.reason);
  }
}
