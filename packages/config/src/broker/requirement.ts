/**
 * How the rules between configurations fail.
 */
import { ConfigError } from '@skarab/base';

/** An error whose text is not about one value. */
export function ruleError(option: string, text: string): ConfigError {
  return new ConfigError(option, null, '', text);
}

/** Throws with the text of Scala's `require` unless the condition holds. */
export function require(condition: boolean, option: string, text: string): void {
  if (!condition) throw ruleError(option, `requirement failed: ${text}`);
}
