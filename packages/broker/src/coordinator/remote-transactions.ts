/**
 * Asks the transaction coordinator of another broker about the partitions of transactions, or to add them: AddPartitionsToTxn in the form of
 * brokers, one request per broker in flight, all that waits in the next one.
 *
 * Source: org.apache.kafka.server.transaction.AddPartitionsToTxnManager (KIP-890).
 */
import { type Logger, TransportError } from '@skarab/base';
import type { TopicPartition } from '@skarab/coordinator';
import type { ClientApi } from '@skarab/network';
import {
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
  ApiKey,
  decodeAddPartitionsToTxnResponse,
  ErrorCode,
  encodeAddPartitionsToTxnRequest,
  newAddPartitionsToTxnRequest,
  newAddPartitionsToTxnTransaction,
} from '@skarab/protocol';
import { BatchPerBroker } from '../channel/batch-per-broker.ts';
import type { BrokerPeers } from '../channel/broker-peers.ts';
import { byTopic } from './by-topic.ts';

/** The partitions of one transaction. */
export interface PartitionsOfTransaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly partitions: readonly TopicPartition[];
  /** Only asks whether the transaction holds them. */
  readonly verifyOnly: boolean;
}

/** Asks a broker; an error for each partition, in order. Never rejects. */
export type AskRemotely = (brokerId: number, transaction: PartitionsOfTransaction) => Promise<readonly ErrorCode[]>;

/** Brokers ask in versions that take several transactions; older ones are for producers. */
const MIN_VERSION = 4;

const addPartitionsApi: ClientApi<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = {
  apiKey: ApiKey.ADD_PARTITIONS_TO_TXN,
  encode: (writer, request, version) => {
    if (version < MIN_VERSION) throw new TransportError('UNSUPPORTED_VERSION', 'the coordinator does not verify');
    encodeAddPartitionsToTxnRequest(writer, request, version);
  },
  decode: decodeAddPartitionsToTxnResponse,
};

/** The way to the coordinators of other brokers. */
export function remoteTransactions(peers: Pick<BrokerPeers, 'send'>, logger: Logger): AskRemotely {
  const batches = new BatchPerBroker<PartitionsOfTransaction, readonly ErrorCode[]>({
    keyOf: ({ transactionalId }) => transactionalId,
    send: async (brokerId, transactions) => {
      const request = newAddPartitionsToTxnRequest({ transactions: transactions.map(requestOf) });
      try {
        const response = await peers.send(brokerId, addPartitionsApi, request);
        return transactions.map((transaction) => errorsIn(response, transaction));
      } catch (error) {
        logger.warn({ brokerId, error: String(error) }, 'cannot ask a transaction coordinator');
        const errorCode = errorOf(error);
        return transactions.map(({ partitions }) => partitions.map(() => errorCode));
      }
    },
  });
  return (brokerId, transaction) => batches.submit(brokerId, transaction);
}

function requestOf({ transactionalId, producerId, producerEpoch, partitions, verifyOnly }: PartitionsOfTransaction) {
  return newAddPartitionsToTxnTransaction({
    transactionalId,
    producerId: BigInt(producerId),
    producerEpoch,
    verifyOnly,
    topics: byTopic(partitions).map(([name, indexes]) => ({ name, partitions: indexes })),
  });
}

/** A coordinator too old to be asked does not verify: its transactions go on as before it could. */
function errorOf(error: unknown): ErrorCode {
  const isTooOld = error instanceof TransportError && error.code === 'UNSUPPORTED_VERSION';
  return isTooOld ? ErrorCode.NONE : ErrorCode.NETWORK_EXCEPTION;
}

function errorsIn(
  { errorCode, resultsByTransaction }: AddPartitionsToTxnResponse,
  { transactionalId, partitions }: PartitionsOfTransaction,
): ErrorCode[] {
  if (errorCode !== ErrorCode.NONE) {
    // Producers are not to learn what brokers may not do among themselves.
    const isForbidden = errorCode === ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
    return partitions.map(() => (isForbidden ? ErrorCode.INVALID_TXN_STATE : (errorCode as ErrorCode)));
  }
  const topics = resultsByTransaction.find((result) => result.transactionalId === transactionalId)?.topicResults ?? [];
  return partitions.map(({ topic, partition }) => {
    const found = topics
      .find(({ name }) => name === topic)
      ?.resultsByPartition.find(({ partitionIndex }) => partitionIndex === partition);
    return (found?.partitionErrorCode ?? ErrorCode.NETWORK_EXCEPTION) as ErrorCode;
  });
}
