/**
 * What the checks look at: the files git knows or would add, and the packages with their manifests.
 *
 * Everything is read once; the rules are functions over this value.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Manifest {
  readonly name?: string;
  readonly description?: string;
  readonly license?: string;
  readonly exports?: string | Readonly<Record<string, unknown>>;
  readonly bin?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Package {
  /** Folder name under packages/. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Workspace {
  readonly root: string;
  readonly manifest: Manifest;
  readonly packages: readonly Package[];
  /** Text files, tracked or not ignored. */
  readonly files: readonly SourceFile[];
}

/** A finding: errors fail the check, warnings are only said. */
export interface Finding {
  readonly level: 'error' | 'warning';
  readonly where: string;
  readonly what: string;
}

const MAX_TEXT_BYTES = 4_000_000;

/** Reads the working tree under `root`, which must be a git repository. */
export function readWorkspace(root: string): Workspace {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 1 << 28,
  });
  const paths = [...new Set(listed.toString().split('\0'))]
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .sort();
  const files = paths.flatMap((path) => {
    const stat = statSync(join(root, path));
    if (!stat.isFile() || stat.size > MAX_TEXT_BYTES) return [];
    const bytes = readFileSync(join(root, path));
    return bytes.subarray(0, 8000).includes(0) ? [] : [{ path, text: bytes.toString() }];
  });
  const manifestAt = (path: string): Manifest => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
  const folders = new Set(paths.flatMap((path) => /^packages\/([^/]+)\//.exec(path)?.[1] ?? []));
  const packages = [...folders].map((folder) => {
    const path = `packages/${folder}/package.json`;
    return { folder, manifest: existsSync(join(root, path)) ? manifestAt(path) : {} };
  });
  return { root, manifest: manifestAt('package.json'), packages, files };
}

/** TypeScript that people wrote; `includeGenerated` adds what a generator wrote. */
export function typeScriptFiles(workspace: Workspace, includeGenerated = false): SourceFile[] {
  const isGenerated = (path: string): boolean => path.includes('/generated/');
  return workspace.files.filter((file) => file.path.endsWith('.ts') && (includeGenerated || !isGenerated(file.path)));
}

/** The manifest of the project outside packages/ that a file belongs to: examples have their own. */
export function projectManifestOf(workspace: Workspace, path: string): Manifest {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const own = workspace.files.find((file) => file.path === `${path.slice(0, end)}/package.json`);
    if (own !== undefined) return JSON.parse(own.text) as Manifest;
  }
  return {};
}

/** Tests may use what the product may not: tools, development dependencies, higher floors. */
export function isTest(path: string): boolean {
  return (
    path.endsWith('.test.ts') || /^packages\/[^/]+\/test\//.test(path) || /^(?:tools|foreign|examples)\//.test(path)
  );
}
