/**
 * Brokers that live under a limit: a small disk, small files, somebody else's user.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Distribution } from '../tools/raw-client/brokers.ts';

/** The scripts of a distribution, each begun by shell commands of ours; `folder` holds the wrappers. */
export function wrapped(distribution: Distribution, folder: string, commands: string, run = 'exec'): Distribution {
  return {
    bin: (name) => {
      const file = join(folder, `${name}.sh`);
      writeFileSync(file, `#!/usr/bin/env bash\n${commands}\n${run} ${distribution.bin(name)} "$@"\n`);
      chmodSync(file, 0o755);
      return file;
    },
  };
}

/** A small disk. */
export interface SmallDisk {
  readonly folder: string;
  resize(megabytes: number): void;
  remove(): void;
}

/** Mounts memory as a disk of some megabytes; undefined where this user may not mount. */
export function smallDisk(megabytes: number): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'skarab-disk-'));
  const run = (program: string, ...args: string[]): void => {
    execFileSync(program, args, { stdio: 'ignore' });
  };
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder);
  } catch {
    rmdirSync(folder);
    return undefined;
  }
  return {
    folder,
    resize: (size) => run('mount', '-o', `remount,size=${size}m`, folder),
    remove: () => {
      run('umount', '-l', folder);
      rmdirSync(folder);
    },
  };
}

/** True while a process runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
