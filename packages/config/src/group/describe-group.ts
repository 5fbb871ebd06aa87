/**
 * What DescribeConfigs says of a group.
 *
 * Source: ConfigHelper.createGroupConfigEntry.
 */
import { brokerSynonymEntries } from '../broker/describe-broker.ts';
import type { DynamicBrokerConfig } from '../broker/dynamic-broker-config.ts';
import { groupConfigDef } from '../config-def.ts';
import type { ConfigKey } from '../config-key.ts';
import { formatValue } from '../config-value.ts';
import {
  ConfigSource,
  type DescribedConfig,
  type DescribedSynonym,
  type DescribeOptions,
  describedConfig,
  isAskedFor,
} from '../described-config.ts';
import { groupValues } from './group-config.ts';

/** Describes a group with the given overrides. Errors: ConfigError for overrides that were never valid. */
export function describeGroup(
  overrides: ReadonlyMap<string, string>,
  broker: DynamicBrokerConfig,
  options: DescribeOptions = {},
): DescribedConfig[] {
  const values = groupValues(overrides, broker.current);
  return groupConfigDef.keys
    .filter((key) => isAskedFor(key.name, options))
    .map((key) => {
      const value = formatValue(values.raw(key.name), key.type);
      const own = { name: key.name, value, source: ConfigSource.GROUP_CONFIG };
      const inherited = inheritedEntries(key, broker);
      const synonyms = overrides.has(key.name) ? [own, ...inherited] : inherited;
      return describedConfig({ name: key.name, value, type: key.type, readOnly: false, synonyms }, options);
    });
}

function inheritedEntries(key: ConfigKey, broker: DynamicBrokerConfig): readonly DescribedSynonym[] {
  const synonym = key.synonyms[0]?.name;
  if (synonym !== undefined) return brokerSynonymEntries(broker, synonym);
  return [{ name: key.name, value: key.default, source: ConfigSource.DEFAULT_CONFIG }];
}
