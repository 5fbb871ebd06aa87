/**
 * Names and numbers of the compression codecs, as in the low three bits of a batch's attributes and in `compression.type`.
 *
 * Source: org.apache.kafka.common.record.internal.CompressionType.
 */
import { CorruptDataError } from '@skarab/base';

/** Name of a codec; 'none' is "not compressed". */
export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** The levels of a codec and the one that Kafka chooses. */
export interface CompressionLevels {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** The levels of each codec, null for those without; gzip's default of -1 lies outside of its range. */
export const compressionLevels: Readonly<Record<CompressionType, CompressionLevels | null>> = {
  none: null,
  gzip: { min: 1, max: 9, default: -1 },
  snappy: null,
  lz4: { min: 1, max: 17, default: 9 },
  zstd: { min: -131072, max: 22, default: 3 },
};

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
