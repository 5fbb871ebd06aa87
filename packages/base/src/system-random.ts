/**
 * The operating system's randomness, straight from its device where there is one: the library that Node.js has for it is large.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { crypto } from './node-crypto.ts';
import type { Random } from './random.ts';

/** Randomness of a device; of node:crypto where the device cannot be read. */
export function randomOf(device: string): Random {
  return {
    next: () => Math.random(),
    int: (bound) => Math.floor(Math.random() * bound),
    bytes: (length) => read(device, length) ?? crypto().randomBytes(length),
  };
}

/** The operating system's randomness. */
export const systemRandom: Random = randomOf('/dev/urandom');

/** Bytes of a device, or undefined where it has fewer or cannot be read. */
function read(device: string, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  try {
    const descriptor = openSync(device, 'r');
    try {
      return readSync(descriptor, bytes) === length ? bytes : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
