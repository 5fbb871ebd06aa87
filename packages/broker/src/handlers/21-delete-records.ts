/**
 * DeleteRecords (21), versions 0-2: moves the start of partitions' logs (KIP-107). Offset -1 stands for the high watermark.
 *
 * v2 flexible. The answer's low watermark is the log start, this leader being the only replica. ACLs: DELETE on each topic.
 */
import {
  ApiKey,
  type DeleteRecordsPartition,
  type DeleteRecordsPartitionResult,
  type DeleteRecordsRequest,
  type DeleteRecordsResponse,
  decodeDeleteRecordsRequest,
  ErrorCode,
  encodeDeleteRecordsResponse,
  newDeleteRecordsResponse,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { isInternalTopic } from '../metadata/internal-topics.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { Partition } from '../replica/partition.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';

const HIGH_WATERMARK = -1;

export function deleteRecordsHandler(
  metadata: MetadataCache,
  replicas: ReplicaSet,
): ApiHandler<DeleteRecordsRequest, DeleteRecordsResponse> {
  return {
    apiKey: ApiKey.DELETE_RECORDS,
    decode: decodeDeleteRecordsRequest,
    encode: encodeDeleteRecordsResponse,
    handle: (context, request) =>
      newDeleteRecordsResponse({
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((asked) => {
            if (!context.mayDo('DELETE', 'TOPIC', name)) return failed(asked, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
            if (metadata.topic(name)?.partitions[asked.partitionIndex] === undefined)
              return failed(asked, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
            if (isInternalTopic(name)) return failed(asked, ErrorCode.INVALID_TOPIC_EXCEPTION);
            return deleteBefore(asked, replicas.get(name, asked.partitionIndex));
          }),
        })),
      }),
    failure: (request, errorCode) =>
      newDeleteRecordsResponse({
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((asked) => failed(asked, errorCode)),
        })),
      }),
  };
}

function failed(asked: DeleteRecordsPartition, errorCode: number): DeleteRecordsPartitionResult {
  return { partitionIndex: asked.partitionIndex, lowWatermark: -1n, errorCode };
}

function deleteBefore(asked: DeleteRecordsPartition, partition: Partition | undefined): DeleteRecordsPartitionResult {
  if (partition === undefined) return failed(asked, ErrorCode.NOT_LEADER_OR_FOLLOWER);
  const errorCode = partition.checkLeaderEpoch(-1);
  if (errorCode !== ErrorCode.NONE) return failed(asked, errorCode);
  const { log } = partition;
  if (!log.config.delete && log.config.compact) return failed(asked, ErrorCode.POLICY_VIOLATION);
  const offset = Number(asked.offset) === HIGH_WATERMARK ? log.highWatermark : Number(asked.offset);
  if (offset < 0) return failed(asked, ErrorCode.OFFSET_OUT_OF_RANGE);
  const refusal = log.maybeIncrementLogStartOffset(offset);
  if (refusal !== ErrorCode.NONE) return failed(asked, refusal);
  partition.onLogStartMoved();
  return { partitionIndex: asked.partitionIndex, lowWatermark: BigInt(log.logStartOffset), errorCode: ErrorCode.NONE };
}
