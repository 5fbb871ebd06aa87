/**
 * Why an alteration of configurations is refused, as the error code and message of a response.
 *
 * Error codes are Kafka's numbers; the generated table lives on the same floor and cannot be imported here.
 */
import { ConfigError } from '@skarab/base';

/** The error code of values that are not allowed. */
export const INVALID_CONFIG = 40;
/** The error code of requests that make no sense. */
export const INVALID_REQUEST = 42;

/** A refusal. */
export interface ConfigProblem {
  readonly errorCode: typeof INVALID_CONFIG | typeof INVALID_REQUEST;
  readonly message: string;
}

export function invalidConfig(message: string): ConfigProblem {
  return { errorCode: INVALID_CONFIG, message };
}

export function invalidRequest(message: string): ConfigProblem {
  return { errorCode: INVALID_REQUEST, message };
}

/** Runs checks that throw ConfigError; the refusal it stands for, if any. */
export function configProblemOf(
  check: () => void,
  refuse: typeof invalidConfig = invalidConfig,
): ConfigProblem | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return refuse(error.message);
    throw error;
  }
}

/** The configurations that have a value, or the refusal for those that have none; `kind` is "topic", "group", "client metrics". */
export function withoutNulls(
  configs: ReadonlyMap<string, string | null>,
  kind: string,
): ReadonlyMap<string, string> | ConfigProblem {
  const nulls = [...configs].filter(([, value]) => value === null).map(([name]) => name);
  if (nulls.length > 0) return invalidConfig(`Null value not supported for ${kind} configs: ${nulls.join(',')}`);
  return configs as ReadonlyMap<string, string>;
}

export function isConfigProblem(value: ReadonlyMap<string, string> | ConfigProblem): value is ConfigProblem {
  return 'errorCode' in value;
}
