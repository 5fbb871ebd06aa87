/**
 * Version ranges of schemas: '3-7', '2+', '4', 'none'. Closed intervals; an open end is `OPEN`; the empty set is `null`.
 */

/** Stands for "and all later versions"; int16's maximum, as versions are int16 on the wire. */
export const OPEN = 32767;

/** A non-empty closed interval of versions. */
export interface Versions {
  readonly low: number;
  readonly high: number;
}

/** Parses a range; `null` for 'none'. */
export function parseVersions(text: string): Versions | null {
  const trimmed = text.trim();
  if (trimmed === 'none') return null;
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(trimmed);
  if (match === null) throw new Error(`not a version range: ${text}`);
  const low = Number(match[1]);
  if (match[2] !== undefined) return { low, high: OPEN };
  return { low, high: match[3] === undefined ? low : Number(match[3]) };
}

/** Versions in both ranges. */
export function intersect(a: Versions | null, b: Versions | null): Versions | null {
  if (a === null || b === null) return null;
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  return low > high ? null : { low, high };
}

/** True when `version` lies in `range`. */
export function contains(range: Versions | null, version: number): boolean {
  return range !== null && version >= range.low && version <= range.high;
}

/** '3+', '3-7' or '3', relative to the versions that exist at all. */
export function formatVersions(range: Versions, within: Versions): string {
  const high = Math.min(range.high, within.high);
  if (range.low === high) return `${high}`;
  return high === within.high ? `${range.low}+` : `${range.low}-${high}`;
}

/** A condition on a version: decided at generation time, or a TypeScript expression over `version`. */
export type Condition = { kind: 'always' } | { kind: 'never' } | { kind: 'test'; expression: string };

/** The condition "version is in `range`" for a version known to be in `known`. */
export function condition(range: Versions | null, known: Versions): Condition {
  const both = intersect(range, known);
  if (both === null) return { kind: 'never' };
  const tests: string[] = [];
  if (both.low > known.low) tests.push(`version >= ${both.low}`);
  if (both.high < known.high) tests.push(`version <= ${both.high}`);
  if (tests.length === 0) return { kind: 'always' };
  if (both.low === both.high) return { kind: 'test', expression: `version === ${both.low}` };
  return { kind: 'test', expression: tests.join(' && ') };
}
