/**
 * Translates what node:zlib throws into `CorruptDataError`, for gzip and zstd alike.
 */
import { CorruptDataError } from '@skarab/base';

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
