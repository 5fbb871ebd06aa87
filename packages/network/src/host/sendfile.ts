/**
 * The optional fast path of file bytes: `sendfile(2)` from a segment into the socket, without a copy through this process.
 *
 * libc is called through `node:ffi`, which is experimental and not on every platform: where it is missing, `sendFileRegion` says so and
 * the caller sends the next piece by read and write. So it does for bytes that are not in the page cache, found out by `preadv2(2)` with
 * RWF_NOWAIT: the event loop must not wait for a disk. Only used while nothing is queued in the stream, since it writes behind the
 * stream's back. Linux only.
 */
import type { Socket } from 'node:net';
import type { ByteSource } from '../ports.ts';

/** Upper bound of one call: what is looked for in the page cache, and what the kernel copies while the event loop waits. */
const MAX_CALL_BYTES = 512 * 1024;
const RWF_NOWAIT = 8;

type SendFile = (out: number, input: number, offset: bigint, count: bigint) => bigint;
type ReadVector = (fd: number, vector: bigint, count: number, offset: bigint, flags: number) => bigint;

interface ForeignFunctions {
  dlopen(
    path: string,
    functions: Record<string, { arguments: string[]; return: string }>,
  ): { functions: { sendfile: SendFile; preadv2: ReadVector } };
  getRawPointer(memory: ArrayBuffer): bigint;
}

interface Kernel {
  readonly sendfile: SendFile;
  readonly preadv2: ReadVector;
  readonly offset: BigInt64Array;
  readonly offsetPointer: bigint;
  /** `struct iovec` of one byte. */
  readonly vector: BigInt64Array;
  readonly vectorPointer: bigint;
  readonly byte: Uint8Array;
}

let kernel: Kernel | null | undefined;

/**
 * Sends what the kernel takes of `source` from `offset`; returns the number of bytes.
 *
 * 'queued': something waits in the stream, try again when it has left. 'full': the socket takes nothing now; the completion of a short
 * ordinary write tells when it does. 'unable': send the next piece the ordinary way.
 */
export function sendFileRegion(
  socket: Socket,
  source: ByteSource,
  offset: number,
): number | 'queued' | 'full' | 'unable' {
  const region = source.fileRegion?.();
  if (region === undefined) return 'unable';
  kernel ??= loadKernel();
  const descriptor = (socket as unknown as { _handle?: { fd?: number } })._handle?.fd;
  if (kernel === null || descriptor === undefined || descriptor < 0) return 'unable';
  if (socket.writableLength > 0) return 'queued';
  const position = region.position + offset;
  const count = Math.min(MAX_CALL_BYTES, source.byteLength - offset);
  if (source.isRecent !== true && !isCached(kernel, region.fd, position, count)) return 'unable';
  kernel.offset[0] = BigInt(position);
  const sent = Number(kernel.sendfile(descriptor, region.fd, kernel.offsetPointer, BigInt(count)));
  return sent > 0 ? sent : 'full';
}

/** Whether this process can use `sendfile(2)`. */
export function hasSendFile(): boolean {
  kernel ??= loadKernel();
  return kernel !== null;
}

/** Looks at the last byte only: pages are read ahead in order, so what is before it is there too, or nearly. */
function isCached({ preadv2, vectorPointer }: Kernel, fd: number, position: number, count: number): boolean {
  return preadv2(fd, vectorPointer, 1, BigInt(position + count - 1), RWF_NOWAIT) === 1n;
}

function loadKernel(): Kernel | null {
  if (process.platform !== 'linux' || process.env['SKARAB_SENDFILE'] === 'off') return null;
  try {
    const ffi = process.getBuiltinModule('node:ffi' as 'node:fs') as unknown as ForeignFunctions | undefined;
    if (ffi === undefined) return null;
    const { functions } = ffi.dlopen('libc.so.6', {
      sendfile: { arguments: ['i32', 'i32', 'pointer', 'u64'], return: 'i64' },
      preadv2: { arguments: ['i32', 'pointer', 'i32', 'i64', 'i32'], return: 'i64' },
    });
    const offset = new BigInt64Array(1);
    const byte = new Uint8Array(8);
    const vector = new BigInt64Array([ffi.getRawPointer(byte.buffer), 1n]);
    return {
      ...functions,
      offset,
      offsetPointer: ffi.getRawPointer(offset.buffer),
      vector,
      vectorPointer: ffi.getRawPointer(vector.buffer),
      byte,
    };
  } catch {
    return null;
  }
}
