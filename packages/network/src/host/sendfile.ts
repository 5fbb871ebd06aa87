/**
 * The optional fast path of file bytes: none on this platform yet, so that everything goes by read and write.
 *
 * `sendFileRegion` returns how many bytes the kernel took; 0 tells the caller to use the ordinary path for the next piece.
 */
import type { Socket } from 'node:net';
import type { ByteSource } from '../ports.ts';

/** Sends what it can of `source` from `offset` without copying through this process. */
export function sendFileRegion(_socket: Socket, _source: ByteSource, _offset: number): number {
  return 0;
}
