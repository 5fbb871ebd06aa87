/**
 * Decides OffsetCommit.
 *
 * Topics have been authorized and found to exist (see planOffsetCommit). Transactional commits (TxnOffsetCommit) would be decided beside
 * this, with `isTransactional` and a producer id; replay knows them already. Source: OffsetMetadataManager.commitOffset.
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
  const error = admit(parts, request, apiVersion, nowMs);
  if (error !== ErrorCode.NONE) return refused(error);
  const retentionTimeMs = request.retentionTimeMs;
  const expireTimestampMs = retentionTimeMs === -1n ? null : BigInt.asIntN(64, BigInt(nowMs) + retentionTimeMs);
  const records: GroupRecord[] = [];
  const commitPartition = (topic: OffsetCommitRequestTopic, partition: OffsetCommitRequestPartition): ErrorCode => {
    if ((partition.committedMetadata?.length ?? 0) > parts.config.offsetMetadataMaxBytes)
      return ErrorCode.OFFSET_METADATA_TOO_LARGE;
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
  return decided(records, newOffsetCommitResponse({ topics }));
}

/** NONE, or why the group does not take the commit; a commit without membership makes its group. */
function admit(parts: ShardParts, request: OffsetCommitRequest, apiVersion: number, nowMs: number): ErrorCode {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch } = request;
  if (parts.registry.get(groupId) === undefined && generationIdOrMemberEpoch >= 0)
    return apiVersion >= GROUP_ID_NOT_FOUND_MIN_VERSION ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION;
  const group = parts.registry.getOrCreateSimple(groupId);
  const origin = { memberId, groupInstanceId, generationIdOrMemberEpoch, isTransactional: false };
  const error = group.validateOffsetCommit(origin);
  if (error === ErrorCode.NONE) keepSessionOfCommitter(parts, group, memberId, nowMs);
  return error;
}
