/**
 * Brokers for tests that speak to them through the raw client: ours, by its drop-in scripts, and the JVM's, under the same small
 * configuration; waiting until they serve; a folder for their data.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ApiKey,
  ErrorCode,
  type FetchResponse,
  type MetadataResponse,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
  newMetadataRequest,
  newMetadataRequestTopic,
} from '@skarab/protocol';
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

const endings = new WeakMap<CleaningTest, (() => unknown)[]>();

/** Calls `action` when the test ends, before what was asked for earlier, whatever fails: a folder goes when nobody writes to it any more. */
function atEnd(t: CleaningTest, action: () => unknown): void {
  const known = endings.get(t);
  if (known !== undefined) {
    known.push(action);
    return;
  }
  const actions = [action];
  endings.set(t, actions);
  t.after(async () => {
    const failures: unknown[] = [];
    for (const each of actions.reverse()) await Promise.try(each).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  });
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
  atEnd(t, () => broker.kill());
  return broker;
}

/** A folder that is removed when the test ends. */
export async function scratchFolder(t: CleaningTest): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skarab-test-'));
  atEnd(t, () => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** A client of a broker, closed when the test ends. */
export async function connectTo(t: CleaningTest, port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  atEnd(t, () => client.close());
  return client;
}

const PATIENCE_MS = 10_000;

/** Waits until the broker leads every partition of the topics. Errors: rejects when that takes over ten seconds. */
export async function waitForTopics(client: RawClient, topics: Readonly<Record<string, number>>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!((await areInMetadata(client, topics)) && (await areLed(client, topics)))) {
    if (Date.now() > deadline) throw new Error(`topics are not ready: ${JSON.stringify(topics)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function areInMetadata(client: RawClient, topics: Readonly<Record<string, number>>): Promise<boolean> {
  const names = Object.keys(topics).map((name) => newMetadataRequestTopic({ name }));
  const request = newMetadataRequest({ topics: names, allowAutoTopicCreation: false });
  const response = await client.call<MetadataResponse>(ApiKey.METADATA, 12, request);
  return response.topics.every(
    ({ name, errorCode, partitions }) =>
      errorCode === ErrorCode.NONE &&
      partitions.length === topics[name ?? ''] &&
      partitions.every((partition) => partition.errorCode === ErrorCode.NONE),
  );
}

/** The leader may answer for a partition a moment after the metadata says so. */
async function areLed(client: RawClient, topics: Readonly<Record<string, number>>): Promise<boolean> {
  const request = newFetchRequest({
    maxWaitMs: 0,
    maxBytes: 1,
    topics: Object.entries(topics).map(([topic, count]) =>
      newFetchRequestFetchTopic({
        topic,
        partitions: Array.from({ length: count }, (_, partition) => newFetchRequestFetchPartition({ partition })),
      }),
    ),
  });
  const response = await client.call<FetchResponse>(ApiKey.FETCH, 12, request);
  return response.responses.every(({ partitions }) => partitions.every(({ errorCode }) => !isStarting(errorCode)));
}

const isStarting = (errorCode: number): boolean =>
  errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER || errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
