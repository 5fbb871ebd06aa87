/**
 * Decides TxnOffsetCommit: offsets that are committed when, and if, their transaction is.
 *
 * Topics have been authorized and found to exist (see planTxnOffsetCommit). The state of a classic group is not enforced, and members need not
 * name themselves, as old producers do not. Source: OffsetMetadataManager.commitTransactionalOffset.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ErrorCode,
  newTxnOffsetCommitResponse,
  newTxnOffsetCommitResponsePartition,
  newTxnOffsetCommitResponseTopic,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitRequestPartition,
  type TxnOffsetCommitResponse,
} from '@skarab/protocol';
import { decided, refused, type Verdict } from '../../runtime/decision.ts';
import type { CommitOrigin } from '../group.ts';
import { type GroupRecord, offsetCommitRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { offsetFromRequest } from './offset-and-metadata.ts';

/** Decides a TxnOffsetCommit; its records belong to the producer's transaction. */
export function commitTransactionalOffsets(
  parts: ShardParts,
  request: TxnOffsetCommitRequest,
  apiVersion: number,
  nowMs: number,
): Verdict<TxnOffsetCommitResponse, GroupRecord> {
  const origin = originOf(request, apiVersion);
  const error = admit(parts, request, origin);
  if (error !== ErrorCode.NONE) return refused(error);
  const group = parts.registry.get(request.groupId);
  let refusal: ErrorCode = ErrorCode.NONE;
  const records: GroupRecord[] = [];
  const commitPartition = (topic: string, partition: TxnOffsetCommitRequestPartition): ErrorCode => {
    if ((partition.committedMetadata?.length ?? 0) > parts.config.offsetMetadataMaxBytes)
      return ErrorCode.OFFSET_METADATA_TOO_LARGE;
    const topicId = parts.topics.image.topicByName(topic)?.id ?? ZERO_UUID;
    const partitionError = group?.validatePartitionCommit(origin, topicId, partition.partitionIndex, topic);
    if (refusal === ErrorCode.NONE) refusal = partitionError ?? ErrorCode.NONE;
    const offset = offsetFromRequest(partition, ZERO_UUID, nowMs, null);
    records.push(offsetCommitRecord(request.groupId, topic, partition.partitionIndex, offset));
    return ErrorCode.NONE;
  };
  const topics = request.topics.map(({ name, partitions }) =>
    newTxnOffsetCommitResponseTopic({
      name,
      partitions: partitions.map((partition) =>
        newTxnOffsetCommitResponsePartition({
          partitionIndex: partition.partitionIndex,
          errorCode: commitPartition(name, partition),
        }),
      ),
    }),
  );
  return refusal === ErrorCode.NONE
    ? decided(records, newTxnOffsetCommitResponse({ topics }))
    : refused(withoutEpochs(refusal));
}

function originOf(request: TxnOffsetCommitRequest, apiVersion: number): CommitOrigin {
  const { memberId, groupInstanceId, generationId } = request;
  return { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId, isTransactional: true, apiVersion };
}

/** NONE, or why the group does not take the commit; a commit without membership makes its group. */
function admit({ registry }: ShardParts, { groupId }: TxnOffsetCommitRequest, origin: CommitOrigin): ErrorCode {
  if (registry.get(groupId) === undefined && origin.generationIdOrMemberEpoch >= 0) return ErrorCode.ILLEGAL_GENERATION;
  return withoutEpochs(registry.getOrCreateSimple(groupId).validateOffsetCommit(origin));
}

/** Transactional producers know generations only. */
function withoutEpochs(error: ErrorCode): ErrorCode {
  return error === ErrorCode.STALE_MEMBER_EPOCH ? ErrorCode.ILLEGAL_GENERATION : error;
}
