/**
 * OffsetForLeaderEpoch (23), versions 2-4: where a leader epoch ends, to find the point from which logs differ (KIP-101, KIP-320).
 *
 * v3 replica id; v4 flexible. ACLs: DESCRIBE on each topic; CLUSTER_ACTION for followers.
 */
import {
  ApiKey,
  decodeOffsetForLeaderEpochRequest,
  ErrorCode,
  encodeOffsetForLeaderEpochResponse,
  newOffsetForLeaderEpochResponse,
  newOffsetForLeaderEpochResponseEpochEndOffset,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
  type OffsetForLeaderEpochResponseEpochEndOffset,
  type OffsetForLeaderPartition,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { Partition } from '../replica/partition.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';

export function offsetForLeaderEpochHandler(
  metadata: MetadataCache,
  replicas: ReplicaSet,
): ApiHandler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> {
  return {
    apiKey: ApiKey.OFFSET_FOR_LEADER_EPOCH,
    decode: decodeOffsetForLeaderEpochRequest,
    encode: encodeOffsetForLeaderEpochResponse,
    handle: (context, request) => {
      const isFollower = context.mayDoToCluster('CLUSTER_ACTION');
      return newOffsetForLeaderEpochResponse({
        topics: request.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map((asked) => {
            if (!isFollower && !context.mayDo('DESCRIBE', 'TOPIC', topic))
              return failed(asked.partition, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
            if (metadata.topic(topic)?.partitions[asked.partition] === undefined)
              return failed(asked.partition, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
            return endOf(asked, replicas.get(topic, asked.partition));
          }),
        })),
      });
    },
    failure: (request, errorCode) =>
      newOffsetForLeaderEpochResponse({
        topics: request.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map((asked) => failed(asked.partition, errorCode)),
        })),
      }),
  };
}

function failed(partition: number, errorCode: number): OffsetForLeaderEpochResponseEpochEndOffset {
  return newOffsetForLeaderEpochResponseEpochEndOffset({ partition, errorCode, leaderEpoch: -1, endOffset: -1n });
}

function endOf(
  asked: OffsetForLeaderPartition,
  partition: Partition | undefined,
): OffsetForLeaderEpochResponseEpochEndOffset {
  if (partition === undefined) return failed(asked.partition, ErrorCode.NOT_LEADER_OR_FOLLOWER);
  const errorCode = partition.checkLeaderEpoch(asked.currentLeaderEpoch);
  if (errorCode !== ErrorCode.NONE) return failed(asked.partition, errorCode);
  const end = partition.log.endOffsetForEpoch(asked.leaderEpoch);
  if (end === null) return failed(asked.partition, ErrorCode.NONE);
  return newOffsetForLeaderEpochResponseEpochEndOffset({
    partition: asked.partition,
    leaderEpoch: end.epoch,
    endOffset: BigInt(end.endOffset),
  });
}
