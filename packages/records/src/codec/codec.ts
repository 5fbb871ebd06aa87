/**
 * The compression codecs behind three functions.
 *
 * Decompression never yields more than it is allowed to and never throws anything but `CorruptDataError`.
 * Shape: codec.
 */
import { Buffer } from 'node:buffer';
import { assert } from '@skarab/base';
import { type CompressionType, compressionLevels } from '../compression-type.ts';
import { gunzip, gzip } from './gzip.ts';
import { lz4Compress, lz4DecompressToScratch } from './lz4.ts';
import { snappyCompress, snappyDecompressToScratch } from './snappy.ts';
import { zstdCompress, zstdDecompress } from './zstd.ts';

/** Largest decompressed size of a batch unless the caller says otherwise. */
export const DEFAULT_MAX_DECOMPRESSED_BYTES: number = 256 * 1024 * 1024;

/** Compresses `bytes`; `level` is one of the codec's `compressionLevels`, its default when not given, and ignored where there are none. */
export function compress(type: CompressionType, bytes: Uint8Array, level?: number): Uint8Array {
  switch (type) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzip(bytes, levelOf(type, level));
    case 'snappy':
      return snappyCompress(bytes);
    case 'lz4':
      return lz4Compress(bytes, levelOf(type, level));
    case 'zstd':
      return zstdCompress(bytes, levelOf(type, level));
  }
}

function levelOf(type: 'gzip' | 'lz4' | 'zstd', level: number | undefined): number {
  const levels = compressionLevels[type]!;
  if (level === undefined || level === levels.default) return levels.default;
  assert(level >= levels.min && level <= levels.max, `${type} has no level ${level}`);
  return level;
}

/**
 * Decompresses `bytes` to at most `maxBytes`.
 *
 * Errors: `CorruptDataError` when the input is malformed, cut short, or larger than allowed.
 */
export function decompress(type: CompressionType, bytes: Uint8Array, maxBytes?: number): Uint8Array {
  const result = decompressToScratch(type, bytes, maxBytes);
  return type === 'snappy' || type === 'lz4' ? Buffer.from(result) : result;
}

/** The same without an allocation where the codec is ours: the result is valid only until the next call of any codec. */
export function decompressToScratch(
  type: CompressionType,
  bytes: Uint8Array,
  maxBytes: number = DEFAULT_MAX_DECOMPRESSED_BYTES,
): Uint8Array {
  switch (type) {
    case 'none':
      return bytes;
    case 'gzip':
      return gunzip(bytes, maxBytes);
    case 'snappy':
      return snappyDecompressToScratch(bytes, maxBytes);
    case 'lz4':
      return lz4DecompressToScratch(bytes, maxBytes);
    case 'zstd':
      return zstdDecompress(bytes, maxBytes);
  }
}
