/**
 * Kafka's 128-bit identifiers, carried everywhere in their text form: 22 characters of URL-safe base64 without padding.
 *
 * Strings make cheap map keys and readable logs; the codec turns them into 16 bytes and back at the wire.
 * Source: org.apache.kafka.common.Uuid.
 */
import { Buffer } from 'node:buffer';
import type { RandomBytes } from './random.ts';

/** A Kafka uuid as 22 characters of URL-safe base64. */
export type Uuid = string;

/** All bits zero: "no id". */
export const ZERO_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA';
/** The id of `__cluster_metadata` (0:1), reserved. */
export const METADATA_TOPIC_ID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAQ';

/** Reads 16 bytes at `position` as a uuid. */
export function uuidFromBytes(bytes: Uint8Array, position = 0): Uuid {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + position, 16);
  return view.toString('base64url');
}

/** Writes a uuid as 16 bytes at `position`. */
export function uuidToBytes(uuid: Uuid, target: Uint8Array, position = 0): void {
  Buffer.from(target.buffer, target.byteOffset, target.byteLength).write(uuid, position, 16, 'base64url');
}

/** True when `text` is the text form of some uuid. */
export function isUuid(text: string): boolean {
  return /^[A-Za-z0-9_-]{21}[AQgw]$/.test(text);
}

/** A random version 4 uuid whose text does not begin with a dash, as Kafka's tools make them. */
export function randomUuid(randomBytes: RandomBytes): Uuid {
  for (;;) {
    const bytes = randomBytes(16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const text = uuidFromBytes(bytes);
    if (!text.startsWith('-')) return text;
  }
}
