import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger, TransportError } from '@skarab/base';
import {
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
  ErrorCode,
  newAddPartitionsToTxnResponse,
} from '@skarab/protocol';
import type { BrokerPeers } from '../channel/broker-peers.ts';
import { type PartitionsOfTransaction, remoteTransactions } from './remote-transactions.ts';

const TRANSACTION: PartitionsOfTransaction = {
  transactionalId: 'id',
  producerId: 7,
  producerEpoch: 2,
  partitions: [
    { topic: 'a', partition: 0 },
    { topic: 'b', partition: 3 },
    { topic: 'a', partition: 1 },
  ],
  verifyOnly: true,
};

/** A way to a coordinator that answers as `answer` says, and what it was asked. */
function askOf(answer: (request: AddPartitionsToTxnRequest) => AddPartitionsToTxnResponse) {
  const requests: AddPartitionsToTxnRequest[] = [];
  const send = async (_brokerId: number, _api: unknown, request: unknown): Promise<unknown> => {
    requests.push(request as AddPartitionsToTxnRequest);
    return answer(request as AddPartitionsToTxnRequest);
  };
  return { requests, ask: remoteTransactions({ send } as Pick<BrokerPeers, 'send'>, silentLogger) };
}

test('transactions share a request, and every partition gets its own answer', async () => {
  const { requests, ask } = askOf(({ transactions }) =>
    newAddPartitionsToTxnResponse({
      resultsByTransaction: transactions.map(({ transactionalId, topics }) => ({
        transactionalId,
        topicResults: topics.map(({ name, partitions }) => ({
          name,
          resultsByPartition: partitions.map((partitionIndex) => ({
            partitionIndex,
            partitionErrorCode: name === 'b' ? ErrorCode.TRANSACTION_ABORTABLE : ErrorCode.NONE,
          })),
        })),
      })),
    }),
  );
  const answers = await Promise.all([
    ask(2, TRANSACTION),
    ask(2, { ...TRANSACTION, transactionalId: 'other', verifyOnly: false, partitions: [{ topic: 'c', partition: 0 }] }),
  ]);
  assert.deepEqual(answers, [[ErrorCode.NONE, ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.NONE], [ErrorCode.NONE]]);
  assert.equal(requests.length, 1);
  assert.deepEqual(requests[0]!.transactions[0], {
    transactionalId: 'id',
    producerId: 7n,
    producerEpoch: 2,
    verifyOnly: true,
    topics: [
      { name: 'a', partitions: [0, 1] },
      { name: 'b', partitions: [3] },
    ],
  });
  assert.equal(requests[0]!.transactions[1]!.verifyOnly, false);
});

test('what goes wrong on the way is told as Kafka does', async () => {
  const whole = async (answer: () => AddPartitionsToTxnResponse): Promise<readonly ErrorCode[]> =>
    askOf(answer).ask(2, TRANSACTION);
  const all = (errorCode: ErrorCode): ErrorCode[] => TRANSACTION.partitions.map(() => errorCode);
  const failing = (code: string) => (): never => {
    throw new TransportError(code, 'it failed');
  };
  const refusing = (errorCode: ErrorCode) => () => newAddPartitionsToTxnResponse({ errorCode });
  assert.deepEqual(await whole(failing('TIMEOUT')), all(ErrorCode.NETWORK_EXCEPTION));
  assert.deepEqual(await whole(failing('UNSUPPORTED_VERSION')), all(ErrorCode.NONE));
  assert.deepEqual(await whole(refusing(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)), all(ErrorCode.INVALID_TXN_STATE));
  assert.deepEqual(await whole(refusing(ErrorCode.NOT_COORDINATOR)), all(ErrorCode.NOT_COORDINATOR));
  assert.deepEqual(await whole(() => newAddPartitionsToTxnResponse()), all(ErrorCode.NETWORK_EXCEPTION));
});
