/**
 * ListTransactions (66), versions 0-2: the transactional ids that this broker coordinates (KIP-664), by state and producer id.
 *
 * v1 KIP-994 by duration; v2 KIP-1152 by a pattern of the transactional id, in JavaScript's syntax where Kafka takes RE2's.
 * ACLs: DESCRIBE on each transactional id.
 */
import {
  ApiKey,
  decodeListTransactionsRequest,
  encodeListTransactionsResponse,
  type ListTransactionsRequest,
  type ListTransactionsResponse,
  newListTransactionsResponse,
} from '@skarab/protocol';
import type { TransactionCoordinatorHost } from '../coordinator/transaction-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function listTransactionsHandler(
  transactions: TransactionCoordinatorHost,
): ApiHandler<ListTransactionsRequest, ListTransactionsResponse> {
  return {
    apiKey: ApiKey.LIST_TRANSACTIONS,
    decode: decodeListTransactionsRequest,
    encode: encodeListTransactionsResponse,
    handle: async (context, request) => {
      const response = await transactions.send('listTransactions', request);
      const transactionStates = response.transactionStates.filter(({ transactionalId }) =>
        context.mayDo('DESCRIBE', 'TRANSACTIONAL_ID', transactionalId),
      );
      return { ...response, transactionStates };
    },
    failure: (_request, errorCode) => newListTransactionsResponse({ errorCode }),
  };
}
