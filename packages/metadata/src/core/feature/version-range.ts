/** An inclusive range of feature levels that a node supports. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** The range of a feature that a node does not know. */
export const DISABLED_RANGE: VersionRange = { min: 0, max: 0 };

/** True when `level` lies in `range`. */
export function rangeContains(range: VersionRange, level: number): boolean {
  return level >= range.min && level <= range.max;
}

/** The range as Kafka prints it: `3`, or `0-1`. */
export function formatRange(range: VersionRange): string {
  return range.min === range.max ? String(range.min) : `${range.min}-${range.max}`;
}

/** Why `level` cannot be used by `who`, or null when it can. */
export function reasonNotSupported(level: number, who: string, range: VersionRange): string | null {
  if (rangeContains(range, level)) return null;
  return range.max === 0
    ? `${who} does not support this feature.`
    : `${who} only supports versions ${formatRange(range)}`;
}
