/**
 * Where things are in the repository that this package is part of; it is never installed elsewhere.
 */
import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../../../..');

/** Our stand-ins for Kafka's scripts; they run the bundle when it is newer than every source. */
export const skarabScripts = {
  storage: join(root, 'bin/kafka-storage.sh'),
  serverStart: join(root, 'bin/kafka-server-start.sh'),
};

/** What they would run, and when the bundle was built: an old bundle is not used. */
export function describeSkarab(): string {
  const bundle = join(root, 'dist/skarab.mjs');
  if (!existsSync(bundle)) return 'the sources';
  return `${relative(root, bundle)}, built ${statSync(bundle).mtime.toISOString()}, unless a source is newer`;
}

export const kafkaJvmScript = join(root, 'tools/kafka-jvm/kafka-jvm');
export const javaSources = join(root, 'packages/bench/java');
export const nullBrokerProgram = join(root, 'packages/bench/src/null-broker/main.ts');
export const rawLoadProgram = join(root, 'packages/bench/src/load/main.ts');
export const failoverProgram = join(root, 'durability/failover/main.ts');
export const resultsFolder = join(root, 'bench-results');
