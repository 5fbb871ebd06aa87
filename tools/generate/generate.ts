/**
 * The generated files as text, by path below `packages/protocol/src/generated`.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KafkaJvm } from '../kafka-jvm/jvm.ts';
import { emitFile } from './emit-file.ts';
import {
  apisOf,
  type ErrorRow,
  emitApiCodecs,
  emitApis,
  emitCoordinatorRecords,
  emitErrors,
  emitIndex,
  emitTypedRecords,
} from './emit-tables.ts';
import { planFiles } from './plan.ts';
import { loadSchemas } from './sources.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** Generates everything. */
export async function generate(jvm: KafkaJvm): Promise<Map<string, string>> {
  const sources = loadSchemas(jvm.libs);
  const planned = planFiles(sources);
  const files = new Map<string, string>();
  for (const { path, messages } of planned) files.set(path, emitFile(messages, path.split('/').length - 1));
  const apis = apisOf([...sources.values()].flat());
  files.set('errors.ts', emitErrors(await readErrors(jvm)));
  files.set('apis.ts', emitApis(apis));
  files.set('codecs.ts', emitApiCodecs(apis, planned));
  const inFolder = (folder: string) => planned.filter(({ path }) => path.startsWith(`records/${folder}/`));
  for (const folder of ['group', 'share', 'transaction']) {
    files.set(`records/${folder}/types.ts`, emitCoordinatorRecords(folder, inFolder(folder)));
  }
  files.set('records/metadata/types.ts', emitTypedRecords('metadata', inFolder('metadata')));
  files.set('records/storage/types.ts', emitTypedRecords('storage', inFolder('storage')));
  files.set('index.ts', emitIndex([...files.keys()]));
  return files;
}

async function readErrors(jvm: KafkaJvm): Promise<ErrorRow[]> {
  const text = await runJava(jvm, 'PrintErrors');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [code, name, retriable, staleMetadata] = line.split('\t');
      return {
        code: Number(code),
        name: name!,
        retriable: retriable === 'true',
        staleMetadata: staleMetadata === 'true',
      };
    });
}

/** Output of one of the Java programs beside this file. */
async function runJava(jvm: KafkaJvm, name: string): Promise<string> {
  const classes = await jvm.compile(join(here, 'java', `${name}.java`));
  const { code, stdout, stderr } = await jvm.runClass(name, [], { classes });
  if (code !== 0) throw new Error(`${name} failed:\n${stderr}`);
  return stdout;
}
