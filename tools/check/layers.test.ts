import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findingsOf } from './layers.ts';
import type { Manifest, Workspace } from './workspace.ts';

/** A sound tree: files by path, manifests added by package folder. */
function tree(files: Record<string, string>, manifests: Record<string, Manifest> = {}): Workspace {
  const folders = [
    ...new Set(Object.keys({ ...files }).flatMap((path) => /^packages\/([^/]+)\//.exec(path)?.[1] ?? [])),
  ];
  const sound = (folder: string): Manifest => ({
    name: folder === 'cli' ? 'skarab' : `@skarab/${folder}`,
    description: 'x',
    license: 'Apache-2.0',
    exports: { '.': './src/index.ts' },
  });
  const readmes = Object.fromEntries(folders.map((folder) => [`packages/${folder}/README.md`, '# x']));
  return {
    root: '/none',
    manifest: { devDependencies: { kafkajs: '1' } },
    packages: folders.map((folder) => ({ folder, manifest: { ...sound(folder), ...manifests[folder] } })),
    files: Object.entries({ ...readmes, ...files }).map(([path, text]) => ({ path, text })),
  };
}

const said = (workspace: Workspace): string[] =>
  findingsOf(workspace).map(({ level, where, what }) => `${level}: ${where}: ${what}`);

const needs = (...names: string[]): Manifest => ({
  dependencies: Object.fromEntries(names.map((name) => [name, '*'])),
});

test('a sound tree has no findings', () => {
  const workspace = tree(
    {
      'packages/base/src/index.ts': 'export const a = 1;\n',
      'packages/log/src/core/log.ts':
        "import { a } from '@skarab/base';\nimport { Buffer } from 'node:buffer';\nexport const b = [a, Buffer];\n",
      'packages/log/src/host/disk.ts':
        "import { open } from 'node:fs/promises';\nexport const c = async () => await open('x');\n",
      'packages/log/src/core/log.test.ts':
        "import { requireKafkaJvm } from '../../../../tools/kafka-jvm/jvm.ts';\nimport 'kafkajs';\n",
      'tools/kafka-jvm/jvm.ts': "import { a } from '@skarab/base';\n",
    },
    { log: needs('@skarab/base') },
  );
  assert.deepEqual(said(workspace), []);
});

test('packages need a place, a README and a full manifest', () => {
  const workspace = tree({ 'packages/zoo/src/index.ts': '' }, { zoo: { name: 'zoo', license: '' } });
  const without = { ...workspace, files: workspace.files.filter(({ path }) => !path.endsWith('README.md')) };
  assert.deepEqual(said(without), [
    'error: packages/zoo: has no floor in tools/check/floors.ts',
    'error: packages/zoo: has no README.md',
    'error: packages/zoo: package.json "name" must be @skarab/zoo',
    'error: packages/zoo: package.json has no "license"',
  ]);
});

test('imports go down, and never across the towers', () => {
  const workspace = tree(
    {
      'packages/base/src/index.ts': '',
      'packages/log/src/index.ts': "import '@skarab/raft';\n",
      'packages/raft/src/index.ts': '',
      'packages/client/src/index.ts': "import '@skarab/log';\n",
    },
    { log: needs('@skarab/raft'), client: needs('@skarab/log') },
  );
  assert.deepEqual(said(workspace), [
    'error: packages/log/package.json: log (floor 2) may not import raft (floor 3)',
    'error: packages/client/package.json: client (client tower) may not import log (server tower)',
    'error: packages/log/src/index.ts:1: log (floor 2) may not import raft (floor 3)',
    'error: packages/client/src/index.ts:1: client (client tower) may not import log (server tower)',
  ]);
});

test('relative imports stay at home', () => {
  const workspace = tree({
    'packages/base/src/index.ts': "import '../../log/src/index.ts';\nimport '../../../tools/x.ts';\n",
    'packages/base/src/a.test.ts': "import '../../../tools/x.ts';\n",
    'packages/log/src/index.ts': '',
    'foreign/a.test.ts': "import '../packages/log/src/index.ts';\n",
    'tools/x.ts': '',
  });
  assert.deepEqual(said(workspace), [
    'error: packages/base/src/index.ts:1: reaches into packages/log by a relative path',
    'error: packages/base/src/index.ts:2: relative import leaves the package: ../../../tools/x.ts',
    'error: foreign/a.test.ts:1: reaches into packages/log by a relative path',
  ]);
});

test('imports are declared, exported, and declarations used', () => {
  const workspace = tree(
    {
      'packages/base/src/index.ts': '',
      'packages/log/src/index.ts': "import '@skarab/base/deep';\nimport 'left-pad/x';\n",
      'packages/log/src/a.test.ts': "import '@skarab/base';\nimport 'tested';\n",
    },
    { log: needs('@skarab/base', 'tested', 'unused') },
  );
  assert.deepEqual(said(workspace), [
    'error: packages/log/src/index.ts:1: @skarab/base/deep is not in the "exports" of @skarab/base',
    'error: packages/log/src/index.ts:2: left-pad is not declared in packages/log/package.json',
    'error: packages/log/package.json: declares tested, which only tests import',
    'error: packages/log/package.json: declares unused, which nothing imports',
  ]);
});

test('pure code neither waits nor looks at the clock', () => {
  const impure =
    "import 'node:fs';\nimport 'node:zlib';\nexport const a = async () => await b(Date.now()); // Promise\nconst s = 'await';\n";
  const workspace = tree({
    'packages/log/src/core/a.ts': impure,
    'packages/records/src/a.ts': "import 'node:zlib';\nMath.random();\n",
    'packages/network/src/a.ts': impure,
  });
  assert.deepEqual(said(workspace), [
    'error: packages/log/src/core/a.ts:3: pure code uses await',
    'error: packages/log/src/core/a.ts:3: pure code uses async',
    'error: packages/log/src/core/a.ts:3: pure code uses Date.now',
    'error: packages/log/src/core/a.ts:1: pure code imports node:fs',
    'error: packages/log/src/core/a.ts:2: pure code imports node:zlib',
    'error: packages/records/src/a.ts:2: pure code uses Math.random',
  ]);
});

test('no registry hosts and no paths of a workplace', () => {
  const host = ['registry', 'npmjs', 'org'].join('.');
  const workspace = tree({
    'docs/lock.json': `{ "resolved":\n "https://${host}/x" }`,
    'docs/a.md': ['', 'work', 'main'].join('/'),
    'docs/b.md': `see ${['network', 'work', 'queue'].join('/')} and https://${['www', 'npmjs', 'com'].join('.')}/package/x`,
  });
  assert.deepEqual(said(workspace), [
    `error: docs/lock.json:2: names a registry host: ${host}`,
    `error: docs/a.md:1: holds an absolute path of a workplace: ${['', 'work', ''].join('/')}`,
  ]);
});

test('long files and functions are warnings', () => {
  const long = `export function f(): void {\n${'  a();\n'.repeat(70)}}\n`;
  const workspace = tree({
    'packages/log/src/index.ts': long,
    'packages/log/src/generated/x.ts': long.repeat(10),
    'packages/log/src/b.ts': 'a;\n'.repeat(500),
  });
  assert.deepEqual(said(workspace), [
    'warning: packages/log/src/index.ts:1: function of 72 lines',
    'warning: packages/log/src/b.ts: has 501 lines',
  ]);
});

test('the program reads a git tree and says how it went by its exit code', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'layers-'));
  t.after(() => rmSync(root, { recursive: true }));
  execFileSync('git', ['init', '-q', root]);
  mkdirSync(join(root, 'packages/base/src'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{}');
  writeFileSync(
    join(root, 'packages/base/package.json'),
    '{"name":"@skarab/base","description":"x","license":"x","exports":"./a.ts"}',
  );
  const program = join(dirname(fileURLToPath(import.meta.url)), 'layers.ts');
  const check = () => spawnSync(process.execPath, [program, root], { encoding: 'utf8' });
  const bad = check();
  assert.equal(
    bad.stdout,
    'error: packages/base: has no README.md\nlayers: 2 files, 1 packages, 1 errors, 0 warnings\n',
  );
  assert.equal(bad.status, 1);
  writeFileSync(join(root, 'packages/base/README.md'), '# base');
  const good = check();
  assert.equal(good.stdout, 'layers: 3 files, 1 packages, 0 errors, 0 warnings\n');
  assert.equal(good.status, 0);
});
