/**
 * All that a client can see of a cluster of one broker, as one value to compare: topics and their configurations, every batch of every
 * partition, offsets, groups and what they have committed.
 *
 * Left out is what a restart changes: ports, leader epochs of now, uptimes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  type ConsumerGroupDescribeResponse,
  type ConsumerGroupDescribeResponseAssignment,
  type DescribeConfigsResponse,
  type DescribeGroupsResponse,
  ErrorCode,
  errorName,
  type ListGroupsResponse,
  type ListOffsetsResponse,
  type MetadataResponse,
  newConsumerGroupDescribeRequest,
  newDescribeConfigsRequest,
  newDescribeConfigsResource,
  newDescribeGroupsRequest,
  newListGroupsRequest,
  newListOffsetsPartition,
  newListOffsetsRequest,
  newListOffsetsTopic,
  newMetadataRequest,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  type OffsetFetchResponse,
} from '@skarab/protocol';
import { iterateBatches, type RecordBatch } from '@skarab/records';
import type { RawClient } from '../tools/raw-client/raw-client.ts';
import { waitForCoordinator } from './topics.ts';
import { fetchPartition } from './verify.ts';

const TOPIC_RESOURCE = 2;
const DYNAMIC_TOPIC_CONFIG = 1;
const PATIENCE_MS = 20_000;

/** Waits until every partition of every topic has a leader; returns topics and partitions. */
async function describeTopics(client: RawClient): Promise<MetadataResponse['topics']> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { topics } = await client.call<MetadataResponse>(ApiKey.METADATA, 12, newMetadataRequest({ topics: null }));
    const ready = topics.every(({ partitions }) => partitions.every(({ errorCode }) => errorCode === ErrorCode.NONE));
    if (ready && topics.length > 0) return topics.sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
    if (Date.now() > deadline) throw new Error(`no leaders: ${JSON.stringify(topics)}`);
    await sleep(100);
  }
}

async function configsOf(client: RawClient, topic: string): Promise<Record<string, string | null>> {
  const resource = newDescribeConfigsResource({
    resourceType: TOPIC_RESOURCE,
    resourceName: topic,
    configurationKeys: null,
  });
  const request = newDescribeConfigsRequest({ resources: [resource] });
  const { results } = await client.call<DescribeConfigsResponse>(ApiKey.DESCRIBE_CONFIGS, 4, request);
  const own = results[0]?.configs.filter(({ configSource }) => configSource === DYNAMIC_TOPIC_CONFIG) ?? [];
  return Object.fromEntries(own.map(({ name, value }) => [name, value] as const).sort());
}

const specialTimestamps = { earliest: -2n, latest: -1n, largest: -3n };

/** Offsets of special timestamps. A broker that has just started may say for a moment that it does not lead. */
async function offsetsOf(client: RawClient, topic: string, partitionIndex: number): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [what, timestamp] of Object.entries(specialTimestamps)) {
    const deadline = Date.now() + PATIENCE_MS;
    do {
      const answer = await listOffset(client, topic, partitionIndex, timestamp);
      if (answer?.errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER) await sleep(50);
      // The epoch at the end of a log is the leader's, and a restart makes a new one.
      else found[what] = what === 'largest' ? answer : { ...answer, leaderEpoch: 'any' };
    } while (found[what] === undefined && Date.now() < deadline);
  }
  return found;
}

async function listOffset(client: RawClient, topic: string, partitionIndex: number, timestamp: bigint) {
  const partitions = [newListOffsetsPartition({ partitionIndex, timestamp })];
  const request = newListOffsetsRequest({ replicaId: -1, topics: [newListOffsetsTopic({ name: topic, partitions })] });
  const { topics } = await client.call<ListOffsetsResponse>(ApiKey.LIST_OFFSETS, 8, request);
  return topics[0]?.partitions[0];
}

function batchView(batch: RecordBatch): unknown {
  return {
    offsets: [batch.baseOffset, batch.lastOffset],
    epoch: batch.partitionLeaderEpoch,
    attributes: batch.attributes,
    producer: [batch.producerId, batch.producerEpoch, batch.baseSequence],
    maxTimestamp: batch.maxTimestamp,
    valid: batch.isValidCrc(),
    crc: batch.crc,
    size: batch.sizeInBytes,
  };
}

async function batchesOf(client: RawClient, topic: string, partition: number): Promise<unknown[]> {
  const views: unknown[] = [];
  let offset = 0;
  for (;;) {
    const { records, highWatermark, logStartOffset } = await fetchFrom(client, topic, partition, offset);
    offset = Math.max(offset, logStartOffset);
    for (const batch of iterateBatches(records)) {
      views.push(batchView(batch));
      offset = batch.nextOffset;
    }
    if (offset >= highWatermark) return views;
    if (records.byteLength === 0)
      throw new Error(`${topic}-${partition}: nothing at ${offset}, below ${highWatermark}`);
  }
}

