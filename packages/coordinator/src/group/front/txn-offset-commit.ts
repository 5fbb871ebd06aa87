/**
 * TxnOffsetCommit before and after its decider.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorService.commitTransactionalOffsets.
 */
import { ErrorCode } from '@skarab/protocol';
import { commitTransactionalOffsets } from '../offsets/commit-transactional-offsets.ts';
import { writeErrorToResponse } from '../write-error.ts';
import { type Call, either, type Front } from './call.ts';
import { errorResponse } from './error-response.ts';

/** TxnOffsetCommit; its records go into the producer's transaction. */
export function txnOffsetCommit(front: Front, { context, request, reply, nowMs }: Call<'txnOffsetCommit'>): void {
  const { commit, verificationGuard } = request;
  const refuse = (error: ErrorCode): void =>
    reply.send(errorResponse('txnOffsetCommit', request, error, context.apiVersion));
  if (commit.groupId === '') {
    refuse(ErrorCode.INVALID_GROUP_ID);
    return;
  }
  front.runtime.write(
    front.partitionFor(commit.groupId),
    ({ parts }) => commitTransactionalOffsets(parts, commit, context.apiVersion, nowMs),
    either(
      (response) => reply.send(response),
      (error) => refuse(writeErrorToResponse(error)),
    ),
    nowMs,
    { producerId: Number(commit.producerId), producerEpoch: commit.producerEpoch, verificationGuard },
  );
}
