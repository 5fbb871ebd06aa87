/**
 * Brokers for tests that speak to them through the raw client: ours, by its drop-in scripts, and the JVM's, under the same small
 * configuration; waiting until they serve; a folder for their data.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiKey, type MetadataResponse, newMetadataRequest } from '@skarab/protocol';
import {
  type BrokerProcess,
  type Distribution,
  type StartBrokerOptions,
  startBrokerProcess,
} from '../kafka-jvm/jvm.ts';
import { RawClient } from './raw-client.ts';

export type { BrokerProcess, Distribution, StartBrokerOptions } from '../kafka-jvm/jvm.ts';

/** The part of node:test's context that cleaning up needs. */
export interface CleaningTest {
  after(action: () => unknown): void;
}

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Our own distribution: the drop-in scripts. */
export const skarab: Distribution = { bin: (name) => join(root, 'bin', `${name}.sh`) };

/** A broker that is stopped, or was already, when the test ends. */
export async function startBroker(
  t: CleaningTest,
  distribution: Distribution,
  options: StartBrokerOptions = {},
): Promise<BrokerProcess> {
  const broker = await startBrokerProcess(distribution, options);
  t.after(() => broker.kill());
  return broker;
}

/** A folder that is removed when the test ends. */
export async function scratchFolder(t: CleaningTest): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skarab-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A client of a broker, closed when the test ends. */
export async function connectTo(t: CleaningTest, port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  t.after(() => client.close());
  return client;
}

/** Waits until every partition of the topics has a leader. Errors: rejects when that takes over ten seconds. */
export async function waitForTopics(client: RawClient, topics: Readonly<Record<string, number>>): Promise<void> {
  const names = Object.keys(topics);
  const deadline = Date.now() + 10_000;
  for (;;) {
    const request = newMetadataRequest({
      topics: names.map((name) => ({ name, topicId: 'AAAAAAAAAAAAAAAAAAAAAA' })),
      allowAutoTopicCreation: false,
    });
    const response = await client.call<MetadataResponse>(ApiKey.METADATA, 12, request);
    const ready = response.topics.every(
      ({ name, errorCode, partitions }) =>
        errorCode === 0 &&
        partitions.length === topics[name ?? ''] &&
        partitions.every((partition) => partition.errorCode === 0),
    );
    if (ready) return;
    if (Date.now() > deadline) throw new Error(`topics are not ready: ${JSON.stringify(response.topics)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
