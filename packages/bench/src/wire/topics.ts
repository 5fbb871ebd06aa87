/**
 * Topics as the benchmark needs them: created and known to have leaders, filled with one record, deleted.
 */
import type { Uuid } from '@skarab/base';
import {
  ErrorCode,
  errorName,
  newCreatableTopic,
  newCreatableTopicConfig,
  newCreateTopicsRequest,
  newDeleteTopicState,
  newDeleteTopicsRequest,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
  newMetadataRequest,
  newMetadataRequestTopic,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { retry } from '../process/time.ts';
import { createTopics, deleteTopics, fetch, metadata, produce } from './api.ts';
import type { WireClient } from './wire-client.ts';

const SERVER_TIMEOUT_MS = 60_000;
/** Who waits for replicas longer asks again, as clients do. */
const APPEND_TIMEOUT_MS = 10_000;
/** A topic is asked for this often while its partitions get leaders: fine enough for milliseconds, coarse enough to be no load. */
const POLL_MS = 2;
const FIRST_DELETE_WITH_TOPIC_IDS = 6;

/** What a request needs to name a topic, by name or by id. */
export interface TopicName {
  readonly name: string;
  readonly topicId: Uuid;
}

/** Creates a topic; a topic that exists already is fine. Errors: throws the error's name. */
export async function createTopic(
  client: WireClient,
  name: string,
  numPartitions: number,
  replicationFactor = 1,
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  const topic = newCreatableTopic({
    name,
    numPartitions,
    replicationFactor,
    configs: Object.entries(configs).map(([key, value]) => newCreatableTopicConfig({ name: key, value })),
  });
  const { topics } = await client.call(
    createTopics,
    newCreateTopicsRequest({ topics: [topic], timeoutMs: SERVER_TIMEOUT_MS }),
  );
  const { errorCode = ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage } = topics[0] ?? {};
  if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) return;
  throw new Error(`create ${name}: ${errorName(errorCode)} ${errorMessage ?? ''}`);
}

/** Deletes a topic, which must exist. */
export async function deleteTopic(client: WireClient, name: string): Promise<void> {
  const hasTopicIds = client.versionOf(deleteTopics.key) >= FIRST_DELETE_WITH_TOPIC_IDS;
  const topics = hasTopicIds ? { topics: [newDeleteTopicState({ name })] } : { topicNames: [name] };
  const request = newDeleteTopicsRequest({ ...topics, timeoutMs: SERVER_TIMEOUT_MS });
  const { responses } = await client.call(deleteTopics, request);
  const errorCode = responses[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR;
  if (errorCode !== ErrorCode.NONE) throw new Error(`delete ${name}: ${errorName(errorCode)}`);
}

/**
 * Waits until each of `numPartitions` partitions has all replicas in sync and a leader that serves it, asking every `pollMs`.
 *
 * A leader in the metadata is not enough: the JVM's broker publishes that a little before it takes requests. In a cluster it has to be:
 * this is one connection to one node.
 */
export async function awaitLed(
  client: WireClient,
  name: string,
  numPartitions: number,
  pollMs = POLL_MS,
  timeoutMs = SERVER_TIMEOUT_MS,
): Promise<TopicName> {
  let brokers = 0;
  const topic = await retry(`leaders of ${name}`, timeoutMs, pollMs, async () => {
    const topics = [newMetadataRequestTopic({ name })];
    const response = await client.call(metadata, newMetadataRequest({ topics, allowAutoTopicCreation: false }));
    const found = response.topics[0];
    if (found === undefined || found.errorCode !== ErrorCode.NONE) return undefined;
    const led = found.partitions.filter((one) => one.errorCode === ErrorCode.NONE && one.leaderId >= 0);
    const isComplete = led.every(({ isrNodes, replicaNodes }) => isrNodes.length === replicaNodes.length);
    brokers = response.brokers.length;
    return led.length === numPartitions && isComplete ? { name, topicId: found.topicId } : undefined;
  });
  if (brokers > 1) return topic;
  await retry(`service of ${name}`, SERVER_TIMEOUT_MS, pollMs, async () => {
    return (await isServed(client, topic, numPartitions)) ? true : undefined;
  });
  return topic;
}

/** Whether a fetch for a single byte of every partition meets no error. */
async function isServed(client: WireClient, topic: TopicName, numPartitions: number): Promise<boolean> {
  const partitions = Array.from({ length: numPartitions }, (_, partition) =>
    newFetchRequestFetchPartition({ partition, partitionMaxBytes: 1 }),
  );
  const topics = [newFetchRequestFetchTopic({ topic: topic.name, topicId: topic.topicId, partitions })];
  const request = newFetchRequest({ maxWaitMs: 0, minBytes: 0, maxBytes: 1, sessionEpoch: -1, topics });
  const { errorCode, responses } = await client.call(fetch, request);
  const served = responses.flatMap((response) => response.partitions).filter((one) => one.errorCode === ErrorCode.NONE);
  return errorCode === ErrorCode.NONE && served.length === numPartitions;
}

/** Writes one small record to each of the partitions in one request with acks=all; resolves with those that have acknowledged it. */
export async function append(client: WireClient, topic: TopicName, partitions: readonly number[]): Promise<number[]> {
  const records = buildBatch({ records: [{ timestamp: Date.now(), key: null, value: Buffer.from('bench') }] });
  const partitionData = partitions.map((index) => newPartitionProduceData({ index, records: Buffer.from(records) }));
  const request = newProduceRequest({
    acks: -1,
    timeoutMs: APPEND_TIMEOUT_MS,
    topicData: [newTopicProduceData({ ...topic, partitionData })],
  });
  const { responses } = await client.call(produce, request);
  const results = responses[0]?.partitionResponses ?? [];
  return results.filter(({ errorCode }) => errorCode === ErrorCode.NONE).map(({ index }) => index);
}
