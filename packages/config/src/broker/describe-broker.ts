/**
 * What DescribeConfigs says of a broker, and of the defaults of the cluster.
 *
 * Source: ConfigHelper.createBrokerConfigEntry and configSynonyms.
 */
import { formatValue } from '../config-value.ts';
import {
  ConfigSource,
  type DescribedConfig,
  type DescribedSynonym,
  type DescribeOptions,
  describedConfig,
  isAskedFor,
  isSensitiveType,
} from '../described-config.ts';
import { brokerConfigKeys, brokerQuotaConfigKeys } from '../generated/broker-configs.ts';
import { brokerConfigSynonyms, brokerConfigType } from './broker-synonyms.ts';
import type { DynamicBrokerConfig } from './dynamic-broker-config.ts';

const visibleNames = brokerConfigKeys.filter((key) => !key.internal).map((key) => key.name);
const dynamicNames: ReadonlySet<string> = new Set(
  [...brokerConfigKeys, ...brokerQuotaConfigKeys]
    .filter((key) => key.updateMode !== 'read-only')
    .map((key) => key.name),
);
const defaults: ReadonlyMap<string, string> = new Map(
  brokerConfigKeys.flatMap((key) => (key.default === null ? [] : [[key.name, key.default] as const])),
);

/** Describes the broker: all configurations that are not internal, and whatever else is set. */
export function describeBroker(broker: DynamicBrokerConfig, options: DescribeOptions = {}): DescribedConfig[] {
  const { originals, values } = broker.current;
  const shown = new Set(visibleNames);
  const others = [...originals].filter(([name]) => !shown.has(name));
  const entries: (readonly [string, string | null])[] = [
    ...others,
    ...visibleNames.map((name) => [name, formatValue(values.raw(name), brokerConfigType(name) ?? 'STRING')] as const),
  ];
  return entries
    .filter(([name]) => isAskedFor(name, options))
    .map(([name, value]) => describe(broker, name, value, true, options));
}

/** Describes the dynamic defaults of the cluster. */
export function describeClusterDefaults(broker: DynamicBrokerConfig, options: DescribeOptions = {}): DescribedConfig[] {
  return [...broker.clusterConfigs]
    .filter(([name]) => isAskedFor(name, options))
    .map(([name, value]) => describe(broker, name, value, false, options));
}

/** Where the value of a broker configuration could come from, best first, from the name itself on. */
export function brokerSynonymEntries(broker: DynamicBrokerConfig, name: string): DescribedSynonym[] {
  const names = brokerConfigSynonyms(name);
  const isSensitive = isSensitiveType(brokerConfigType(name));
  const layers: (readonly [ReadonlyMap<string, string>, number])[] = [
    [broker.brokerConfigs, ConfigSource.DYNAMIC_BROKER_CONFIG],
    [broker.clusterConfigs, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG],
    [broker.staticConfigs, ConfigSource.STATIC_BROKER_CONFIG],
    [defaults, ConfigSource.DEFAULT_CONFIG],
  ];
  const entries = layers.flatMap(([layer, source]) =>
    names.flatMap((one) => {
      const value = layer.get(one);
      return value === undefined ? [] : [{ name: one, value: isSensitive ? null : value, source }];
    }),
  );
  const first = entries.findIndex((one) => one.name === name);
  return first < 0 ? [] : entries.slice(first);
}

function describe(
  broker: DynamicBrokerConfig,
  name: string,
  value: string | null,
  perBroker: boolean,
  options: DescribeOptions,
): DescribedConfig {
  const all = brokerSynonymEntries(broker, name);
  const synonyms = perBroker ? all : all.filter((one) => one.source === ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG);
  const type = brokerConfigType(name);
  return describedConfig({ name, value, type, readOnly: !dynamicNames.has(name), synonyms }, options);
}
