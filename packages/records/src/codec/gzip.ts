/**
 * gzip by node:zlib.
 *
 * Source: RFC 1952; org.apache.kafka.common.compress.GzipCompression (levels 1-9 and -1).
 */
import { decompressOptions, decompressOrThrow, zlib } from './node-zlib.ts';

/** Compresses to one gzip member. */
export function gzip(bytes: Uint8Array, level: number): Uint8Array {
  return zlib().gzipSync(bytes, { level });
}

/** Decompresses all gzip members in `bytes` to at most `maxBytes`. */
export function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  return decompressOrThrow('gzip', maxBytes, () => zlib().gunzipSync(bytes, decompressOptions(bytes, maxBytes)));
}
