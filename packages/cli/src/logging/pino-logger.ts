/**
 * Structured log lines by pino, behind the logger port: one JSON object per line with time, level, message and the fields.
 *
 * Loaded only when JSON is asked for. An Error in the field `error` keeps its name, message and stack.
 */
import type { LogFields, Logger } from '@skarab/base';
import { type Logger as Pino, pino } from 'pino';
import type { LogLevel } from './line-logger.ts';

/** A logger whose lines go to `write`. */
export function pinoLogger(level: LogLevel, write: (line: string) => void, nowMs: () => number): Logger {
  const root = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(nowMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: withPlainValues },
      serializers: { error: describeError },
    },
    { write },
  );
  return adapt(root);
}

function adapt(inner: Pino): Logger {
  return {
    debug: (fields, message) => inner.debug(fields, message),
    info: (fields, message) => inner.info(fields, message),
    warn: (fields, message) => inner.warn(fields, message),
    error: (fields, message) => inner.error(fields, message),
    child: (fields) => adapt(inner.child(fields)),
  };
}

/** JSON has no bigint: they become text, so that nothing is rounded. */
function withPlainValues(fields: Record<string, unknown>): Record<string, unknown> {
  const plain: LogFields = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
  );
  return plain;
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return { name: error.name, message: error.message, stack: error.stack };
}
