/**
 * Checks parsed values against the validators of the catalogue, with Kafka's error texts.
 *
 * Source: the validators of ConfigDef and those of single configurations.
 */
import { ConfigError } from '@skarab/base';
import type { ConfigKey, Validator } from './config-key.ts';
import { type ConfigValue, printValue } from './config-value.ts';
import { parseQuorumBootstrapServers, parseQuorumVoters } from './quorum-endpoints.ts';
import { parseShareAutoOffsetReset } from './share-auto-offset-reset.ts';
import { parseThrottledReplicas } from './throttled-replicas.ts';

type ListRule = Extract<Validator, { kind: 'list' }>;

/** Throws ConfigError when the value is not allowed for the configuration. */
export function ensureValid(key: ConfigKey, value: ConfigValue): void {
  const validator = key.validator;
  if (validator === null) return;
  if (validator.kind === 'list') {
    ensureList(key.name, validator, value as readonly string[] | null);
    return;
  }
  const reason = reasonAgainst(key.name, validator, value);
  if (reason !== undefined) throw new ConfigError(key.name, printValue(value, key.type), reason);
}

/** Why the value is not allowed, in Kafka's words. */
function reasonAgainst(name: string, validator: Exclude<Validator, ListRule>, value: ConfigValue): string | undefined {
  switch (validator.kind) {
    case 'range':
      return reasonOutOfRange(validator.min, validator.max, value);
    case 'rangeOr':
      return reasonOutOfRangeOr(validator, value);
    case 'in':
      if (validator.values.includes(value as string)) return undefined;
      return `String must be one of: ${validator.values.join(', ')}`;
    case 'inIgnoringCase':
      if (validator.values.includes(String(value).toUpperCase())) return undefined;
      return `String must be one of (case insensitive): ${validator.values.join(', ')}`;
    case 'nonEmpty':
      return value === '' ? 'String must be non-empty' : undefined;
    case 'nonNull':
      return value === null ? 'entry must be non null' : undefined;
    case 'throttledReplicas':
      if (parseThrottledReplicas(value as readonly string[]) !== undefined) return undefined;
      return `${name} must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...`;
    case 'shareAutoOffsetReset':
      if (parseShareAutoOffsetReset(String(value)) !== undefined) return undefined;
      return `Invalid value \`${value}\` for configuration ${name}. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.`;
    case 'quorumVoters':
      parseQuorumVoters(value as readonly string[], false);
      return undefined;
    case 'quorumBootstrapServers':
      parseQuorumBootstrapServers(value as readonly string[]);
      return undefined;
  }
}

function reasonOutOfRange(min: string | null, max: string | null, value: ConfigValue): string | undefined {
  if (value === null) return 'Value must be non-null';
  const number = Number(value);
  if (min !== null && number < Number(min)) return `Value must be at least ${min}`;
  if (max !== null && number > Number(max)) return `Value must be no more than ${max}`;
  return undefined;
}

function reasonOutOfRangeOr(
  rule: { readonly min: number; readonly max: number; readonly or: number },
  value: ConfigValue,
): string | undefined {
  if (value === null) return 'Value must be non-null';
  const number = Number(value);
  if (number <= rule.max && (number >= rule.min || number === rule.or)) return undefined;
  return `Value must be between ${rule.min} and ${rule.max} or equal to ${rule.or}`;
}

function ensureList(name: string, rule: ListRule, values: readonly string[] | null): void {
  const refuse = (what: string): never => {
    throw new ConfigError(name, values === null ? null : values.join(','), '', `Configuration '${name}' ${what}`);
  };
  if (values === null) {
    if (!rule.nullAllowed) refuse('values must not be null.');
    return;
  }
  if (values.length === 0 && !rule.emptyAllowed) {
    refuse(`must not be empty. Valid values include: ${rule.values.length === 0 ? 'any non-empty value' : rule.text}`);
  }
  for (const value of values) {
    if (value === '') refuse('values must not be empty.');
    if (rule.values.length > 0 && !rule.values.includes(value)) {
      throw new ConfigError(name, value, `String must be one of: ${rule.values.join(', ')}`);
    }
  }
}
