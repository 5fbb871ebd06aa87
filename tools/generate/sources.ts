/**
 * Where the schemas come from: the JSON files inside Kafka's jars.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { assignTypeNames, type Message, parseSchema } from './schema.ts';
import { readZip } from './zip.ts';

/** Kafka version whose schemas are generated from. */
export const KAFKA_VERSION = '4.3.1';

/** Jars with schemas, and how many each must hold. */
const SCHEMA_JARS = {
  'kafka-clients': 198,
  'kafka-metadata': 26,
  'kafka-group-coordinator': 44,
  'kafka-share-coordinator': 4,
  'kafka-transaction-coordinator': 2,
  'kafka-raft': 1,
  'kafka-storage': 5,
} as const;

/** Artifact that schemas come from. */
export type SchemaSource = keyof typeof SCHEMA_JARS;

/** Reads and parses all schemas; struct names are assigned. */
export function loadSchemas(libs: string): Map<SchemaSource, Message[]> {
  const sources = new Map<SchemaSource, Message[]>();
  for (const [artifact, expected] of Object.entries(SCHEMA_JARS)) {
    const jar = join(libs, `${artifact}-${KAFKA_VERSION}.jar`);
    if (!existsSync(jar)) throw new Error(`${jar} is missing`);
    const entries = readZip(jar, (name) => /^(common\/)?(message|metadata)\/[^/]+\.json$/.test(name));
    if (entries.size !== expected) throw new Error(`${jar}: ${entries.size} schemas, expected ${expected}`);
    const messages = [...entries].map(([name, text]) => parseSchema(text, name));
    sources.set(
      artifact as SchemaSource,
      messages.sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  }
  assignTypeNames([...sources.values()].flat());
  return sources;
}
