/**
 * TxnOffsetCommit (28), versions 0-5: positions of a group that are stored when, and if, a transaction is committed.
 *
 * v2 leader epoch, COORDINATOR_LOAD_IN_PROGRESS; v3 KIP-447 group metadata, flexible; v4 TRANSACTION_ABORTABLE; v5 KIP-890 transaction version 2: brings the group's partition into
 * the transaction. ACLs: WRITE on the transactional id, READ on the group, READ on each topic.
 */
import { planTxnOffsetCommit, type TopicsView, writeErrorToResponse } from '@skarab/coordinator';
import {
  ApiKey,
  decodeTxnOffsetCommitRequest,
  ErrorCode,
  encodeTxnOffsetCommitResponse,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import { supportOfOffsetCommit, type TransactionVerification } from '../coordinator/transaction-verification.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { CONSUMER_OFFSETS_TOPIC } from '../metadata/internal-topics.ts';

/** What the handler works with. */
export interface TxnOffsetCommitParts {
  readonly groups: GroupRequestsPort;
  readonly partitionFor: (groupId: string) => number;
  readonly topics: TopicsView;
  readonly verification: TransactionVerification;
}

const NO_SEQUENCE = -1;

export function txnOffsetCommitHandler(
  parts: TxnOffsetCommitParts,
): ApiHandler<TxnOffsetCommitRequest, TxnOffsetCommitResponse> {
  const { groups, topics } = parts;
  const refuse = (
    context: RequestContext,
    commit: TxnOffsetCommitRequest,
    errorCode: number,
  ): TxnOffsetCommitResponse =>
    groups.refuse('txnOffsetCommit', { commit, verificationGuard: null }, errorCode, context.apiVersion);
  return {
    apiKey: ApiKey.TXN_OFFSET_COMMIT,
    decode: decodeTxnOffsetCommitRequest,
    encode: encodeTxnOffsetCommitResponse,
    handle: async (context, request) => {
      if (!context.mayDo('WRITE', 'TRANSACTIONAL_ID', request.transactionalId))
        return refuse(context, request, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
      if (!context.mayDo('READ', 'GROUP', request.groupId))
        return refuse(context, request, ErrorCode.GROUP_AUTHORIZATION_FAILED);
      const plan = planTxnOffsetCommit(request, context.apiVersion, topics, (topic) =>
        context.mayDo('READ', 'TOPIC', topic),
      );
      return plan.finish(plan.forward === null ? null : await commit(parts, context, plan.forward));
    },
    failure: (request, errorCode, context) => refuse(context, request, errorCode),
  };
}

async function commit(
  { groups, partitionFor, verification }: TxnOffsetCommitParts,
  context: RequestContext,
  request: TxnOffsetCommitRequest,
): Promise<TxnOffsetCommitResponse> {
  if (request.groupId === '')
    return groups.send('txnOffsetCommit', context, { commit: request, verificationGuard: null });
  const { transactionalId, producerId, producerEpoch, groupId } = request;
  const at = { topic: CONSUMER_OFFSETS_TOPIC, partition: partitionFor(groupId), baseSequence: NO_SEQUENCE };
  const [verified] = await verification.verify(
    { transactionalId, producerId: Number(producerId), producerEpoch },
    [at],
    supportOfOffsetCommit(context.apiVersion),
  );
  const { errorCode, guard } = verified!;
  if (errorCode === ErrorCode.NONE)
    return groups.send('txnOffsetCommit', context, { commit: request, verificationGuard: guard });
  const commitOf = { commit: request, verificationGuard: null };
  return groups.refuse('txnOffsetCommit', commitOf, writeErrorToResponse(errorCode), context.apiVersion);
}
