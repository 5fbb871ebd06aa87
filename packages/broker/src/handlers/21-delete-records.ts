/**
 * DeleteRecords (21), versions 0-2: moves the start of partitions' logs (KIP-107). Offset -1 stands for the high watermark.
 *
 * v2 flexible. Answers when no replica that is alive has the records any more, at the latest after timeoutMs (REQUEST_TIMED_OUT). ACLs: DELETE on each topic.
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
import type { Purgatory } from '../replica/purgatory.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';

const HIGH_WATERMARK = -1;

/** What the handler works with. */
export interface DeleteRecordsParts {
  readonly metadata: MetadataCache;
  readonly replicas: ReplicaSet;
  readonly purgatory: Purgatory;
}

export function deleteRecordsHandler({
  metadata,
  replicas,
  purgatory,
}: DeleteRecordsParts): ApiHandler<DeleteRecordsRequest, DeleteRecordsResponse> {
  return {
    apiKey: ApiKey.DELETE_RECORDS,
    decode: decodeDeleteRecordsRequest,
    encode: encodeDeleteRecordsResponse,
    handle: (context, request) => {
      const open: OpenDeletion[] = [];
      const topics = request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((asked) => {
          if (!context.mayDo('DELETE', 'TOPIC', name)) return failed(asked, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
          if (metadata.topic(name)?.partitions[asked.partitionIndex] === undefined)
            return failed(asked, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
          if (isInternalTopic(name)) return failed(asked, ErrorCode.INVALID_TOPIC_EXCEPTION);
          return deleteBefore(asked, replicas.get(name, asked.partitionIndex), open);
        }),
      }));
      return whenAllDeleted(open, request.timeoutMs, purgatory, newDeleteRecordsResponse({ topics }));
    },
    failure: (request, errorCode) =>
      newDeleteRecordsResponse({
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((asked) => failed(asked, errorCode)),
        })),
      }),
  };
}

/** A deletion that replicas still have to follow. */
interface OpenDeletion {
  readonly partition: Partition;
  readonly offset: number;
  readonly result: DeleteRecordsPartitionResult;
}

function failed(asked: DeleteRecordsPartition, errorCode: number): DeleteRecordsPartitionResult {
  return { partitionIndex: asked.partitionIndex, lowWatermark: -1n, errorCode };
}

function deleteBefore(
  asked: DeleteRecordsPartition,
  partition: Partition | undefined,
  open: OpenDeletion[],
): DeleteRecordsPartitionResult {
  if (partition === undefined) return failed(asked, ErrorCode.NOT_LEADER_OR_FOLLOWER);
  const errorCode = partition.checkLeaderEpoch(-1);
  if (errorCode !== ErrorCode.NONE) return failed(asked, errorCode);
  const { log } = partition;
  if (!log.config.delete && log.config.compact) return failed(asked, ErrorCode.POLICY_VIOLATION);
  const offset = Number(asked.offset) === HIGH_WATERMARK ? log.highWatermark : Number(asked.offset);
  if (offset < 0) return failed(asked, ErrorCode.OFFSET_OUT_OF_RANGE);
  const refusal = partition.deleteRecordsBefore(offset);
  if (refusal !== ErrorCode.NONE) return failed(asked, refusal);
  const { lowWatermark } = partition;
  const isOpen = lowWatermark < offset;
  const result = {
    partitionIndex: asked.partitionIndex,
    lowWatermark: BigInt(lowWatermark),
    errorCode: isOpen ? ErrorCode.REQUEST_TIMED_OUT : ErrorCode.NONE,
  };
  if (isOpen) open.push({ partition, offset, result });
  return result;
}

/** Waits for the replicas of all deletions; those that do not follow in time have timed out. */
function whenAllDeleted(
  open: readonly OpenDeletion[],
  timeoutMs: number,
  purgatory: Purgatory,
  response: DeleteRecordsResponse,
): DeleteRecordsResponse | Promise<DeleteRecordsResponse> {
  if (open.length === 0) return response;
  return new Promise((resolve) => {
    let left = open.length;
    const takeBack: (() => void)[] = [];
    const parked = purgatory.park(timeoutMs, () => {
      for (const cancel of takeBack) cancel();
      resolve(response);
    });
    for (const { partition, offset, result } of open) {
      const cancel = partition.whenDeleted(offset, (errorCode) => {
        result.errorCode = errorCode;
        result.lowWatermark = BigInt(errorCode === ErrorCode.NONE ? partition.lowWatermark : -1);
        left--;
        if (left === 0 && parked.complete()) resolve(response);
      });
      takeBack.push(cancel);
    }
  });
}
