/**
 * Reads a stretch of a segment in pieces of whole batches.
 *
 * The buffer grows for a batch that it cannot hold, and is small again at the next segment. Unlike recovery, cleaning wants a segment to
 * be flawless: whatever is not a whole batch is an error, and the segment is left as it is.
 */
import { CorruptDataError } from '@skarab/base';
import { nextBatchSize } from '@skarab/records';
import type { StorageFile } from '../../ports.ts';
import type { Steps } from '../steps.ts';

/** Looks at a piece, a view of a buffer that is used again; returns false to end the walk. */
export type PieceVisitor = (piece: Uint8Array, position: number) => boolean;

export class PieceReader {
  readonly #buffer: Uint8Array;

  /** `size`: bytes of the buffer. */
  constructor(size: number) {
    this.#buffer = new Uint8Array(size);
  }

  /** Hands [start, end) of a file to `visit`, piece by piece. Errors: `CorruptDataError`. */
  *read(file: StorageFile, start: number, end: number, visit: PieceVisitor): Steps<void> {
    let buffer = this.#buffer;
    let position = start;
    while (position < end) {
      const target = buffer.subarray(0, Math.min(buffer.length, end - position));
      const length = yield { file, target, position };
      const piece = target.subarray(0, length);
      const whole = sizeOfWholeBatches(piece, file, position);
      if (whole === 0) {
        buffer = new Uint8Array(neededSize(piece, file, position, end));
        continue;
      }
      if (!visit(piece.subarray(0, whole), position)) return;
      position += whole;
    }
  }
}

/** Size of the batch at a position of a piece, -1 when too little of it is there. */
function batchSize(piece: Uint8Array, at: number, file: StorageFile, position: number): number {
  try {
    return nextBatchSize(piece, at);
  } catch (cause) {
    if (!(cause instanceof CorruptDataError)) throw cause;
    throw new CorruptDataError(cause.message, { file: file.path, position: position + at, cause });
  }
}

function sizeOfWholeBatches(piece: Uint8Array, file: StorageFile, position: number): number {
  let at = 0;
  for (;;) {
    const size = batchSize(piece, at, file, position);
    if (size < 0 || size > piece.length - at) return at;
    at += size;
  }
}

function neededSize(piece: Uint8Array, file: StorageFile, position: number, end: number): number {
  const size = batchSize(piece, 0, file, position);
  if (size > piece.length && size <= end - position) return size;
  throw new CorruptDataError(`The last ${end - position} bytes are no whole batch`, { file: file.path, position });
}
