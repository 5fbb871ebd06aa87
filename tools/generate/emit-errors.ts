/**
 * The generated error table.
 */
import { MARKER } from './emit-file.ts';
import type { ErrorRow } from './java-facts.ts';

/** Text of `errors.ts`. */
export function emitErrors(rows: readonly ErrorRow[]): string {
  const codes = (accept: (row: ErrorRow) => boolean): string =>
    rows
      .filter(accept)
      .map(({ code }) => code)
      .join(', ');
  return `${MARKER}

/** Error codes of the protocol, by Kafka's names. */
export const ErrorCode = {
${rows.map(({ name, code }) => `  ${name}: ${code},`).join('\n')}
} as const;

/** A known error code. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const names: ReadonlyMap<number, string> = new Map(Object.entries(ErrorCode).map(([name, code]) => [code, name]));
const retriable: ReadonlySet<number> = new Set([${codes((row) => row.retriable)}]);
const staleMetadata: ReadonlySet<number> = new Set([${codes((row) => row.staleMetadata)}]);

/** Kafka's name of an error code; codes that it does not know are UNKNOWN_SERVER_ERROR. */
export function errorName(code: number): string {
  return names.get(code) ?? 'UNKNOWN_SERVER_ERROR';
}

/** True when the same request may succeed later. */
export function isRetriable(code: number): boolean {
  return retriable.has(code);
}

/** True when the error says that the client's metadata is out of date. */
export function isStaleMetadata(code: number): boolean {
  return staleMetadata.has(code);
}
`;
}
