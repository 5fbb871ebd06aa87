/**
 * A place in the log: the offset after some record, and the epoch of that record. Names a snapshot of everything before it.
 *
 * Source: org.apache.kafka.server.common.OffsetAndEpoch, org.apache.kafka.snapshot.Snapshots.
 */

/** An end of the log, or the id of a snapshot that reaches up to it. */
export interface OffsetAndEpoch {
  /** One past the last record. */
  readonly offset: number;
  /** Epoch of the last record. */
  readonly epoch: number;
}

/** The snapshot that formatting writes: nothing of the log, but who votes. */
export const BOOTSTRAP_SNAPSHOT_ID: OffsetAndEpoch = { offset: 0, epoch: 0 };

/** Ending of finished snapshots. */
export const SNAPSHOT_SUFFIX = '.checkpoint';
/** Ending of snapshots that are being written. */
export const PARTIAL_SUFFIX = '.checkpoint.part';
/** Ending of snapshots that are about to be deleted. */
export const DELETED_SUFFIX = '.checkpoint.deleted';

const OFFSET_WIDTH = 20;
const EPOCH_WIDTH = 10;
const FILE_NAME = /^(\d{20})-(\d{10})(?:-\d+)?(\.checkpoint|\.checkpoint\.part|\.checkpoint\.deleted)$/;

/** Orders by offset, then by epoch. */
export function compareOffsetAndEpoch(a: OffsetAndEpoch, b: OffsetAndEpoch): number {
  return a.offset - b.offset || a.epoch - b.epoch;
}

/** The name of a snapshot's file without its ending. */
export function snapshotName({ offset, epoch }: OffsetAndEpoch): string {
  return `${String(offset).padStart(OFFSET_WIDTH, '0')}-${String(epoch).padStart(EPOCH_WIDTH, '0')}`;
}

/** The snapshot that a file of this name holds and its state, or null for other files. */
export function parseSnapshotFileName(
  name: string,
): { readonly id: OffsetAndEpoch; readonly state: 'finished' | 'partial' | 'deleted' } | null {
  const match = FILE_NAME.exec(name);
  if (match === null) return null;
  const id = { offset: Number(match[1]), epoch: Number(match[2]) };
  if (match[3] === SNAPSHOT_SUFFIX) return { id, state: 'finished' };
  return { id, state: match[3] === PARTIAL_SUFFIX ? 'partial' : 'deleted' };
}
