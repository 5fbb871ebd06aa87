/**
 * zstd by node:zlib.
 *
 * Source: RFC 8878; org.apache.kafka.common.compress.ZstdCompression.
 */
import { decompressOptions, decompressOrThrow, zlib } from './node-zlib.ts';

/** node:zlib takes a parameter of -1 for one that was not given. */
const NOT_GIVEN = -1;

/** Compresses to one zstd frame; level -1 is written as -2, the next that node:zlib can be asked for. */
export function zstdCompress(bytes: Uint8Array, level: number): Uint8Array {
  const { constants, zstdCompressSync } = zlib();
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level === NOT_GIVEN ? -2 : level } });
}

/** Decompresses all zstd frames in `bytes` to at most `maxBytes`. */
export function zstdDecompress(bytes: Uint8Array, maxBytes: number): Uint8Array {
  return decompressOrThrow('zstd', maxBytes, () =>
    zlib().zstdDecompressSync(bytes, decompressOptions(bytes, maxBytes)),
  );
}
