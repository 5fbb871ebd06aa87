/**
 * `npm run pack`: makes the tarballs that are published to npm: every public package as JavaScript with declarations, because Node strips
 * no types below `node_modules`, and `skarab` as the bundle, which starts faster.
 *
 * Usage: node tools/pack/main.ts [FOLDER [BUNDLE]]
 *   FOLDER   where the tarballs go, dist/npm unless given; the path of each is printed
 *   BUNDLE   where `npm run build` put the bundle, dist unless given
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Manifest, publishedManifest, withJavaScriptImports } from './manifest.ts';

const root = join(import.meta.dirname, '..', '..');
const bundle = resolve(process.argv[3] ?? join(root, 'dist'));
const folder = resolve(process.argv[2] ?? join(root, 'dist', 'npm'));
const PROGRAM = 'skarab';

/** Compiles the sources of all packages, tests left out, to `<to>/<package>/src`. */
function compile(to: string): void {
  const config = join(to, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    rootDir: join(root, 'packages'),
    outDir: to,
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  const include = [join(root, 'packages/*/src/**/*.ts')];
  const exclude = [join(root, 'packages/*/src/**/*.test.ts'), join(root, 'packages/bench')];
  const project = { extends: join(root, 'tsconfig.json'), compilerOptions, include, exclude };
  writeFileSync(config, JSON.stringify(project));
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', config], { stdio: 'inherit' });
  for (const path of globSync('**/*.d.ts', { cwd: to })) {
    const file = join(to, path);
    writeFileSync(file, withJavaScriptImports(readFileSync(file, 'utf8')));
  }
}

/** Lays out the package of one workspace below `stage` and returns its folder. */
function lay(stage: string, compiled: string, workspace: string): string {
  const source = join(root, 'packages', workspace);
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest;
  const target = join(stage, workspace);
  mkdirSync(target, { recursive: true });
  if (manifest.name === PROGRAM) {
    for (const file of readdirSync(bundle).filter((name) => name.endsWith('.mjs')))
      cpSync(join(bundle, file), join(target, file));
    chmodSync(join(target, 'skarab.mjs'), 0o755);
  } else cpSync(join(compiled, workspace, 'src'), join(target, 'lib'), { recursive: true });
  cpSync(join(source, 'README.md'), join(target, 'README.md'));
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  const runtime = manifest.name === PROGRAM ? bundledDependencies() : manifest.dependencies;
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(publishedManifest(manifest, runtime), null, 2)}\n`);
  return target;
}

/** What the bundle does not hold: everything that the packages depend on and that is not of this repository. */
function bundledDependencies(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const path of globSync('packages/*/package.json', { cwd: root })) {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
    for (const [name, version] of Object.entries(dependencies)) if (!name.startsWith('@skarab/')) found[name] = version;
  }
  return found;
}

function main(): void {
  const stage = join(folder, 'stage');
  const compiled = join(folder, 'compiled');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  mkdirSync(compiled, { recursive: true });
  compile(compiled);
  for (const path of globSync('packages/*/package.json', { cwd: root }).sort()) {
    const { private: isPrivate } = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
    if (isPrivate === true) continue;
    const target = lay(stage, compiled, dirname(path).replace(/^packages./, ''));
    const printed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: target });
    console.log(join(folder, printed.toString().trim()));
  }
  rmSync(stage, { recursive: true });
  rmSync(compiled, { recursive: true });
}

main();
