/**
 * The bytes that were read for a member: which batches they hold, and the part that the member is given.
 *
 * Batches are sent whole: a member skips what it has not acquired. Source: ShareFetchUtils.maybeSliceFetchRecords.
 */
import type { AcquiredRecords, FetchedBatch } from '@skarab/coordinator';
import { ControlRecordType, iterateBatches, parseControlRecordType, type RecordBatch } from '@skarab/records';

/** A batch, and where its bytes lie. */
export interface PlacedBatch extends FetchedBatch {
  readonly position: number;
  readonly size: number;
}

/** The batches of what was read. */
export function batchesIn(bytes: Uint8Array): PlacedBatch[] {
  const batches: PlacedBatch[] = [];
  let position = 0;
  for (const batch of iterateBatches(bytes)) {
    const { baseOffset, lastOffset, producerId, isTransactional, sizeInBytes: size } = batch;
    batches.push({
      baseOffset,
      lastOffset,
      producerId,
      isTransactional,
      isAbortMarker: isAbortMarker(batch),
      position,
      size,
    });
    position += size;
  }
  return batches;
}

function isAbortMarker(batch: RecordBatch): boolean {
  if (!batch.isControlBatch) return false;
  for (const { key } of batch.records()) return key !== null && parseControlRecordType(key) === ControlRecordType.ABORT;
  return false;
}

/** The bytes of the batches from the one that holds the first acquired offset to the one that holds the last. */
export function bytesOf(
  bytes: Uint8Array,
  batches: readonly PlacedBatch[],
  acquired: readonly AcquiredRecords[],
): Uint8Array {
  const firstOffset = acquired[0]!.firstOffset;
  const lastOffset = acquired.at(-1)!.lastOffset;
  const first = batches.findLast(({ baseOffset }) => baseOffset <= firstOffset) ?? batches[0]!;
  const last = batches.findLast(({ baseOffset }) => baseOffset <= lastOffset) ?? first;
  return bytes.subarray(first.position, last.position + last.size);
}
