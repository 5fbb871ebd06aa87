/**
 * Log lines for people and for programs, behind the base package's Logger port: one line of text per event, made by a format.
 *
 * The line goes out through one function, so that tests read lines instead of streams. Level and format are chosen by the commands.
 */
import type { LogFields, Logger } from '@skarab/base';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogEvent {
  readonly level: LogLevel;
  readonly timeMs: number;
  readonly message: string;
  readonly fields: LogFields;
}

export type LogFormat = (event: LogEvent) => string;

export interface LineLoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly write: (line: string) => void;
  readonly nowMs: () => number;
}

export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A logger that formats and writes at once. */
export function lineLogger(options: LineLoggerOptions, bound: LogFields = {}): Logger {
  const least = LOG_LEVELS.indexOf(options.level);
  const at = (level: LogLevel) => {
    if (LOG_LEVELS.indexOf(level) < least) return () => {};
    return (fields: LogFields, message: string): void => {
      options.write(options.format({ level, timeMs: options.nowMs(), message, fields: { ...bound, ...fields } }));
    };
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => lineLogger(options, { ...bound, ...fields }),
  };
}
