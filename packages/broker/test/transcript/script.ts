/**
 * A script: requests to a broker in order, whose answers are kept as a transcript; and comparing a transcript with the one on file.
 *
 * The files in testdata/ hold what JVM Kafka 4.3.1 answers. `api.jvm.test.ts` proves that they do (UPDATE_TRANSCRIPTS=1 rewrites
 * them), `api.test.ts` holds our broker against them. Where ours differs on purpose, the script says so, with the reason and our answer.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeDifferences, type Transcript } from './compare.ts';
import { Normaliser } from './normalise.ts';
import { Recorder } from './recorder.ts';

export interface Difference {
  /** Title of the block. */
  readonly title: string;
  readonly reason: string;
  /** Our block, whole. */
  readonly ours: string;
}

export interface Script {
  /** Name of the file in testdata/. */
  readonly name: string;
  readonly run: (recorder: Recorder, target: Target) => Promise<void>;
  readonly differences?: readonly Difference[];
}

/** A broker for a script to talk to. */
export interface Target {
  readonly port: number;
  readonly controllerPort: number;
  readonly dataDir: string;
}

/** True when the files are to be written anew. */
export const isUpdating = process.env['UPDATE_TRANSCRIPTS'] === '1';

const testdata = join(dirname(fileURLToPath(import.meta.url)), '../testdata');

/** Runs a script and returns its blocks by title; `called` collects what was called. */
export async function transcribe(script: Script, target: Target, called = new Set<string>()): Promise<Transcript> {
  const normaliser = new Normaliser([
    [target.dataDir, '<data>'],
    [`127.0.0.1:${target.port}`, '<broker>'],
    [`127.0.0.1:${target.controllerPort}`, '<controller>'],
  ]);
  const recorder = new Recorder(target, normaliser);
  try {
    await script.run(recorder, target);
  } finally {
    recorder.close();
  }
  for (const call of recorder.called) called.add(call);
  return recorder.blocks;
}

/** What JVM Kafka answers, from the file. */
export function recorded(script: Script): Transcript {
  const file = fileOf(script);
  return existsSync(file) ? parse(readFileSync(file, 'utf8')) : new Map();
}

/** Holds the JVM's answers against the file, or writes the file when asked to. */
export function expectAsRecorded(script: Script, blocks: Transcript): void {
  if (isUpdating) {
    writeFileSync(fileOf(script), format(blocks));
    return;
  }
  const differences = describeDifferences(recorded(script), blocks);
  if (differences !== undefined) assert.fail(`the JVM does not answer as ${script.name}.txt says: ${differences}`);
}

/** Holds our answers against the JVM's and the script's own differences. */
export function expectAsJvm(script: Script, blocks: Transcript): void {
  const jvm = recorded(script);
  const expected = new Map(jvm);
  for (const { title, ours } of script.differences ?? []) {
    assert(jvm.has(title), `${script.name}: there is no block '${title}' to differ from`);
    assert.notEqual(ours.trim(), jvm.get(title), `${script.name}: '${title}' is no difference any more`);
    expected.set(title, ours.trim());
  }
  const differences = describeDifferences(expected, blocks);
  if (differences !== undefined) assert.fail(`ours does not answer as the JVM does: ${differences}`);
}

const fileOf = (script: Script): string => join(testdata, `${script.name}.txt`);

const format = (blocks: Transcript): string => [...blocks].map(([title, text]) => `## ${title}\n${text}\n`).join('\n');

function parse(text: string): Map<string, string> {
  const blocks = text.split(/^## /m).slice(1);
  return new Map(
    blocks.map((block) => {
      const end = block.indexOf('\n');
      return [block.slice(0, end), block.slice(end + 1).trimEnd()];
    }),
  );
}
