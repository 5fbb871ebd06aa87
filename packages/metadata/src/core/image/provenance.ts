/**
 * How far into the log an image reaches.
 *
 * Source: org.apache.kafka.image.MetadataProvenance.
 */

/** The last record of an image. */
export interface MetadataProvenance {
  /** Offset of the last record included, -1 for the empty image. */
  readonly lastContainedOffset: number;
  readonly lastContainedEpoch: number;
  readonly lastContainedLogTimeMs: number;
  /** True when the image ends where a batch ends, so that a snapshot may be cut here. */
  readonly isOffsetBatchAligned: boolean;
}

/** The provenance of the empty image. */
export const EMPTY_PROVENANCE: MetadataProvenance = {
  lastContainedOffset: -1,
  lastContainedEpoch: -1,
  lastContainedLogTimeMs: -1,
  isOffsetBatchAligned: false,
};
