/**
 * The buffer that codecs write into: grown as needed, kept between calls, so that decompressing for validation allocates nothing.
 *
 * What a codec returns out of it is valid until the next codec call.
 */
import { Buffer } from 'node:buffer';
import { type Viewed, viewed } from './match-plan.ts';

/** A buffer larger than this is not kept. */
const RETAINED_BYTES = 8 * 1024 * 1024;
const INITIAL_BYTES = 256 * 1024;

let retained: Viewed = viewed(Buffer.alloc(0));

/** A buffer of at least `size` bytes whose first `used` bytes are those of `current`. */
export function growScratch(current: Viewed, size: number, used: number): Viewed {
  if (current.bytes.length >= size) return current;
  const grown = viewed(Buffer.allocUnsafeSlow(Math.max(size, current.bytes.length * 2, INITIAL_BYTES)));
  grown.bytes.set(current.bytes.subarray(0, used));
  if (grown.bytes.length <= RETAINED_BYTES) retained = grown;
  return grown;
}

/** A buffer of at least `size` bytes of unknown contents. */
export function scratchOf(size: number): Viewed {
  return growScratch(retained, size, 0);
}
