/**
 * Puts cases to the JVM's configuration classes, all of one test in one Java process.
 */
import { fileURLToPath } from 'node:url';
import type { KafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';

/** A case for ConfigOracle.java: what to do with which configurations. */
export type OracleCase =
  | { readonly op: 'value'; readonly of: string; readonly name: string; readonly text: string }
  | { readonly op: 'start'; readonly broker: Record<string, string> }
  | {
      readonly op: 'alter';
      readonly broker: Record<string, string>;
      readonly type: number;
      readonly name: string;
      readonly configs: Record<string, string | null>;
      readonly existing?: Record<string, string>;
    }
  | ({ readonly op: 'dynamic'; readonly configs: Record<string, string>; readonly perBroker: boolean } & OracleLayers)
  | ({
      readonly op: 'describe';
      readonly type: number;
      readonly name: string;
      readonly configs?: Record<string, string>;
    } & OracleLayers)
  | { readonly op: 'properties'; readonly text: string };

/** The layers of a broker's configuration. */
export interface OracleLayers {
  readonly broker: Record<string, string>;
  readonly clusterConfigs?: Record<string, string>;
  readonly brokerConfigs?: Record<string, string>;
}

/** What came of a case: a value, or an error with its code. */
export type OracleOutcome = { readonly ok: unknown } | { readonly error: string | null; readonly code: number };

/** A combined node's properties with as little as Kafka takes. */
export const minimalBroker: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'controller.quorum.bootstrap.servers': 'localhost:9093',
  listeners: 'PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093',
  'log.dirs': '/data',
};

const java = fileURLToPath(new URL('ConfigOracle.java', import.meta.url));

/** Outcomes of the cases, in their order. */
export async function askOracle(jvm: KafkaJvm, cases: readonly OracleCase[]): Promise<OracleOutcome[]> {
  const classes = await jvm.compile(java);
  const { code, stdout, stderr } = await jvm.runClass('ConfigOracle', [], { classes, input: JSON.stringify(cases) });
  if (code !== 0) throw new Error(`ConfigOracle failed: ${stderr}`);
  return JSON.parse(stdout) as OracleOutcome[];
}
