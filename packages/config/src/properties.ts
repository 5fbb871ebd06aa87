/**
 * Java's `.properties` format: how server.properties and the like are written.
 *
 * `key=value`, `key:value` or `key value`; `#` and `!` begin comments; a backslash at the end of a line continues it; `\t`, `\n`, `\r`,
 * `\f`, `\uXXXX` and `\` before any other character are escapes. Source: java.util.Properties.
 */
import { ConfigError } from '@skarab/base';

const blank = /[ \t\f]/;
const namedEscapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** The properties in a text; the last of equal keys counts. Errors: ConfigError for a malformed `\uXXXX`. */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const [key, value] = splitLine(line);
    properties.set(decodeEscapes(key), decodeEscapes(value));
  }
  return properties;
}

/** Writes properties so that parseProperties, and Java, read them back. */
export function formatProperties(properties: ReadonlyMap<string, string>): string {
  return [...properties].map(([key, value]) => `${encodeEscapes(key, true)}=${encodeEscapes(value, false)}\n`).join('');
}

/** Lines with their continuations joined, without comments and blank lines; white space at the start of each is dropped. */
function* logicalLines(text: string): Generator<string> {
  let joined: string | undefined;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const line = raw.replace(/^[ \t\f]+/, '');
    if (joined === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const isContinued = endsWithOddBackslashes(line);
    const whole: string = (joined ?? '') + (isContinued ? line.slice(0, -1) : line);
    joined = isContinued ? whole : undefined;
    if (!isContinued) yield whole;
  }
  if (joined !== undefined && joined !== '') yield joined;
}

function endsWithOddBackslashes(line: string): boolean {
  return (/\\*$/.exec(line)?.[0].length ?? 0) % 2 === 1;
}

/** The key ends at the first separator that is not escaped; blanks around the separator belong to neither side. */
function splitLine(line: string): [string, string] {
  let end = 0;
  while (end < line.length && !/[=: \t\f]/.test(line.charAt(end))) end += line.charAt(end) === '\\' ? 2 : 1;
  let start = end;
  while (blank.test(line.charAt(start))) start++;
  if (/[=:]/.test(line.charAt(start))) start++;
  while (blank.test(line.charAt(start))) start++;
  return [line.slice(0, end), line.slice(start)];
}

function decodeEscapes(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S]|$)/g, (_, escaped: string) => {
    if (escaped.length === 5) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    if (escaped === 'u') throw new ConfigError('', text, '', 'Malformed \\uxxxx encoding.');
    return namedEscapes[escaped] ?? escaped;
  });
}

function encodeEscapes(text: string, isKey: boolean): string {
  const special = text.replace(/[\\\t\n\r\f=:#!]/g, (char) => {
    const name = Object.keys(namedEscapes).find((one) => namedEscapes[one] === char);
    return `\\${name ?? char}`;
  });
  const spaces = isKey ? special.replaceAll(' ', '\\ ') : special.replace(/^ /, '\\ ');
  return spaces.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
