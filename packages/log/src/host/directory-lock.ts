/**
 * Keeps a second process, of ours or a JVM broker, out of a log directory.
 *
 * Kafka takes a POSIX record lock on `.lock`. `lockf(3)` takes the same kind, through `node:ffi` where the runtime has it: then both
 * sides see each other and a crash leaves nothing behind. Elsewhere the file holds the owner's process id, and a dead owner is
 * overruled. POSIX locks do not exclude within a process, so a set does. Source: org.apache.kafka.server.util.FileLock.
 */
import { closeSync, openSync, readFileSync, realpathSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing, onDisk } from './storage-errors.ts';

const F_TLOCK = 2;

type LockRange = (fd: number, command: number, length: bigint) => number;

interface ForeignFunctions {
  dlopen(
    path: string,
    functions: Record<string, { arguments: string[]; return: string }>,
  ): { functions: { lockf: LockRange } };
}

const heldHere = new Set<string>();
let lockRange: LockRange | null | undefined;

/** Takes `directory` by its file `name`; returns the release, or null when somebody else has it. */
export function lockDirectory(directory: string, name: string): (() => void) | null {
  const path = join(
    onDisk('lock', directory, () => realpathSync(directory)),
    name,
  );
  if (heldHere.has(path)) return null;
  const fd = onDisk('lock', path, () => takeFile(path));
  if (fd === null) return null;
  heldHere.add(path);
  return () => {
    if (!heldHere.delete(path)) return;
    try {
      unlinkSync(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    } finally {
      closeSync(fd);
    }
  };
}

function takeFile(path: string): number | null {
  lockRange ??= loadLockRange();
  const fd = openSync(path, 'a+', 0o644);
  const isTaken = lockRange === null ? ownerIsAlive(path) : lockRange(fd, F_TLOCK, 0n) !== 0;
  if (isTaken) {
    closeSync(fd);
    return null;
  }
  if (lockRange === null) writeSync(fd, `${process.pid}\n`);
  return fd;
}

/** Whether the last process that wrote its id to the file still runs. */
function ownerIsAlive(path: string): boolean {
  const owner = Number(readFileSync(path, 'utf8').trim().split('\n').at(-1));
  if (!Number.isInteger(owner) || owner <= 0 || owner === process.pid) return false;
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

function loadLockRange(): LockRange | null {
  if (process.platform !== 'linux') return null;
  try {
    const ffi = process.getBuiltinModule('node:ffi' as 'node:fs') as unknown as ForeignFunctions | undefined;
    if (ffi === undefined) return null;
    return ffi.dlopen('libc.so.6', { lockf: { arguments: ['i32', 'i32', 'i64'], return: 'i32' } }).functions.lockf;
  } catch {
    return null;
  }
}
