/**
 * Names and numbers of the compression codecs, as in the low three bits of a batch's attributes and in `compression.type`.
 *
 * Source: org.apache.kafka.common.record.internal.CompressionType.
 */
import { CorruptDataError } from '@skarab/base';

/** Name of a codec; 'none' is "not compressed". */
export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** All codecs; the index is the id on the wire. */
export const compressionTypes: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** The id on the wire. */
export function compressionTypeId(type: CompressionType): number {
  return compressionTypes.indexOf(type);
}

/**
 * The codec with this id.
 *
 * Errors: `CorruptDataError` for 5 to 7.
 */
export function compressionTypeOf(id: number): CompressionType {
  const type = compressionTypes[id];
  if (type === undefined) throw new CorruptDataError(`Unknown compression type id: ${id}`);
  return type;
}
