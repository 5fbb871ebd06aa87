/**
 * Whether package-lock.json names every optional package of every platform, and a way to complete it.
 *
 * npm leaves out of the lock what its registry did not have at the time (a mirror need not hold the binaries of all platforms), and
 * `npm ci` then refuses the lock. An entry without integrity is enough for it: on the platform it is for, npm fetches it by version.
 *
 * Usage: node tools/check/lock.ts --complete   (adds what is missing)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding, Workspace } from './workspace.ts';

export interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

const LOCK = 'package-lock.json';
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** Optional packages that are not in the lock are an error. */
export function checkLock(workspace: Workspace): Finding[] {
  const text = workspace.files.find(({ path }) => path === LOCK)?.text;
  if (text === undefined || !text.startsWith('{')) return [];
  const missing = Object.keys(missingEntries(parseLock(text))).map((path) => path.replace('node_modules/', ''));
  if (missing.length === 0) return [];
  const some = missing.length > 1 ? `${missing[0]} and ${missing.length - 1} more` : missing[0];
  const what = `lacks ${some}, so npm ci fails; run: node tools/check/lock.ts --complete`;
  return [{ level: 'error', where: LOCK, what }];
}

/** Entries for the optional packages that a lock does not name, by their path. */
export function missingEntries({ packages }: Lock): Record<string, LockEntry> {
  const missing: Record<string, LockEntry> = {};
  for (const { dev, optionalDependencies = {} } of Object.values(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const path = `node_modules/${name}`;
      // Ranges cannot be pinned from here; platform packages are named by their exact version.
      if (path in packages || !/^\d/.test(version)) continue;
      missing[path] = { version, ...(dev === true && { dev }), optional: true, ...platformOf(name) };
    }
  }
  return missing;
}

/** The platform that a package's name speaks of: `@x/cli-linux-arm64-musl`. */
function platformOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> {
  const words = name.slice(name.lastIndexOf('/') + 1).split('-');
  const os = words.filter((word) => SYSTEMS.includes(word));
  const cpu = words.filter((word) => PROCESSORS.includes(word));
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  return { ...(cpu.length > 0 && { cpu }), ...(os.length > 0 && { os }), ...(libc.length > 0 && { libc }) };
}

function parseLock(text: string): Lock {
  const { packages = {} } = JSON.parse(text) as Partial<Lock>;
  return { packages };
}

if (import.meta.main) {
  const path = join(dirname(fileURLToPath(import.meta.url)), '../..', LOCK);
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock;
  const missing = missingEntries(lock);
  if (process.argv.includes('--complete')) {
    const packages = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
  }
  for (const added of Object.keys(missing)) console.log(added);
}
