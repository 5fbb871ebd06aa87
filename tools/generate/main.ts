/**
 * `node tools/generate/main.ts [--check]`: writes `packages/protocol/src/generated` from the artefacts of Apache Kafka 4.3.1, or compares.
 *
 * Exit codes: 0 done or equal; 1 files differ, or (under CI=true) the artefacts cannot be had. Without CI, their absence is said and
 * nothing is checked.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type KafkaJvm, requireKafkaJvm } from '../kafka-jvm/jvm.ts';
import { generate } from './generate.ts';

const target = join(dirname(fileURLToPath(import.meta.url)), '../../packages/protocol/src/generated');

function existingFiles(): string[] {
  if (!existsSync(target)) return [];
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(target, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

function write(files: ReadonlyMap<string, string>): void {
  let written = 0;
  for (const [path, text] of files) {
    const file = join(target, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    written++;
  }
  const stale = existingFiles().filter((path) => !files.has(path));
  for (const path of stale) rmSync(join(target, path));
  console.log(`${files.size} files: ${written} written, ${stale.length} removed`);
}

function check(files: ReadonlyMap<string, string>): number {
  const found = new Set(existingFiles());
  const different = [...files]
    .filter(([path, text]) => !found.has(path) || readFileSync(join(target, path), 'utf8') !== text)
    .map(([path]) => path);
  different.push(...[...found].filter((path) => !files.has(path)));
  if (different.length === 0) {
    console.log(`${files.size} generated files are as the generator makes them`);
    return 0;
  }
  console.error(
    `Generated files differ from what the generator makes; run npm run generate:\n  ${different.sort().join('\n  ')}`,
  );
  return 1;
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== '--check');
  if (unknown.length > 0) {
    console.error(`unknown option ${unknown[0]}; usage: node tools/generate/main.ts [--check]`);
    return 2;
  }
  let reason = '';
  const jvm: KafkaJvm | undefined = await requireKafkaJvm({
    skip: (message) => {
      reason = message ?? '';
    },
  });
  if (jvm === undefined) {
    console.error(`NOT CHECKED: the artefacts of Apache Kafka 4.3.1 cannot be had here (${reason})`);
    return args.includes('--check') ? 0 : 1;
  }
  const files = await generate(jvm);
  if (args.includes('--check')) return check(files);
  write(files);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
