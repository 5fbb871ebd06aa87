/**
 * The configurations of a client metrics subscription (KIP-714): which are allowed, what they mean, how they are described.
 *
 * Source: ClientMetricsConfigs, ConfigHelper.createClientMetricsConfigEntry.
 */
import { ruleError } from '../broker/requirement.ts';
import { clientMetricsConfigDef } from '../config-def.ts';
import {
  type ConfigProblem,
  configProblemOf,
  invalidRequest,
  isConfigProblem,
  withoutNulls,
} from '../config-problem.ts';
import { type ConfigValue, formatValue } from '../config-value.ts';
import {
  ConfigSource,
  type DescribedConfig,
  type DescribeOptions,
  describedConfig,
  isAskedFor,
} from '../described-config.ts';

const minIntervalMs = 100;
const maxIntervalMs = 3_600_000;
const matchParameters: ReadonlySet<string> = new Set([
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
]);

/** A subscription. */
export interface ClientMetricsConfig {
  /** Prefixes of metric names; `*` for all. */
  readonly metrics: readonly string[];
  readonly intervalMs: number;
  /** Patterns that a client's attributes must match as a whole, by attribute; none matches every client. */
  readonly match: ReadonlyMap<string, RegExp>;
}

/** Why the subscription cannot have `overrides`, all of its configurations after the change; undefined when it can. */
export function validateClientMetricsConfigs(
  subscription: string,
  overrides: ReadonlyMap<string, string | null>,
): ConfigProblem | undefined {
  const configs = withoutNulls(overrides, 'client metrics');
  if (isConfigProblem(configs)) return configs;
  if (subscription === '') return invalidRequest("Subscription name can't be empty");
  for (const name of configs.keys()) {
    if (!clientMetricsConfigDef.has(name)) return invalidRequest(`Unknown client metrics configuration: ${name}`);
  }
  const malformed = configProblemOf(() => void clientMetricsConfigDef.parse(configs));
  if (malformed !== undefined) return malformed;
  const values = clientMetricsConfigDef.parse(configs);
  const intervalMs = Number(values.get('interval.ms'));
  if (intervalMs < minIntervalMs || intervalMs > maxIntervalMs) {
    return invalidRequest(
      `Invalid value ${intervalMs} for interval.ms, interval must be between 100 and 3600000 (1 hour)`,
    );
  }
  return configProblemOf(() => void parseMatch(listOf(values.get('match'))));
}

/** The subscription with the given configurations. Errors: ConfigError for configurations that were never valid. */
export function resolveClientMetricsConfig(overrides: ReadonlyMap<string, string>): ClientMetricsConfig {
  const values = clientMetricsConfigDef.parse(overrides);
  return {
    metrics: listOf(values.get('metrics')),
    intervalMs: Number(values.get('interval.ms')),
    match: parseMatch(listOf(values.get('match'))),
  };
}

/** Describes a subscription. Errors: ConfigError for configurations that were never valid. */
export function describeClientMetrics(
  overrides: ReadonlyMap<string, string>,
  options: DescribeOptions = {},
): DescribedConfig[] {
  const values = clientMetricsConfigDef.parse(overrides);
  return clientMetricsConfigDef.keys
    .filter((key) => isAskedFor(key.name, options))
    .map((key) => {
      const value = formatValue(values.get(key.name) ?? null, key.type);
      const own = { name: key.name, value, source: ConfigSource.CLIENT_METRICS_CONFIG };
      const synonyms = overrides.has(key.name) ? [own] : [];
      return describedConfig({ name: key.name, value, type: key.type, readOnly: false, synonyms }, options);
    });
}

function listOf(value: ConfigValue | undefined): readonly string[] {
  return Array.isArray(value) ? value : [];
}

function parseMatch(patterns: readonly string[]): Map<string, RegExp> {
  return new Map(patterns.map(parsePattern));
}

function parsePattern(pattern: string): readonly [string, RegExp] {
  // Java's split drops empty strings at the end, so "client_id=" has one part.
  const parts = pattern.replace(/=+$/, '').split('=');
  const [name = '', value = ''] = parts.map((part) => part.trim());
  const matches = parts.length === 2 && matchParameters.has(name) ? wholeMatch(value) : undefined;
  if (matches === undefined) throw ruleError('match', `Illegal client matching pattern: ${pattern}`);
  return [name, matches];
}

function wholeMatch(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 's');
  } catch {
    return undefined;
  }
}
