/**
 * The values of share.auto.offset.reset: where a share group starts on a partition it has not read.
 *
 * Source: ShareGroupAutoOffsetResetStrategy, java.time.Duration.parse.
 */

/** A strategy; with 'by_duration', how far back from now. Units: ms. */
export type ShareAutoOffsetReset =
  | { readonly type: 'earliest' }
  | { readonly type: 'latest' }
  | { readonly type: 'by_duration'; readonly durationMs: number };

const durationPattern =
  /^([-+]?)P(?:([-+]?[0-9]+)D)?(T(?:([-+]?[0-9]+)H)?(?:([-+]?[0-9]+)M)?(?:([-+]?[0-9]+)(?:[.,]([0-9]{0,9}))?S)?)?$/i;

/** The strategy a text names; undefined when it names none. */
export function parseShareAutoOffsetReset(text: string): ShareAutoOffsetReset | undefined {
  if (text === 'earliest' || text === 'latest') return { type: text };
  if (!text.startsWith('by_duration:')) return undefined;
  const durationMs = parseDurationMs(text.slice('by_duration:'.length));
  return durationMs === undefined || durationMs < 0 ? undefined : { type: 'by_duration', durationMs };
}

/** Milliseconds of an ISO-8601 duration of days and smaller units; undefined for another form. */
export function parseDurationMs(text: string): number | undefined {
  const found = durationPattern.exec(text);
  if (found === null) return undefined;
  const [, sign, days, time, hours, minutes, seconds, fraction] = found;
  const parts = [days, hours, minutes, seconds];
  if (parts.every((part) => part === undefined) || time?.toUpperCase() === 'T') return undefined;
  const [d = 0, h = 0, m = 0, s = 0] = parts.map((part) => Number(part ?? 0));
  const fractionMs = Number(`0.${fraction || '0'}`) * 1000 * (seconds?.startsWith('-') ? -1 : 1);
  const totalMs = (((d * 24 + h) * 60 + m) * 60 + s) * 1000 + fractionMs;
  return sign === '-' ? -totalMs : totalMs;
}
