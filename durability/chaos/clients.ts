/**
 * The clients that can write, and which of them this machine has.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireForeign } from '../../foreign/harness.ts';
import { requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { programClient } from './program-client.ts';
import { rawClient } from './raw-client.ts';
import type { Client } from './writer.ts';

export const CLIENT_NAMES = ['raw', 'java', 'franz-go'] as const;
export type ClientName = (typeof CLIENT_NAMES)[number];

/** Says why a client is left out. */
type Skip = (why: string) => void;

const JAVA_FILE = join(dirname(fileURLToPath(import.meta.url)), 'java', 'NumberWriter.java');

const found: Readonly<Record<ClientName, (skip: Skip) => Promise<Client | undefined>>> = {
  raw: async () => rawClient,
  java: async (skip) => {
    const jvm = await requireKafkaJvm({ skip: (why) => skip(why ?? '') });
    if (jvm === undefined) return undefined;
    const env = { CLASSPATH: await jvm.compile(JAVA_FILE) };
    return programClient('java', { file: jvm.bin('kafka-run-class'), args: ['NumberWriter'], env });
  },
  'franz-go': async (skip) => {
    const software = await requireForeign({ skip: (why) => skip(why ?? '') }, 'go');
    return software && programClient('franz-go', { file: software.go('numbers') });
  },
};

/** Those of the wanted clients that this machine has; says which it has not. Errors: rejects when CI is 'true' and one is absent. */
export async function findClients(wanted: readonly ClientName[], say: (line: string) => void): Promise<Client[]> {
  const clients: Client[] = [];
  for (const name of wanted) {
    const client = await found[name]((why) => say(`without ${name}: ${why}`));
    if (client !== undefined) clients.push(client);
  }
  return clients;
}
