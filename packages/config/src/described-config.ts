/**
 * Entries of a DescribeConfigs response; field names are those of the generated message, so that a handler passes them through.
 *
 * Source: ConfigHelper, DescribeConfigsResponse.
 */
import type { ConfigType } from './config-key.ts';

/** Where a value comes from. */
export const ConfigSource = {
  UNKNOWN: 0,
  TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
  CLIENT_METRICS_CONFIG: 7,
  GROUP_CONFIG: 8,
} as const;

const typeIds: Readonly<Record<ConfigType, number>> = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
};

/** The number of a type on the wire; 0 is unknown. */
export function configTypeId(type: ConfigType | undefined): number {
  return type === undefined ? 0 : typeIds[type];
}

/** One place a value could come from. */
export interface DescribedSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

/** One configuration as described. */
export interface DescribedConfig {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
  /** Best first; the first one gives the source. */
  readonly synonyms: readonly DescribedSynonym[];
  readonly configType: number;
  /** There are no documentation texts. */
  readonly documentation: null;
}

/** What to describe. */
export interface DescribeOptions {
  /** Null or empty for all. */
  readonly names?: readonly string[] | null;
  readonly includeSynonyms?: boolean;
}

/** Whether a configuration was asked for. */
export function isAskedFor(name: string, { names }: DescribeOptions): boolean {
  return names === undefined || names === null || names.length === 0 || names.includes(name);
}

/** Puts an entry together: the best synonym gives the source, sensitive values are left out. */
export function describedConfig(
  entry: {
    readonly name: string;
    readonly value: string | null;
    readonly type: ConfigType | undefined;
    readonly readOnly: boolean;
    readonly synonyms: readonly DescribedSynonym[];
  },
  options: DescribeOptions,
): DescribedConfig {
  const isSensitive = isSensitiveType(entry.type);
  return {
    name: entry.name,
    value: isSensitive ? null : entry.value,
    readOnly: entry.readOnly,
    configSource: entry.synonyms[0]?.source ?? ConfigSource.DEFAULT_CONFIG,
    isSensitive,
    synonyms: options.includeSynonyms === true ? entry.synonyms : [],
    configType: configTypeId(entry.type),
    documentation: null,
  };
}

/** Values whose type is not known may be secrets too. */
export function isSensitiveType(type: ConfigType | undefined): boolean {
  return type === undefined || type === 'PASSWORD';
}
