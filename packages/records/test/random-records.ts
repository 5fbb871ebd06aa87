/**
 * Random records for tests: sizes of several magnitudes, nulls, headers, payloads that compress and payloads that do not.
 */
import { Buffer } from 'node:buffer';
import type { Random } from '@skarab/base';
import type { SimpleRecord } from '../src/index.ts';

const PHRASE = Buffer.from('the quick brown fox jumps over the lazy dog ');

function payload(random: Random, size: number): Buffer {
  if (random.int(3) === 0) return Buffer.from(random.bytes(size));
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) bytes[i] = PHRASE[(i + random.int(2)) % PHRASE.length]!;
  return bytes;
}

function nullable(random: Random, bits: number): Buffer | null {
  return random.int(6) === 0 ? null : payload(random, random.int(2 ** random.int(bits)));
}

/** A record near `timestamp`. */
export function randomRecord(random: Random, timestamp: number, valueBits: number): SimpleRecord {
  const headers = Array.from({ length: random.int(3) === 0 ? random.int(5) : 0 }, (_, i) => ({
    key: random.int(4) === 0 ? `ключ-${i}` : `h${i}`,
    value: nullable(random, 8),
  }));
  return {
    timestamp: timestamp + random.int(5000),
    key: nullable(random, 8),
    value: nullable(random, valueBits),
    headers,
  };
}
