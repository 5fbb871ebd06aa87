/**
 * What gzip and zstd have in common: node:zlib underneath, its options, and the translation of what it throws.
 */
import { CorruptDataError } from '@skarab/base';

/** node:zlib, loaded by the first use: it takes two megabytes that an idle broker does not need. */
export function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}

const MIN_CHUNK_BYTES = 1024;
const MAX_CHUNK_BYTES = 256 * 1024;
/** A guess, so that most batches come out in one chunk. */
const USUAL_RATIO = 5;

/** Options for decompressing `bytes` to at most `maxBytes`. */
export function decompressOptions(bytes: Uint8Array, maxBytes: number): { chunkSize: number; maxOutputLength: number } {
  const guess = Math.max(MIN_CHUNK_BYTES, Math.min(bytes.length * USUAL_RATIO, MAX_CHUNK_BYTES));
  return { chunkSize: guess, maxOutputLength: Math.max(maxBytes, 1) };
}

/** Runs a decompression of node:zlib; every failure is the input's. */
export function decompressOrThrow(codec: string, maxBytes: number, run: () => Uint8Array): Uint8Array {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new CorruptDataError(`${codec}: decompressed size exceeds ${maxBytes} bytes`, { cause: error });
    }
    throw new CorruptDataError(`${codec}: malformed data`, { cause: error });
  }
}
