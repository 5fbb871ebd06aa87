/**
 * BROKER_LOGGER resources: the loggers of this process as configurations, their levels as values (KIP-412).
 *
 * Levels take effect at once and are forgotten when the process ends. Source: kafka.server.logger.RuntimeLoggerManager, LoggingController.
 */
import { LOGGER_LEVELS, type LoggerLevel, type LogLevels, ROOT_LOGGER } from '@skarab/base';
import { ConfigSource, type DescribedConfig } from '@skarab/config';
import { ErrorCode } from '@skarab/protocol';
import {
  type Alteration,
  AlterationKind,
  type AlterationOutcome,
  type ResourceAlteration,
} from './alteration-check.ts';

/** A logger in the answer of DescribeConfigs; unlike other entries it has a documentation, and that is empty. */
export type DescribedLogger = Omit<DescribedConfig, 'documentation'> & { readonly documentation: string };

/** All loggers with their levels, or those named. */
export function describeLoggers(levels: LogLevels, names: readonly string[] | null): DescribedLogger[] {
  return levels
    .names()
    .filter((name) => names === null || names.includes(name))
    .map((name) => ({
      name,
      value: levels.levelOf(name),
      readOnly: false,
      configSource: ConfigSource.DYNAMIC_BROKER_LOGGER_CONFIG,
      isSensitive: false,
      synonyms: [],
      configType: 0,
      documentation: '',
    }));
}

/** What levels of loggers are altered in. */
export interface LoggerAlterationParts {
  readonly nodeId: number;
  readonly levels: LogLevels;
  readonly mayAlter: boolean;
  readonly validateOnly: boolean;
}

/** Alters the levels of one resource, all or none. */
export function alterLoggerLevels(parts: LoggerAlterationParts, resource: ResourceAlteration): AlterationOutcome {
  const { nodeId, levels, mayAlter, validateOnly } = parts;
  if (!mayAlter) return refuse(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'Cluster authorization failed.');
  const { resourceName } = resource;
  if (!/^[+-]?\d+$/.test(resourceName)) return invalid(`Node id must be an integer, but it is: ${resourceName}`);
  if (Number(resourceName) !== nodeId)
    return invalid(`Unexpected node id. Expected ${nodeId}, but received ${Number(resourceName)}`);
  for (const alteration of resource.configs) {
    const refusal = refusalOf(levels, alteration);
    if (refusal !== undefined) return refusal;
  }
  if (!validateOnly)
    for (const { name, value, configOperation } of resource.configs)
      levels.set(name, configOperation === AlterationKind.SET ? (value as LoggerLevel) : undefined);
  return { errorCode: ErrorCode.NONE, errorMessage: null };
}

function refusalOf(levels: LogLevels, { name, value, configOperation }: Alteration): AlterationOutcome | undefined {
  switch (configOperation) {
    case AlterationKind.SET:
      if (!levels.has(name)) return unknown(name);
      if ((LOGGER_LEVELS as readonly (string | null)[]).includes(value)) return undefined;
      return refuse(
        ErrorCode.INVALID_CONFIG,
        `Cannot set the log level of ${name} to ${value} as it is not a supported log level. ` +
          `Valid log levels are ${[...LOGGER_LEVELS].sort().join(', ')}`,
      );
    case AlterationKind.DELETE:
      if (!levels.has(name)) return unknown(name);
      return name === ROOT_LOGGER
        ? invalid(`Removing the log level of the ${ROOT_LOGGER} logger is not allowed`)
        : undefined;
    case AlterationKind.APPEND:
      return invalid('APPEND operation is not allowed for the BROKER_LOGGER resource');
    case AlterationKind.SUBTRACT:
      return invalid('SUBTRACT operation is not allowed for the BROKER_LOGGER resource');
    default:
      return invalid(`Unknown operation type ${configOperation} is not allowed for the BROKER_LOGGER resource`);
  }
}

function refuse(errorCode: number, errorMessage: string): AlterationOutcome {
  return { errorCode, errorMessage };
}

const invalid = (text: string): AlterationOutcome => refuse(ErrorCode.INVALID_REQUEST, text);
const unknown = (name: string): AlterationOutcome => refuse(ErrorCode.INVALID_CONFIG, `Logger ${name} does not exist!`);
