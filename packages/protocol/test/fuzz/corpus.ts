/**
 * The corpus: encoded messages, one per line as `Name version hex`, in `test/testdata/corpus.txt`.
 *
 * Every schema at its lowest, first flexible and highest version; all fields set at random, none empty. Each line was read and written by
 * Kafka's own codecs before it was committed (see write-corpus.ts).
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as generated from '../../src/generated/index.ts';
import type { Reader } from '../../src/wire/reader.ts';
import type { Writer } from '../../src/wire/writer.ts';

/** Where the corpus is. */
export const CORPUS_FILE = join(dirname(fileURLToPath(import.meta.url)), '../testdata/corpus.txt');

/** Functions of a message by its name. */
export interface NamedCodec {
  decode(reader: Reader, version: number): object;
  encode(writer: Writer, message: object, version: number): void;
  size(message: object, version: number): number;
}

/** One encoded message. */
export interface Sample {
  readonly name: string;
  readonly version: number;
  readonly bytes: Buffer;
  readonly codec: NamedCodec;
}

/** The codec of a message by its name. */
export function codecNamed(name: string): NamedCodec {
  const exported = generated as unknown as Record<string, unknown>;
  return {
    decode: exported[`decode${name}`] as NamedCodec['decode'],
    encode: exported[`encode${name}`] as NamedCodec['encode'],
    size: exported[`size${name}`] as NamedCodec['size'],
  };
}

/** Reads the corpus. */
export function readCorpus(): Sample[] {
  const lines = readFileSync(CORPUS_FILE, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [name, version, hex] = line.split(' ') as [string, string, string];
    return { name, version: Number(version), bytes: Buffer.from(hex, 'hex'), codec: codecNamed(name) };
  });
}
