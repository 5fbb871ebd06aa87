/**
 * The optional fast path of file bytes: `sendfile(2)` from a segment into the socket, without a copy through this process.
 *
 * libc is called through `node:ffi`, which is experimental and not on every platform: where it is missing, or the socket takes nothing
 * now, `sendFileRegion` answers 0 and the caller sends the next piece by read and write (whose completion tells when to try again).
 * Only used while nothing is queued in the stream, since it writes behind the stream's back. Linux only.
 */
import type { Socket } from 'node:net';
import type { ByteSource } from '../ports.ts';

/** Upper bound of one call, so that a disk read inside it stays short. */
const MAX_CALL_BYTES = 1 << 20;

type SendFile = (out: number, input: number, offset: bigint, count: bigint) => bigint;

interface ForeignFunctions {
  dlopen(
    path: string,
    functions: Record<string, { arguments: string[]; return: string }>,
  ): { functions: { sendfile: SendFile } };
  getRawPointer(memory: ArrayBuffer): bigint;
}

interface Kernel {
  readonly sendfile: SendFile;
  readonly offset: BigInt64Array;
  readonly offsetPointer: bigint;
}

let kernel: Kernel | null | undefined;

/** Sends what the kernel takes of `source` from `offset`; returns the number of bytes, 0 when the ordinary path must be used. */
export function sendFileRegion(socket: Socket, source: ByteSource, offset: number): number {
  if (socket.writableLength > 0) return 0;
  const region = source.fileRegion?.();
  if (region === undefined) return 0;
  kernel ??= loadKernel();
  const descriptor = (socket as unknown as { _handle?: { fd?: number } })._handle?.fd;
  if (kernel === null || descriptor === undefined || descriptor < 0) return 0;
  kernel.offset[0] = BigInt(region.position + offset);
  const count = Math.min(MAX_CALL_BYTES, source.byteLength - offset);
  const sent = Number(kernel.sendfile(descriptor, region.fd, kernel.offsetPointer, BigInt(count)));
  return Math.max(sent, 0);
}

/** Whether this process can use `sendfile(2)`. */
export function hasSendFile(): boolean {
  kernel ??= loadKernel();
  return kernel !== null;
}

function loadKernel(): Kernel | null {
  if (process.platform !== 'linux' || process.env['SKARAB_SENDFILE'] === 'off') return null;
  try {
    const ffi = process.getBuiltinModule('node:ffi' as 'node:fs') as unknown as ForeignFunctions | undefined;
    if (ffi === undefined) return null;
    const { functions } = ffi.dlopen('libc.so.6', {
      sendfile: { arguments: ['i32', 'i32', 'pointer', 'u64'], return: 'i64' },
    });
    const offset = new BigInt64Array(1);
    return { sendfile: functions.sendfile, offset, offsetPointer: ffi.getRawPointer(offset.buffer) };
  } catch {
    return null;
  }
}
