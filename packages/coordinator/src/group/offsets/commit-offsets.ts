/**
 * Decides OffsetCommit.
 *
 * Topics have been authorized and found to exist (see planOffsetCommit). Source: OffsetMetadataManager.commitOffset.
 */
import {
  ErrorCode,
  newOffsetCommitResponse,
  newOffsetCommitResponsePartition,
  newOffsetCommitResponseTopic,
  type OffsetCommitRequest,
  type OffsetCommitRequestPartition,
  type OffsetCommitRequestTopic,
  type OffsetCommitResponse,
} from '@skarab/protocol';
import { decided, refused, type Verdict } from '../../runtime/decision.ts';
import { keepSessionOfCommitter } from '../classic/session.ts';
import type { CommitOrigin } from '../group.ts';
import { type GroupRecord, offsetCommitRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { offsetFromRequest } from './offset-and-metadata.ts';

/** The version from which a commit to an unknown group says so. */
const GROUP_ID_NOT_FOUND_MIN_VERSION = 9;

/** Decides an OffsetCommit. */
export function commitOffsets(
  parts: ShardParts,
  request: OffsetCommitRequest,
  apiVersion: number,
  nowMs: number,
): Verdict<OffsetCommitResponse, GroupRecord> {
  const origin = originOf(request, apiVersion);
  const error = admit(parts, request, origin, nowMs);
  if (error !== ErrorCode.NONE) return refused(error);
  const group = parts.registry.get(request.groupId);
  let refusal: ErrorCode = ErrorCode.NONE;
  const retentionTimeMs = request.retentionTimeMs;
  const expireTimestampMs = retentionTimeMs === -1n ? null : BigInt.asIntN(64, BigInt(nowMs) + retentionTimeMs);
  const records: GroupRecord[] = [];
  const commitPartition = (topic: OffsetCommitRequestTopic, partition: OffsetCommitRequestPartition): ErrorCode => {
    if ((partition.committedMetadata?.length ?? 0) > parts.config.offsetMetadataMaxBytes)
      return ErrorCode.OFFSET_METADATA_TOO_LARGE;
    const partitionError = group?.validatePartitionCommit(origin, topic.topicId, partition.partitionIndex, topic.name);
    if (refusal === ErrorCode.NONE) refusal = partitionError ?? ErrorCode.NONE;
    const offset = offsetFromRequest(partition, topic.topicId, nowMs, expireTimestampMs);
    records.push(offsetCommitRecord(request.groupId, topic.name, partition.partitionIndex, offset));
    return ErrorCode.NONE;
  };
  const topics = request.topics.map((topic) => {
    const partitions = topic.partitions.map((partition) =>
      newOffsetCommitResponsePartition({
        partitionIndex: partition.partitionIndex,
        errorCode: commitPartition(topic, partition),
      }),
    );
    return newOffsetCommitResponseTopic({ topicId: topic.topicId, name: topic.name, partitions });
  });
  return refusal === ErrorCode.NONE ? decided(records, newOffsetCommitResponse({ topics })) : refused(refusal);
}

function originOf(request: OffsetCommitRequest, apiVersion: number): CommitOrigin {
  const { memberId, groupInstanceId, generationIdOrMemberEpoch } = request;
  return { memberId, groupInstanceId, generationIdOrMemberEpoch, isTransactional: false, apiVersion };
}

/** NONE, or why the group does not take the commit; a commit without membership makes its group. */
function admit(parts: ShardParts, { groupId }: OffsetCommitRequest, origin: CommitOrigin, nowMs: number): ErrorCode {
  const { memberId, generationIdOrMemberEpoch, apiVersion } = origin;
  if (parts.registry.get(groupId) === undefined && generationIdOrMemberEpoch >= 0)
    return apiVersion >= GROUP_ID_NOT_FOUND_MIN_VERSION ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION;
  const group = parts.registry.getOrCreateSimple(groupId);
  const error = group.validateOffsetCommit(origin);
  if (error === ErrorCode.NONE) keepSessionOfCommitter(parts, group, memberId, nowMs);
  return error;
}
