/**
 * DescribeTransactions (65), version 0: the state of transactional ids that this broker coordinates (KIP-664).
 *
 * ACLs: DESCRIBE on each transactional id; topics of a transaction are shown with DESCRIBE on them.
 */
import {
  ApiKey,
  type DescribeTransactionsRequest,
  type DescribeTransactionsResponse,
  decodeDescribeTransactionsRequest,
  ErrorCode,
  encodeDescribeTransactionsResponse,
  newDescribeTransactionsResponse,
  newDescribeTransactionsResponseTransactionState,
} from '@skarab/protocol';
import type { TransactionCoordinatorHost } from '../coordinator/transaction-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function describeTransactionsHandler(
  transactions: TransactionCoordinatorHost,
): ApiHandler<DescribeTransactionsRequest, DescribeTransactionsResponse> {
  const failed = (transactionalId: string, errorCode: number) =>
    newDescribeTransactionsResponseTransactionState({ transactionalId, errorCode });
  return {
    apiKey: ApiKey.DESCRIBE_TRANSACTIONS,
    decode: decodeDescribeTransactionsRequest,
    encode: encodeDescribeTransactionsResponse,
    handle: async (context, { transactionalIds }) => {
      const transactionStates = await Promise.all(
        transactionalIds.map(async (transactionalId) => {
          if (!context.mayDo('DESCRIBE', 'TRANSACTIONAL_ID', transactionalId))
            return failed(transactionalId, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
          const state = await transactions.send('describeTransaction', transactionalId);
          const topics = state.topics.filter(({ topic }) => context.mayDo('DESCRIBE', 'TOPIC', topic));
          return { ...state, topics };
        }),
      );
      return newDescribeTransactionsResponse({ transactionStates });
    },
    failure: ({ transactionalIds }, errorCode) =>
      newDescribeTransactionsResponse({ transactionStates: transactionalIds.map((id) => failed(id, errorCode)) }),
  };
}
