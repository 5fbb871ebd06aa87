/**
 * Two looks of a log line: `kafka` as Kafka's default log4j pattern prints it, `pretty` for a terminal. JSON is pino's business.
 *
 * The field `component` is where a line comes from; an Error in the field `error` keeps its stack. Pure.
 */
import type { LogEvent, LogFormat } from './line-logger.ts';

const COLOURS = { debug: '\u001b[2m', info: '\u001b[32m', warn: '\u001b[33m', error: '\u001b[31m' } as const;
const DIM = '\u001b[2m';
const RESET = '\u001b[0m';

/** `[2026-01-31 12:00:00,000] INFO message key=value (component)` in local time, a stack below. */
export const kafkaFormat: LogFormat = (event) => {
  const { component, error, rest } = split(event);
  const time = `${localDate(event.timeMs)} ${localTime(event.timeMs).replace('.', ',')}`;
  const suffix = component === undefined ? '' : ` (${component})`;
  return `[${time}] ${event.level.toUpperCase()} ${event.message}${pairs(rest)}${suffix}${stackOf(error)}\n`;
};

/** `12:00:00.000 INFO  component  message key=value`, colours on request. */
export function prettyFormat(colours: boolean): LogFormat {
  const paint = (colour: string, text: string): string => (colours && text !== '' ? `${colour}${text}${RESET}` : text);
  return (event) => {
    const { component, error, rest } = split(event);
    const level = paint(COLOURS[event.level], event.level.toUpperCase().padEnd(5));
    const from = component === undefined ? '' : `${paint(DIM, component)}  `;
    return `${paint(DIM, localTime(event.timeMs))} ${level} ${from}${event.message}${paint(DIM, pairs(rest))}${stackOf(error)}\n`;
  };
}

function split({ fields }: LogEvent): { component: string | undefined; error: unknown; rest: Record<string, unknown> } {
  const { component, error, ...rest } = fields;
  return { component: component === undefined ? undefined : String(component), error, rest };
}

function pairs(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([key, value]) => ` ${key}=${show(value)}`)
    .join('');
}

function show(value: unknown): string {
  if (typeof value === 'string') return /^[^\s="]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}

function stackOf(error: unknown): string {
  if (error === undefined) return '';
  return `\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

const two = (n: number): string => String(n).padStart(2, '0');

function localDate(timeMs: number): string {
  const date = new Date(timeMs);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function localTime(timeMs: number): string {
  const date = new Date(timeMs);
  const millis = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`;
}
