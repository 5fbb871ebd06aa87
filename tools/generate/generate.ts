/**
 * The generated files as text, by path below `packages/protocol/src/generated`.
 */
import type { KafkaJvm } from '../kafka-jvm/jvm.ts';
import { apisOf, emitApiCodecs, emitApis } from './emit-apis.ts';
import { emitErrors } from './emit-errors.ts';
import { emitFile, MARKER } from './emit-file.ts';
import { emitCoordinatorRecords, emitTypedRecords } from './emit-records.ts';
import { readApis, readErrors } from './java-facts.ts';
import { type PlannedFile, planFiles } from './plan.ts';
import { loadSchemas } from './sources.ts';

/** Generates everything. */
export async function generate(jvm: KafkaJvm): Promise<Map<string, string>> {
  const sources = loadSchemas(jvm.libs);
  const planned = planFiles(sources);
  const files = new Map<string, string>();
  for (const { path, messages } of planned) files.set(path, emitFile(messages, path.split('/').length - 1));
  const [errors, apiRows] = await Promise.all([readErrors(jvm), readApis(jvm)]);
  const apis = apisOf([...sources.values()].flat(), apiRows);
  files.set('errors.ts', emitErrors(errors));
  files.set('apis.ts', emitApis(apis));
  files.set('codecs.ts', emitApiCodecs(apis, planned));
  const inFolder = (folder: string): PlannedFile[] =>
    planned.filter(({ path }) => path.startsWith(`records/${folder}/`));
  for (const folder of ['group', 'share', 'transaction']) {
    files.set(`records/${folder}/types.ts`, emitCoordinatorRecords(folder, inFolder(folder)));
  }
  for (const folder of ['metadata', 'storage']) {
    files.set(`records/${folder}/types.ts`, emitTypedRecords(folder, inFolder(folder)));
  }
  files.set('index.ts', emitIndex([...files.keys()]));
  return files;
}

/** Text of `index.ts`: everything of every file. */
function emitIndex(paths: readonly string[]): string {
  return [MARKER, ...[...paths].sort().map((path) => `export * from './${path}';`), ''].join('\n');
}
