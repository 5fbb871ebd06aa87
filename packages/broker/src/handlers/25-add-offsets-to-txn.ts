/**
 * AddOffsetsToTxn (25), versions 0-4: extends a transaction to the offsets of a group, that is to the group's partition of `__consumer_offsets`.
 *
 * v2 PRODUCER_FENCED; v3 flexible; v4 TRANSACTION_ABORTABLE. Producers of transaction version 2 leave it out: TxnOffsetCommit does it for them.
 * ACLs: WRITE on the transactional id, READ on the group.
 */
import {
  type AddOffsetsToTxnRequest,
  type AddOffsetsToTxnResponse,
  ApiKey,
  decodeAddOffsetsToTxnRequest,
  ErrorCode,
  encodeAddOffsetsToTxnResponse,
  newAddOffsetsToTxnResponse,
} from '@skarab/protocol';
import type { TransactionCoordinatorHost } from '../coordinator/transaction-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { CONSUMER_OFFSETS_TOPIC } from '../metadata/internal-topics.ts';

const PRODUCER_FENCED_VERSION = 2;

export function addOffsetsToTxnHandler(
  transactions: TransactionCoordinatorHost,
  partitionForGroup: (groupId: string) => number,
): ApiHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> {
  return {
    apiKey: ApiKey.ADD_OFFSETS_TO_TXN,
    decode: decodeAddOffsetsToTxnRequest,
    encode: encodeAddOffsetsToTxnResponse,
    handle: async (context, request) => {
      const { transactionalId, groupId, producerId, producerEpoch } = request;
      const refuse = (errorCode: number): AddOffsetsToTxnResponse => newAddOffsetsToTxnResponse({ errorCode });
      if (!context.mayDo('WRITE', 'TRANSACTIONAL_ID', transactionalId))
        return refuse(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
      if (!context.mayDo('READ', 'GROUP', groupId)) return refuse(ErrorCode.GROUP_AUTHORIZATION_FAILED);
      const error = await transactions.send('addPartitions', {
        transactionalId,
        producerId: Number(producerId),
        producerEpoch,
        partitions: [{ topic: CONSUMER_OFFSETS_TOPIC, partition: partitionForGroup(groupId) }],
        transactionVersion: 0,
      });
      const isForOld = error === ErrorCode.PRODUCER_FENCED && context.apiVersion < PRODUCER_FENCED_VERSION;
      return refuse(isForOld ? ErrorCode.INVALID_PRODUCER_EPOCH : error);
    },
    failure: (_request, errorCode) => newAddOffsetsToTxnResponse({ errorCode }),
  };
}
