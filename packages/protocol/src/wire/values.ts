/**
 * Values that messages are made of beyond JavaScript's own.
 */

/** Bytes that are not in memory (a slice of a log file); the network host knows how to send them. */
export interface ExternalBytes {
  readonly byteLength: number;
}

/** The payload of a records field: a view, or bytes that only the sender touches. */
export type RecordsPayload = Uint8Array | ExternalBytes;

/** A tagged field whose tag the schema does not know. */
export interface TaggedField {
  readonly tag: number;
  readonly data: Uint8Array;
}

/** No bytes. */
export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);
