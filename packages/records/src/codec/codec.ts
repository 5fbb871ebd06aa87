/**
 * The compression codecs behind two functions.
 *
 * Decompression never yields more than it is allowed to and never throws anything but `CorruptDataError`.
 * Shape: codec.
 */
import { CorruptDataError } from '@skarab/base';
import type { CompressionType } from '../compression-type.ts';
import { gunzip, gzip } from './gzip.ts';
import { zstdCompress, zstdDecompress } from './zstd.ts';

/** Largest decompressed size of a batch unless the caller says otherwise. */
export const DEFAULT_MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024;

/** Compresses `bytes`; `level` is the codec's own scale, its default when not given. */
export function compress(type: CompressionType, bytes: Uint8Array, level?: number): Uint8Array {
  switch (type) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzip(bytes, level);
    case 'zstd':
      return zstdCompress(bytes, level);
    default:
      throw new CorruptDataError(`Unsupported compression type: ${type}`);
  }
}

/**
 * Decompresses `bytes` to at most `maxBytes`.
 *
 * Errors: `CorruptDataError` when the input is malformed, cut short, or larger than allowed.
 */
export function decompress(
  type: CompressionType,
  bytes: Uint8Array,
  maxBytes: number = DEFAULT_MAX_DECOMPRESSED_BYTES,
): Uint8Array {
  switch (type) {
    case 'none':
      return bytes;
    case 'gzip':
      return gunzip(bytes, maxBytes);
    case 'zstd':
      return zstdDecompress(bytes, maxBytes);
    default:
      throw new CorruptDataError(`Unsupported compression type: ${type}`);
  }
}
