/**
 * How Java reads and prints the scalars of configurations: trimming, integers, doubles, lists.
 *
 * Values and error texts must come out as the JVM's Kafka prints them, so this follows java.lang, not JavaScript.
 */

const integerPattern = /^[+-]?[0-9]+$/;
const doublePattern = /^[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[fFdD]?)$/;

/** String.trim: removes every character up to and including U+0020 from both ends. */
export function trimJava(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 32) start++;
  while (end > start && text.charCodeAt(end - 1) <= 32) end--;
  return text.slice(start, end);
}

/** Integer.parseInt and its siblings for `bits` bits; undefined where Java throws NumberFormatException. */
export function parseInteger(text: string, bits: 16 | 32 | 64): bigint | undefined {
  if (!integerPattern.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(bits, value) === value ? value : undefined;
}

/** Double.parseDouble for decimal literals; undefined where Java throws NumberFormatException. */
export function parseDouble(text: string): number | undefined {
  return doublePattern.test(text) ? Number(text.replace(/[fFdD]$/, '')) : undefined;
}

/** Double.toString. */
export function doubleToText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`;
}

/** AbstractCollection.toString. */
export function listToText(values: Iterable<string>): string {
  return `[${[...values].join(', ')}]`;
}
