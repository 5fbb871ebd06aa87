/**
 * Facts that are in Kafka's code, not in its schemas, told by the Java programs in `java/`.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KafkaJvm } from '../kafka-jvm/jvm.ts';

/** One protocol error. */
export interface ErrorRow {
  readonly code: number;
  readonly name: string;
  readonly retriable: boolean;
  readonly staleMetadata: boolean;
}

/** One API. */
export interface ApiRow {
  readonly key: number;
  /** Kafka's constant: 'LIST_OFFSETS'. */
  readonly constant: string;
  readonly clusterAction: boolean;
  readonly forwardable: boolean;
}

const folder = join(dirname(fileURLToPath(import.meta.url)), 'java');

/** The error table. */
export async function readErrors(jvm: KafkaJvm): Promise<ErrorRow[]> {
  const rows = await runJava(jvm, 'PrintErrors');
  return rows.map(([code, name, retriable, staleMetadata]) => ({
    code: Number(code),
    name: name ?? '',
    retriable: retriable === 'true',
    staleMetadata: staleMetadata === 'true',
  }));
}

/** The API table, removed APIs included. */
export async function readApis(jvm: KafkaJvm): Promise<ApiRow[]> {
  const rows = await runJava(jvm, 'PrintApis');
  return rows.map(([key, constant, clusterAction, forwardable]) => ({
    key: Number(key),
    constant: constant ?? '',
    clusterAction: clusterAction === 'true',
    forwardable: forwardable === 'true',
  }));
}

/** Tab-separated lines that a program prints. */
async function runJava(jvm: KafkaJvm, name: string): Promise<string[][]> {
  const classes = await jvm.compile(join(folder, `${name}.java`));
  const { code, stdout, stderr } = await jvm.runClass(name, [], { classes });
  if (code !== 0) throw new Error(`${name} failed:\n${stderr}`);
  const lines = stdout.trim().split('\n');
  return lines.map((line) => line.split('\t'));
}
