/**
 * What we publish, as strangers use it: the packed tarballs installed into a project of their own, its tests run by Vitest and by Jest,
 * and the program started by its name.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../tools/kafka-jvm/program.ts';
import { runProgram, scratchFolder } from '../harness.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PATIENCE_MS = 240_000;

/** Packs everything into a scratch folder; the result maps names of packages to tarballs. */
async function pack(t: TestContext): Promise<Record<string, string>> {
  const folder = await scratchFolder(t);
  const bundle = join(folder, 'bundle');
  await runTool('build', bundle);
  const printed = await runTool('pack', join(folder, 'npm'), bundle);
  return Object.fromEntries(
    printed
      .trim()
      .split('\n')
      .map((path) => [nameOf(path), `file:${path}`]),
  );
}

async function runTool(name: string, ...args: readonly string[]): Promise<string> {
  const program = join(root, 'tools', name, 'main.ts');
  const { code, stdout, stderr } = await runProgram(process.execPath, [program, ...args], { timeoutMs: 120_000 });
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

/** `skarab-log-0.1.0.tgz` is `@skarab/log`. */
function nameOf(tarball: string): string {
  const stem = basename(tarball).replace(/-\d.*$/, '');
  return stem === 'skarab' ? stem : stem.replace('-', '/').replace(/^/, '@');
}

/** A project with our tarballs and what else its manifest names. */
async function install(project: string, tarballs: Record<string, string>): Promise<void> {
  const path = join(project, 'package.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  manifest.devDependencies = { ...manifest.devDependencies, ...tarballs };
  await writeFile(path, JSON.stringify(manifest));
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', project];
  const { code, stderr } = await runProgram('npm', ['install', ...flags], { timeoutMs: PATIENCE_MS });
  assert.equal(code, 0, stderr);
}

test('published packages', { timeout: 600_000 }, async (t) => {
  const tarballs = await pack(t);
  for (const [runner, passed] of [
    ['vitest', /Tests\s+3 passed \(3\)/],
    ['jest', /Tests:\s+3 passed, 3 total/],
  ] as const) {
    await t.test(`${runner} runs the example`, async (t) => {
      const project = join(await scratchFolder(t), runner);
      await cp(join(root, 'examples', runner), project, { recursive: true });
      await install(project, tarballs);
      const env = { NO_COLOR: '1', FORCE_COLOR: '0' };
      const result = await runProgram('npm', ['test', '--prefix', project], { timeoutMs: 120_000, env });
      assert.equal(result.code, 0, result.stdout + result.stderr);
      assert.match(result.stdout + result.stderr, passed);
    });
  }
  await t.test('skarab starts by its name, and ends in order', async (t) => {
    const project = await scratchFolder(t);
    await mkdir(project, { recursive: true });
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true }));
    await install(project, { skarab: tarballs['skarab']! });
    const listen = `127.0.0.1:${await freePort()}`;
    const args = ['dev', '--log-dir', join(project, 'data'), '--listen-addr', listen];
    const child = spawn(join(project, 'node_modules', '.bin', 'skarab'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    let printed = '';
    const ready = new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`ended with ${code}: ${printed}`)));
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          printed += chunk;
          if (printed.includes(listen)) resolve();
        });
      }
    });
    await ready;
    child.removeAllListeners('exit');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 0, printed);
  });
});
