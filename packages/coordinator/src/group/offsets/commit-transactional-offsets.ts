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
import { type GroupRecord, offsetCommitRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { offsetFromRequest } from './offset-and-metadata.ts';

/** Decides a TxnOffsetCommit; its records belong to the producer's transaction. */
export function commitTransactionalOffsets(
  parts: ShardParts,
  request: TxnOffsetCommitRequest,
  nowMs: number,
): Verdict<TxnOffsetCommitResponse, GroupRecord> {
  const error = admit(parts, request);
  if (error !== ErrorCode.NONE) return refused(error);
  const records: GroupRecord[] = [];
  const commitPartition = (topic: string, partition: TxnOffsetCommitRequestPartition): ErrorCode => {
    if ((partition.committedMetadata?.length ?? 0) > parts.config.offsetMetadataMaxBytes)
      return ErrorCode.OFFSET_METADATA_TOO_LARGE;
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
  return decided(records, newTxnOffsetCommitResponse({ topics }));
}

/** NONE, or why the group does not take the commit; a commit without membership makes its group. */
function admit({ registry }: ShardParts, request: TxnOffsetCommitRequest): ErrorCode {
  const { groupId, memberId, groupInstanceId, generationId } = request;
  if (registry.get(groupId) === undefined && generationId >= 0) return ErrorCode.ILLEGAL_GENERATION;
  const error = registry.getOrCreateSimple(groupId).validateOffsetCommit({
    memberId,
    groupInstanceId,
    generationIdOrMemberEpoch: generationId,
    isTransactional: true,
  });
  return error === ErrorCode.STALE_MEMBER_EPOCH ? ErrorCode.ILLEGAL_GENERATION : error;
}
