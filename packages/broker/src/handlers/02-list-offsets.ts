/**
 * ListOffsets (2), versions 1-11: offsets by timestamp, and the special ones: latest -1, earliest -2, max timestamp -3 (v7, KIP-734), earliest local -4
 * (v8, KIP-405), latest tiered -5 (v9, KIP-1005), earliest pending upload -6 (v11, KIP-1023). Nothing is tiered here, so -5 and -6 answer as an
 * empty remote log does.
 *
 * v2 isolation level; v4 leader epochs; v5 OFFSET_NOT_AVAILABLE; v6 flexible; v10 timeout. ACLs: DESCRIBE on each topic.
 */
import {
  ApiKey,
  decodeListOffsetsRequest,
  ErrorCode,
  encodeListOffsetsResponse,
  type ListOffsetsPartition,
  type ListOffsetsPartitionResponse,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  newListOffsetsPartitionResponse,
  newListOffsetsResponse,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { Partition } from '../replica/partition.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';

const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;
const EARLIEST_PENDING_UPLOAD = -6;

const FIRST_VERSIONS: Readonly<Record<number, number>> = {
  [MAX_TIMESTAMP]: 7,
  [EARLIEST_LOCAL]: 8,
  [LATEST_TIERED]: 9,
  [EARLIEST_PENDING_UPLOAD]: 11,
};

const READ_COMMITTED = 1;
const CONSUMER_REPLICA_ID = -1;
const DEBUGGING_REPLICA_ID = -2;
const OFFSET_NOT_AVAILABLE_VERSION = 5;
const LEADER_EPOCH_VERSION = 4;

/** An offset that was found, or that none was (`undefined`), or why not (a number). */
type Lookup =
  | { readonly timestamp: number; readonly offset: number; readonly leaderEpoch: number }
  | undefined
  | number;

export function listOffsetsHandler(
  metadata: MetadataCache,
  replicas: ReplicaSet,
): ApiHandler<ListOffsetsRequest, ListOffsetsResponse> {
  return {
    apiKey: ApiKey.LIST_OFFSETS,
    decode: decodeListOffsetsRequest,
    encode: encodeListOffsetsResponse,
    handle: (context, request) => {
      const duplicates = duplicatePartitions(request);
      const topics = request.topics.map(({ name, partitions }) => ({
        name,
        partitions: onePerIndex(partitions).map((asked) => {
          if (!context.mayDo('DESCRIBE', 'TOPIC', name)) return failed(asked, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
          if (duplicates.has(`${name}\u0000${asked.partitionIndex}`)) return failed(asked, ErrorCode.INVALID_REQUEST);
          if (metadata.topic(name)?.partitions[asked.partitionIndex] === undefined)
            return failed(asked, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
          return answer(context, request, asked, replicas.get(name, asked.partitionIndex));
        }),
      }));
      return newListOffsetsResponse({ topics });
    },
    failure: (request, errorCode) =>
      newListOffsetsResponse({
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((asked) => failed(asked, errorCode)),
        })),
      }),
  };
}

/** A partition that is asked for twice is refused once. */
function onePerIndex(partitions: readonly ListOffsetsPartition[]): ListOffsetsPartition[] {
  return [...new Map(partitions.map((asked) => [asked.partitionIndex, asked])).values()];
}

function duplicatePartitions(request: ListOffsetsRequest): ReadonlySet<string> {
  const seen = new Set<string>();
  const duplicates = new Set<string>();
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}\u0000${partitionIndex}`;
      if (seen.has(key)) duplicates.add(key);
      seen.add(key);
    }
  }
  return duplicates;
}

function failed(asked: ListOffsetsPartition, errorCode: number): ListOffsetsPartitionResponse {
  return newListOffsetsPartitionResponse({
    partitionIndex: asked.partitionIndex,
    errorCode,
    timestamp: -1n,
    offset: -1n,
  });
}

function answer(
  context: RequestContext,
  request: ListOffsetsRequest,
  asked: ListOffsetsPartition,
  partition: Partition | undefined,
): ListOffsetsPartitionResponse {
  const timestamp = Number(asked.timestamp);
  const firstVersion =
    timestamp >= LATEST ? 0 : (FIRST_VERSIONS[timestamp] ?? (timestamp === EARLIEST ? 0 : Number.POSITIVE_INFINITY));
  if (context.apiVersion < firstVersion) return failed(asked, ErrorCode.UNSUPPORTED_VERSION);
  if (partition === undefined) return failed(asked, ErrorCode.NOT_LEADER_OR_FOLLOWER);
  const epochError = partition.checkLeaderEpoch(asked.currentLeaderEpoch);
  const fromAnybody = request.replicaId === DEBUGGING_REPLICA_ID && epochError === ErrorCode.NOT_LEADER_OR_FOLLOWER;
  if (epochError !== ErrorCode.NONE && !fromAnybody) return failed(asked, epochError);
  const found = lookUp(partition, request, timestamp);
  if (typeof found === 'number') {
    const isOld = context.apiVersion < OFFSET_NOT_AVAILABLE_VERSION && found === ErrorCode.OFFSET_NOT_AVAILABLE;
    return failed(asked, isOld ? ErrorCode.LEADER_NOT_AVAILABLE : found);
  }
  if (found === undefined) return failed(asked, ErrorCode.NONE);
  return newListOffsetsPartitionResponse({
    partitionIndex: asked.partitionIndex,
    timestamp: BigInt(found.timestamp),
    offset: BigInt(found.offset),
    ...(context.apiVersion >= LEADER_EPOCH_VERSION && { leaderEpoch: found.leaderEpoch }),
  });
}

function lookUp(partition: Partition, request: ListOffsetsRequest, timestamp: number): Lookup {
  const { log } = partition;
  const isClient = request.replicaId === CONSUMER_REPLICA_ID;
  const lastFetchable = !isClient
    ? log.logEndOffset
    : request.isolationLevel === READ_COMMITTED
      ? log.lastStableOffset
      : log.highWatermark;
  const lagError = isClient && partition.isHighWatermarkBehindEpoch ? ErrorCode.OFFSET_NOT_AVAILABLE : ErrorCode.NONE;
  if (timestamp === LATEST)
    return lagError === ErrorCode.NONE
      ? { timestamp: -1, offset: lastFetchable, leaderEpoch: partition.leaderEpoch }
      : lagError;
  const found = log.offsetForTimestamp(timestamp);
  const isEarliest = timestamp === EARLIEST || timestamp === EARLIEST_LOCAL;
  if (found === null || (!isEarliest && found.offset >= lastFetchable))
    return lagError === ErrorCode.NONE ? undefined : lagError;
  return { timestamp: found.timestamp, offset: found.offset, leaderEpoch: found.leaderEpoch ?? -1 };
}
