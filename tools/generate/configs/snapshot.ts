/**
 * What Kafka 4.3.1 says of its configurations, as the Java program beside this file printed it.
 *
 * The snapshot is kept in the repository so that generating needs no JVM; `--refresh` takes it anew and a test compares the two.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KafkaJvm } from '../../kafka-jvm/jvm.ts';

/** A validator by its Java class, the text it prints for "valid values" and the fields it decides by. */
export interface ValidatorSnapshot {
  readonly class: string;
  readonly text: string;
  readonly fields: {
    readonly min?: string | null;
    readonly max?: string | null;
    readonly validStrings?: readonly string[];
    readonly validString?: ValidatorSnapshot;
    readonly isEmptyAllowed?: boolean;
    readonly isNullAllowed?: boolean;
  };
}

/** One definition. */
export interface KeySnapshot {
  readonly name: string;
  readonly type: string;
  readonly hasDefault: boolean;
  readonly default: string | null;
  readonly validator: ValidatorSnapshot | null;
  readonly importance: string;
  readonly internal: boolean;
}

/** A broker configuration that stands in for another; `ofOne` is what the value 1 of it is worth there. */
export interface SynonymSnapshot {
  readonly name: string;
  readonly ofOne: string;
}

/** The whole snapshot; lists of definitions are in Kafka's own order. */
export interface ConfigSnapshot {
  readonly topic: readonly KeySnapshot[];
  readonly broker: readonly KeySnapshot[];
  readonly brokerQuota: readonly KeySnapshot[];
  readonly group: readonly KeySnapshot[];
  readonly clientMetrics: readonly KeySnapshot[];
  readonly clientQuota: readonly KeySnapshot[];
  readonly ipQuota: readonly KeySnapshot[];
  readonly topicSynonyms: Readonly<Record<string, readonly SynonymSnapshot[]>>;
  readonly groupSynonyms: Readonly<Record<string, string | null>>;
  readonly brokerSynonyms: Readonly<Record<string, readonly string[]>>;
  readonly updateModes: Readonly<Record<string, string>>;
  readonly dynamicSecurityConfigs: readonly string[];
  readonly perBrokerConfigs: readonly string[];
  readonly clusterLevelListenerConfigs: readonly string[];
  readonly listenerMechanismConfigs: readonly string[];
}

const java = fileURLToPath(new URL('java/DumpConfigs.java', import.meta.url));

/** Path of the snapshot file. */
export const snapshotFile: string = fileURLToPath(new URL('generated/kafka-configs.json', import.meta.url));

/** The snapshot kept in the repository. */
export function readSnapshot(): ConfigSnapshot {
  return JSON.parse(readFileSync(snapshotFile, 'utf8')) as ConfigSnapshot;
}

/** Text of the snapshot file as the JVM's classes give it now: one definition a line. */
export async function takeSnapshot(jvm: KafkaJvm): Promise<string> {
  const classes = await jvm.compile(java);
  const { code, stdout, stderr } = await jvm.runClass('DumpConfigs', [], { classes });
  if (code !== 0) throw new Error(`DumpConfigs failed: ${stderr}`);
  const parts = Object.entries(JSON.parse(stdout) as Record<string, unknown>);
  return `{\n${parts.map(([name, part]) => `${JSON.stringify(name)}: ${formatPart(part)}`).join(',\n')}\n}\n`;
}

function formatPart(part: unknown): string {
  if (Array.isArray(part)) return `[\n${part.map((one) => JSON.stringify(one)).join(',\n')}\n]`;
  const entries = Object.entries(part as object);
  return `{\n${entries.map(([name, one]) => `${JSON.stringify(name)}: ${JSON.stringify(one)}`).join(',\n')}\n}`;
}
