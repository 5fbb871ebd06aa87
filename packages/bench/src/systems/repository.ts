/**
 * Where things are in the repository that this package is part of; it is never installed elsewhere.
 */
import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../../../..');

/** The bundled server when it was built, else its source: they are the same program. */
export function skarabProgram(): string {
  const bundle = join(root, 'dist/skarab.mjs');
  return existsSync(bundle) ? bundle : join(root, 'packages/cli/src/main.ts');
}

/** Which of them it is and, for the bundle, when it was built: an old bundle is an old broker. */
export function describeSkarab(): string {
  const program = skarabProgram();
  const path = relative(root, program);
  return program.endsWith('.ts') ? `${path} (source)` : `${path}, built ${statSync(program).mtime.toISOString()}`;
}

export const kafkaJvmScript = join(root, 'tools/kafka-jvm/kafka-jvm');
export const javaSources = join(root, 'packages/bench/java');
export const nullBrokerProgram = join(root, 'packages/bench/src/null-broker/main.ts');
export const rawLoadProgram = join(root, 'packages/bench/src/load/main.ts');
export const resultsFolder = join(root, 'bench-results');
