/**
 * Generates the configuration catalogue of packages/config and docs/configuration.md.
 *
 *   node tools/generate/configs/main.ts            write the files
 *   node tools/generate/configs/main.ts --check    fail when a file is not what would be written
 *   node tools/generate/configs/main.ts --refresh  first take the snapshot anew from the JVM's Kafka
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireKafkaJvm } from '../../kafka-jvm/jvm.ts';
import { catalogueFiles } from './catalogue.ts';
import { configurationDocument } from './documentation.ts';
import { readSnapshot, snapshotFile, takeSnapshot } from './snapshot.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Every generated file of the configurations by its path in the repository. */
export function generateConfigs(): Map<string, string> {
  const snapshot = readSnapshot();
  return new Map([...catalogueFiles(snapshot), ['docs/configuration.md', configurationDocument(snapshot)]]);
}

async function refreshSnapshot(): Promise<void> {
  const jvm = await requireKafkaJvm();
  if (jvm === undefined) throw new Error('--refresh needs the JVM Kafka; see tools/kafka-jvm');
  writeFileSync(snapshotFile, await takeSnapshot(jvm));
}

/** Paths whose file differs from what is generated. */
function staleFiles(files: Map<string, string>): string[] {
  return [...files].filter(([path, text]) => readIfPresent(join(root, path)) !== text).map(([path]) => path);
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--refresh')) await refreshSnapshot();
  const files = generateConfigs();
  const stale = staleFiles(files);
  if (args.includes('--check')) {
    for (const path of stale) console.error(`${path} is stale: run node tools/generate/configs/main.ts`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), files.get(path) ?? '');
  }
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
