/**
 * The parsed value of a configuration: from text by its type, and back.
 *
 * Not checked here against validators (`validator.ts`). Source: ConfigDef.parseType and convertToString.
 */
import { ConfigError } from '@skarab/base';
import type { ConfigKey, ConfigType } from './config-key.ts';
import { doubleToText, listToText, parseDouble, parseInteger, trimJava } from './java-text.ts';
import { isKnownClass } from './known-classes.ts';

/** A parsed value: LONG is a bigint, LIST an array, CLASS and PASSWORD a string; null where a default is null. */
export type ConfigValue = boolean | number | bigint | string | readonly string[] | null;

/**
 * Reads `text` as the type of `name` says.
 *
 * Errors: ConfigError with Kafka's text.
 */
export function parseType(name: string, type: ConfigType, text: string): ConfigValue {
  const trimmed = trimJava(text);
  switch (type) {
    case 'BOOLEAN':
      return parseBoolean(name, text, trimmed);
    case 'STRING':
    case 'PASSWORD':
      return trimmed;
    case 'INT':
      return Number(numberOr(name, type, text, parseInteger(trimmed, 32)));
    case 'SHORT':
      return Number(numberOr(name, type, text, parseInteger(trimmed, 16)));
    case 'LONG':
      return numberOr(name, type, text, parseInteger(trimmed, 64));
    case 'DOUBLE':
      return numberOr(name, type, text, parseDouble(trimmed));
    case 'LIST':
      return trimmed === '' ? [] : trimmed.split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/);
    case 'CLASS':
      if (isKnownClass(trimmed)) return trimmed;
      throw new ConfigError(name, text, `Class ${text} could not be found.`);
  }
}

/** The default of a configuration as a value; null when it has none. */
export function defaultValue(key: ConfigKey): ConfigValue {
  return key.default === null ? null : parseType(key.name, key.type, key.default);
}

/** The text form that describing a configuration shows; null stays null. */
export function formatValue(value: ConfigValue, type: ConfigType): string | null {
  if (value === null) return null;
  if (Array.isArray(value)) return value.join(',');
  return type === 'DOUBLE' ? doubleToText(value as number) : String(value);
}

/** The text form that error messages show. */
export function printValue(value: ConfigValue, type: ConfigType): string {
  if (type === 'PASSWORD') return '[hidden]';
  return Array.isArray(value) ? listToText(value) : String(formatValue(value, type));
}

function parseBoolean(name: string, text: string, trimmed: string): boolean {
  const lower = trimmed.toLowerCase();
  if (lower !== 'true' && lower !== 'false') {
    throw new ConfigError(name, text, 'Expected value to be either true or false');
  }
  return lower === 'true';
}

function numberOr<T>(name: string, type: ConfigType, text: string, parsed: T | undefined): T {
  if (parsed === undefined) throw new ConfigError(name, text, `Not a number of type ${type}`);
  return parsed;
}