/** From an offset, or from the start of the log when that lies behind it. */
async function fetchFrom(client: RawClient, topic: string, partition: number, offset: number) {
  try {
    return await fetchPartition(client, topic, partition, offset);
  } catch (error) {
    if (!(error as Error).message.includes('OFFSET_OUT_OF_RANGE')) throw error;
    const earliest = await listOffset(client, topic, partition, specialTimestamps.earliest);
    return fetchPartition(client, topic, partition, Number(earliest?.offset));
  }
}

async function groupsOf(client: RawClient): Promise<unknown[]> {
  await waitForCoordinator(client, 'any');
  const deadline = Date.now() + PATIENCE_MS;
  let listed = await client.call<ListGroupsResponse>(ApiKey.LIST_GROUPS, 5, newListGroupsRequest());
  while (listed.errorCode !== ErrorCode.NONE) {
    if (Date.now() > deadline) throw new Error(`groups: ${errorName(listed.errorCode)}`);
    await sleep(100);
    listed = await client.call<ListGroupsResponse>(ApiKey.LIST_GROUPS, 5, newListGroupsRequest());
  }
  const ids = listed.groups.map(({ groupId }) => groupId).sort();
  const described = await client.call<DescribeGroupsResponse>(
    ApiKey.DESCRIBE_GROUPS,
    5,
    newDescribeGroupsRequest({ groups: ids }),
  );
  const request = newOffsetFetchRequest({
    groups: ids.map((groupId) => newOffsetFetchRequestGroup({ groupId, topics: null })),
  });
  const committed = await client.call<OffsetFetchResponse>(ApiKey.OFFSET_FETCH, 8, request);
  const consumers = await consumersOf(client, ids);
  return ids.map((groupId) => {
    const group = described.groups.find((candidate) => candidate.groupId === groupId);
    const offsets = committed.groups
      .filter((candidate) => candidate.groupId === groupId)
      .flatMap(({ topics }) => topics)
      .flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, metadata }) => {
          return [`${name}-${partitionIndex}`, committedOffset, committedLeaderEpoch, metadata] as const;
        }),
      )
      .sort((a, b) => (a[0] < b[0] ? -1 : 1));
    const { groupState: state, protocolType } = group ?? {};
    return { groupId, state, protocolType, offsets, consumers: consumers.get(groupId) };
  });
}

/** Epochs and members of the groups that are consumer groups. */
async function consumersOf(client: RawClient, groupIds: string[]): Promise<ReadonlyMap<string, unknown>> {
  const request = newConsumerGroupDescribeRequest({ groupIds });
  const { groups } = await client.call<ConsumerGroupDescribeResponse>(ApiKey.CONSUMER_GROUP_DESCRIBE, 1, request);
  const found = groups.filter(({ errorCode }) => errorCode === ErrorCode.NONE);
  return new Map(
    found.map(({ groupId, members, ...group }) => {
      const sorted = members.map((member) => ({
        ...member,
        subscribedTopicNames: member.subscribedTopicNames.toSorted(),
        assignment: partitionNames(member.assignment),
        targetAssignment: partitionNames(member.targetAssignment),
      }));
      return [groupId, { ...group, members: sorted.sort((a, b) => (a.memberId < b.memberId ? -1 : 1)) }];
    }),
  );
}

function partitionNames({ topicPartitions }: ConsumerGroupDescribeResponseAssignment): string[] {
  return topicPartitions
    .flatMap(({ topicName, partitions }) => partitions.map((partition) => `${topicName}-${partition}`))
    .sort();
}

/** A cluster as its clients see it. */
export interface ClusterView {
  topics: { readonly name: string }[];
  groups: unknown[];
}

/** The whole view. Internal topics are seen through what they hold. */
export async function viewCluster(client: RawClient): Promise<ClusterView> {
  const topics: { readonly name: string }[] = [];
  for (const { name, topicId, isInternal, partitions } of await describeTopics(client)) {
    if (name === null || isInternal) continue;
    const views: unknown[] = [];
    for (const { partitionIndex, replicaNodes } of partitions.sort((a, b) => a.partitionIndex - b.partitionIndex)) {
      views.push({
        partitionIndex,
        replicaNodes,
        batches: await batchesOf(client, name, partitionIndex),
        offsets: await offsetsOf(client, name, partitionIndex),
      });
    }
    const topic = { name, topicId, configs: await configsOf(client, name), partitions: views };
    topics.push(topic);
  }
  return { topics, groups: await groupsOf(client) };
}
