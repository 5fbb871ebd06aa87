/**
 * Parsed values by name, with the type of each name known to the compiler.
 */
import { assert } from '@skarab/base';
import type { ConfigValue } from './config-value.ts';

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

/** A LONG as a number; beyond the safe integers it becomes the nearest of them, which stands for "no limit" in practice. */
export function longToNumber(value: bigint): number {
  if (value > maxSafe) return Number.MAX_SAFE_INTEGER;
  return value < -maxSafe ? Number.MIN_SAFE_INTEGER : Number(value);
}

/** The values of one definition; `T` is its generated interface of value types. */
export class ConfigValues<T> {
  readonly #values: ReadonlyMap<string, ConfigValue>;

  constructor(values: ReadonlyMap<string, ConfigValue>) {
    this.#values = values;
  }

  /** The value as getters give it: a LONG is a number. */
  get<K extends keyof T & string>(name: K): T[K] {
    const value = this.raw(name);
    return (typeof value === 'bigint' ? longToNumber(value) : value) as T[K];
  }

  /** The value as it was parsed: a LONG is a bigint. */
  raw(name: string): ConfigValue {
    const value = this.#values.get(name);
    assert(value !== undefined, `no configuration ${name}`);
    return value;
  }

  entries(): Iterable<readonly [string, ConfigValue]> {
    return this.#values.entries();
  }
}
