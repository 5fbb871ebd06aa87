/**
 * EndTxn (26), versions 0-5: commits or aborts a transaction; answered when that is decided for good, before the markers are written.
 *
 * v2 PRODUCER_FENCED; v3 flexible; v4 TRANSACTION_ABORTABLE; v5 KIP-890 transaction version 2: the answer brings the epoch, or the producer id, of the next
 * transaction. ACLs: WRITE on the transactional id.
 */
import {
  ApiKey,
  decodeEndTxnRequest,
  type EndTxnRequest,
  type EndTxnResponse,
  ErrorCode,
  encodeEndTxnResponse,
  newEndTxnResponse,
} from '@skarab/protocol';
import type { TransactionCoordinatorHost } from '../coordinator/transaction-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

const PRODUCER_FENCED_VERSION = 2;
const EPOCH_BUMP_VERSION = 5;

export function endTxnHandler(transactions: TransactionCoordinatorHost): ApiHandler<EndTxnRequest, EndTxnResponse> {
  return {
    apiKey: ApiKey.END_TXN,
    decode: decodeEndTxnRequest,
    encode: encodeEndTxnResponse,
    handle: async (context, request) => {
      const { transactionalId, producerId, producerEpoch, committed } = request;
      if (!context.mayDo('WRITE', 'TRANSACTIONAL_ID', transactionalId))
        return newEndTxnResponse({ errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED });
      const result = await transactions.send('endTransaction', {
        transactionalId,
        producerId: Number(producerId),
        producerEpoch,
        isCommit: committed,
        transactionVersion: context.apiVersion >= EPOCH_BUMP_VERSION ? 2 : 0,
      });
      const isForOld = result.errorCode === ErrorCode.PRODUCER_FENCED && context.apiVersion < PRODUCER_FENCED_VERSION;
      const hasProducer = context.apiVersion >= EPOCH_BUMP_VERSION;
      return newEndTxnResponse({
        errorCode: isForOld ? ErrorCode.INVALID_PRODUCER_EPOCH : result.errorCode,
        ...(hasProducer && { producerId: BigInt(result.producerId), producerEpoch: result.producerEpoch }),
      });
    },
    failure: (_request, errorCode) => newEndTxnResponse({ errorCode }),
  };
}
