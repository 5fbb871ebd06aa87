/**
 * What a command's options are and what they came to: from the command line first, then their environment twins, then defaults.
 *
 * A command declares its options as a constant; the values' types follow from the declaration. Every option that takes a value has a
 * twin in the environment, `--log-dir` ⇔ `SKARAB_LOG_DIR`, unless it says otherwise. Pure: arguments and environment come in as values.
 */
import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

export interface Option {
  /** What stands for the value in help; a flag has none. */
  readonly value?: string;
  readonly short?: string;
  /** May be given more than once; the values are collected. */
  readonly multiple?: true;
  readonly required?: true;
  readonly default?: string;
  /** No environment twin: the option only makes sense in one call. */
  readonly noEnv?: true;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O extends { value: string }
  ? O extends { multiple: true }
    ? readonly string[]
    : O extends { required: true } | { default: string }
      ? string
      : string | undefined
  : boolean;

export type OptionValues<T extends Options> = { readonly [K in keyof T]: ValueOf<T[K]> };

export interface ParsedOptions<T extends Options> {
  readonly values: OptionValues<T>;
  readonly positionals: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variable beside an option: `log-dir` → `SKARAB_LOG_DIR`. */
export function envName(option: string): string {
  return `SKARAB_${option.toUpperCase().replaceAll('-', '_')}`;
}

/** Reads a command's arguments. Errors: `UsageError` for an unknown option, a missing or surplus value, a surplus argument. */
export function parseOptions<const T extends Options>(
  options: T,
  args: readonly string[],
  env: Environment = {},
  positionalNames: readonly string[] = [],
): ParsedOptions<T> {
  const { values, positionals } = parse(options, args);
  if (positionals.length > positionalNames.length) {
    throw new UsageError(`unexpected argument '${positionals[positionalNames.length]}'`);
  }
  const result: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const value = values[name] ?? fromEnvironment(name, option, env) ?? option.default;
    if (value === undefined && option.required) {
      throw new UsageError(`option --${name} is missing${option.noEnv ? '' : ` (or set ${envName(name)})`}`);
    }
    result[name] = value ?? (option.multiple ? [] : option.value === undefined ? false : undefined);
  }
  return { values: result as OptionValues<T>, positionals };
}

function parse(options: Options, args: readonly string[]): { values: Record<string, unknown>; positionals: string[] } {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { value, short, multiple }]) => [
      name,
      {
        type: value === undefined ? 'boolean' : 'string',
        ...(short && { short }),
        ...(multiple && { multiple }),
      } as const,
    ]),
  );
  try {
    return parseArgs({ options: config, args: [...args], allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(explain(error as Error & { code?: string }, options));
  }
}

function explain(error: Error & { code?: string }, options: Options): string {
  const option = /'(?:-\w, )?(--?[^' =]+)/.exec(error.message)?.[1] ?? '';
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const near = nearest(option.replace(/^-+/, ''), Object.keys(options));
    return `unknown option ${option}${near === undefined ? '' : `; did you mean --${near}?`}`;
  }
  if (!error.message.includes('argument missing') && !error.message.includes('ambiguous'))
    return `option ${option} takes no value`;
  return `option ${option} needs a value`;
}

function fromEnvironment(name: string, option: Option, env: Environment): unknown {
  const text = option.noEnv ? undefined : env[envName(name)];
  if (text === undefined || text === '') return undefined;
  if (option.multiple) return text.split(';');
  if (option.value !== undefined) return text;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new UsageError(`${envName(name)} is '${text}'; allowed: true, false, 1, 0`);
}

/** The candidate that a typing mistake most likely meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, distance: editDistance(word, candidate) }));
  ranked.sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
