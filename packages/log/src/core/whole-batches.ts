/**
 * Reads a stretch of a segment batch by batch, in large pieces.
 *
 * For work that needs the records or checks the CRC; `BatchScan` is for what needs headers only.
 */
import { CorruptDataError } from '@skarab/base';
import { checkMessageCrc, MAGIC_V2, nextBatchSize, RecordBatch } from '@skarab/records';
import type { StorageFile } from '../ports.ts';
import type { Steps } from './steps.ts';

const PIECE_SIZE = 1024 * 1024;
const MAGIC_POSITION = 16;

/** Looks at a batch, null for a message of an older format whose CRC is right, `size` bytes from `at` on; returns false to end the walk before it. */
export type BatchVisitor = (
  batch: RecordBatch | null,
  position: number,
  size: number,
  bytes: Uint8Array,
  at: number,
) => boolean;

/**
 * Hands every whole batch of [start, end) to `visit`; returns the position behind the last one that it accepted.
 *
 * Ends without an error at bytes that are no whole batch, or a message of an older format with a wrong CRC. A batch is a view of a buffer that is used again.
 */
export function* eachWholeBatch(file: StorageFile, start: number, end: number, visit: BatchVisitor): Steps<number> {
  let buffer = new Uint8Array(Math.min(PIECE_SIZE, end - start));
  let position = start;
  while (position < end) {
    const target = buffer.subarray(0, Math.min(buffer.length, end - position));
    const length = yield { file, target, position };
    const piece = target.subarray(0, length);
    const used = visitPiece(piece, position, visit);
    position += used.size;
    if (used.isEnd || length < target.length) return position;
    if (used.size > 0) continue;
    const needed = sizeAt(piece, 0);
    if (needed <= piece.length || needed > end - position) return position;
    buffer = new Uint8Array(needed);
  }
  return position;
}

function visitPiece(piece: Uint8Array, position: number, visit: BatchVisitor): { size: number; isEnd: boolean } {
  let at = 0;
  for (;;) {
    const size = sizeAt(piece, at);
    if (size === DAMAGED) return { size: at, isEnd: true };
    if (size < 0 || size > piece.length - at) return { size: at, isEnd: false };
    const batch = piece[at + MAGIC_POSITION]! >= MAGIC_V2 ? new RecordBatch(piece, at) : null;
    if (batch === null && !isRightMessage(piece, at, size)) return { size: at, isEnd: true };
    if (!visit(batch, position + at, size, piece, at)) return { size: at, isEnd: true };
    at += size;
  }
}

function isRightMessage(piece: Uint8Array, at: number, size: number): boolean {
  try {
    checkMessageCrc(piece, at, at + size);
    return true;
  } catch (error) {
    if (error instanceof CorruptDataError) return false;
    throw error;
  }
}

const DAMAGED = -2;

/** Size of the batch at a position, -1 when that cannot be seen yet, `DAMAGED` when it makes no sense. */
function sizeAt(piece: Uint8Array, at: number): number {
  try {
    return nextBatchSize(piece, at);
  } catch (error) {
    if (error instanceof CorruptDataError) return DAMAGED;
    throw error;
  }
}
