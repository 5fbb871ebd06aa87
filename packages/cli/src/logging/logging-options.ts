/** The options every running command has for its log, and the logger they make. */
import { LevelledLogger, type Logger, type LoggerLevel, LogLevels, systemClock } from '@skarab/base';
import { UsageError } from '../options/usage-error.ts';
import type { Output } from '../program.ts';
import { kafkaFormat, prettyFormat } from './formats.ts';
import { LOG_LEVELS, type LogFormat, type LogLevel, lineLogger } from './line-logger.ts';

export const loggingOptions = {
  'log-level': { value: 'LEVEL', default: 'info', help: 'Least level of log lines: debug, info, warn, error.' },
  'log-format': {
    value: 'FORMAT',
    help: 'How log lines look: pretty (default on a terminal), json (default elsewhere), kafka.',
  },
} as const;

/** A logger to `output` as the options say, whose levels can be changed later; JSON lines are pino's. Errors: UsageError. */
export async function openLogger(
  values: { readonly 'log-level': string; readonly 'log-format'?: string | undefined },
  output: Output,
): Promise<LevelledLogger> {
  const level = values['log-level'] as LogLevel;
  if (!LOG_LEVELS.includes(level))
    throw new UsageError(`option --log-level is '${level}'; allowed: ${LOG_LEVELS.join(', ')}`);
  const levels = new LogLevels(level.toUpperCase() as LoggerLevel);
  return new LevelledLogger(await lineWriter(values['log-format'], output), levels);
}

/** Writes every line that it gets. */
async function lineWriter(format: string | undefined, output: Output): Promise<Logger> {
  const formats: Readonly<Record<string, LogFormat>> = {
    pretty: prettyFormat(output.isTTY === true),
    kafka: kafkaFormat,
  };
  const name = format ?? (output.isTTY === true ? 'pretty' : 'json');
  if (name === 'json')
    return (await import('./pino-logger.ts')).pinoLogger('debug', (line) => output.write(line), systemClock.nowMs);
  const chosen = formats[name];
  if (chosen === undefined) throw new UsageError(`option --log-format is '${name}'; allowed: pretty, json, kafka`);
  return lineLogger({ level: 'debug', format: chosen, write: (line) => output.write(line), nowMs: systemClock.nowMs });
}
