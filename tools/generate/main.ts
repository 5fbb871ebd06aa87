/**
 * `node tools/generate/main.ts [--check]`: writes everything that is generated from the artefacts of Apache Kafka 4.3.1, or compares:
 * the messages of packages/protocol (from the jars) and the configurations of packages/config (from their snapshot, see configs/);
 * and the WebAssembly of packages/records from its sources.
 *
 * Exit codes: 0 done or equal; 1 files differ, or (under CI=true) the jars cannot be had. Without CI, their absence is said, and the
 * messages are not checked.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type KafkaJvm, requireKafkaJvm } from '../kafka-jvm/jvm.ts';
import { generateAssembly } from './assembly.ts';
import { generateConfigs } from './configs/main.ts';
import { generate } from './generate.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const messageFolder = 'packages/protocol/src/generated';

/** Text of a file by its path from the root; undefined where there is none. */
function textAt(path: string): string | undefined {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Files in the folder of generated messages, from the root. */
function messageFiles(): string[] {
  const folder = join(root, messageFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** Messages by path from the root; undefined, after saying why, where the jars cannot be had. */
async function generateMessages(): Promise<Map<string, string> | undefined> {
  let reason = '';
  const jvm: KafkaJvm | undefined = await requireKafkaJvm({
    skip: (message) => {
      reason = message ?? '';
    },
  });
  if (jvm === undefined) {
    console.error(`MESSAGES NOT CHECKED: the artefacts of Apache Kafka 4.3.1 cannot be had here (${reason})`);
    return undefined;
  }
  return new Map([...(await generate(jvm))].map(([path, text]) => [`${messageFolder}/${path}`, text]));
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--check');
  if (unknown !== undefined) {
    console.error(`unknown option ${unknown}; usage: node tools/generate/main.ts [--check]`);
    return 2;
  }
  const check = args.includes('--check');
  const messages = await generateMessages();
  if (messages === undefined && !check) return 1;
  const files = new Map([...(messages ?? []), ...generateConfigs(), ...(await generateAssembly())]);
  const different = [...files].filter(([path, text]) => textAt(path) !== text).map(([path]) => path);
  const extra = messages === undefined ? [] : messageFiles().filter((path) => !files.has(path));
  if (check) return report(files.size, [...different, ...extra].sort());
  for (const path of different) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), files.get(path) ?? '');
  }
  for (const path of extra) rmSync(join(root, path));
  console.log(`${files.size} files: ${different.length} written, ${extra.length} removed`);
  return 0;
}

function report(count: number, different: readonly string[]): number {
  if (different.length === 0) {
    console.log(`${count} generated files are as the generator makes them`);
    return 0;
  }
  console.error(`Not as the generator makes them; run npm run generate:\n  ${different.join('\n  ')}`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
