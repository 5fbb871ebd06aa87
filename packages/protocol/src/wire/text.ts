/**
 * Strings and uuids from bytes, and uuids to bytes.
 *
 * The same few topic names, client ids and topic ids arrive over and over, so what was read last is remembered by its hash: a repeated
 * value costs neither a decoding nor an allocation. The memory has a fixed number of places; a value that finds its place taken replaces it.
 */
import type { Buffer } from 'node:buffer';
import { assert, type Uuid, ZERO_UUID } from '@skarab/base';
import type { Memory } from './memory.ts';

const PLACES = 1024;
/** Longer strings are cheaper to decode than to compare. */
const MAX_REMEMBERED = 32;

const texts: string[] = new Array<string>(PLACES).fill('');

/** Decodes `size` bytes of UTF-8; what is not UTF-8 becomes U+FFFD. */
export function readText(bytes: Buffer, start: number, size: number): string {
  if (size === 0) return '';
  const end = start + size;
  if (size > MAX_REMEMBERED) return bytes.toString('utf8', start, end);
  let hash = size;
  let bits = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    bits |= byte;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  if (bits > 0x7f) return bytes.toString('utf8', start, end);
  const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
  const known = texts[place]!;
  if (known.length === size && sameAscii(known, bytes, start)) return known;
  const text = bytes.toString('latin1', start, end);
  texts[place] = text;
  return text;
}

function sameAscii(text: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}

/** Four words and the text that they stand for. */
interface KnownUuid {
  a: number;
  b: number;
  c: number;
  d: number;
  text: Uuid;
}

const uuids: KnownUuid[] = Array.from({ length: PLACES }, () => ({ a: 0, b: 0, c: 0, d: 0, text: ZERO_UUID }));

/** Reads 16 bytes as a uuid. */
export function readUuid({ bytes, view }: Memory, position: number): Uuid {
  const a = view.getInt32(position);
  const b = view.getInt32(position + 4);
  const c = view.getInt32(position + 8);
  const d = view.getInt32(position + 12);
  const hash = Math.imul(a ^ Math.imul(b, 31) ^ Math.imul(c, 131) ^ Math.imul(d, 8191), 0x9e3779b1);
  const known = uuids[hash >>> 22]!;
  if (known.a === a && known.b === b && known.c === c && known.d === d) return known.text;
  known.a = a;
  known.b = b;
  known.c = c;
  known.d = d;
  known.text = bytes.toString('base64url', position, position + 16);
  return known.text;
}

/** Six bits by character; 64 for what is not in the alphabet. */
const SEXTETS = new Uint8Array(128).fill(64);
for (const [value, char] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].entries()) {
  SEXTETS[char.charCodeAt(0)] = value;
}

/** Writes a uuid as 16 bytes. Errors: asserts that it is one. */
export function writeUuid(uuid: Uuid, bytes: Buffer, position: number): void {
  if (uuid === ZERO_UUID) {
    bytes.fill(0, position, position + 16);
    return;
  }
  let seen = uuid.length === 22 ? 0 : 64;
  let at = position;
  for (let i = 0; i < 20; i += 4) {
    const w = SEXTETS[uuid.charCodeAt(i)]!;
    const x = SEXTETS[uuid.charCodeAt(i + 1)]!;
    const y = SEXTETS[uuid.charCodeAt(i + 2)]!;
    const z = SEXTETS[uuid.charCodeAt(i + 3)]!;
    seen |= w | x | y | z;
    bytes[at++] = (w << 2) | (x >> 4);
    bytes[at++] = (x << 4) | (y >> 2);
    bytes[at++] = (y << 6) | z;
  }
  const w = SEXTETS[uuid.charCodeAt(20)]!;
  const x = SEXTETS[uuid.charCodeAt(21)]!;
  bytes[at] = (w << 2) | (x >> 4);
  assert((seen | w | x) < 64, `not a uuid: ${uuid}`);
}
