/**
 * AddPartitionsToTxn (24), versions 0-5: extends transactions to partitions.
 *
 * v0-3 from producers, one transaction; v2 PRODUCER_FENCED; v3 flexible; v4 KIP-890 from brokers, several transactions, adding or only asking whether a
 * transaction holds the partitions; v5 TRANSACTION_ABORTABLE. One refused partition keeps the others from being added (OPERATION_NOT_ATTEMPTED).
 * ACLs: to v3 WRITE on the transactional id and each topic; from v4 CLUSTER_ACTION on the cluster.
 */
import {
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
  type AddPartitionsToTxnResult,
  type AddPartitionsToTxnTransaction,
  ApiKey,
  decodeAddPartitionsToTxnRequest,
  ErrorCode,
  encodeAddPartitionsToTxnResponse,
  newAddPartitionsToTxnResponse,
} from '@skarab/protocol';
import type { TransactionCoordinatorHost } from '../coordinator/transaction-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { isInternalTopic } from '../metadata/internal-topics.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';

const PRODUCER_FENCED_VERSION = 2;
const BROKER_VERSION = 4;

/** What the handler works with. */
export interface AddPartitionsParts {
  readonly transactions: TransactionCoordinatorHost;
  readonly metadata: MetadataCache;
}

export function addPartitionsToTxnHandler(
  parts: AddPartitionsParts,
): ApiHandler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> {
  return {
    apiKey: ApiKey.ADD_PARTITIONS_TO_TXN,
    decode: decodeAddPartitionsToTxnRequest,
    encode: encodeAddPartitionsToTxnResponse,
    handle: async (context, request) => {
      const isFromBroker = context.apiVersion >= BROKER_VERSION;
      if (isFromBroker && !context.mayDoToCluster('CLUSTER_ACTION'))
        return newAddPartitionsToTxnResponse({ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED });
      const results = await Promise.all(
        transactionsOf(request, context).map((transaction) => add(parts, context, transaction)),
      );
      return isFromBroker
        ? newAddPartitionsToTxnResponse({ resultsByTransaction: results })
        : newAddPartitionsToTxnResponse({ resultsByTopicV3AndBelow: results[0]!.topicResults });
    },
    failure: (request, errorCode, context) => {
      if (context.apiVersion >= BROKER_VERSION) return newAddPartitionsToTxnResponse({ errorCode });
      const [result] = transactionsOf(request, context).map((transaction) => resultOf(transaction, () => errorCode));
      return newAddPartitionsToTxnResponse({ resultsByTopicV3AndBelow: result!.topicResults });
    },
  };
}

/** The transactions of a request of any version. */
function transactionsOf(request: AddPartitionsToTxnRequest, context: RequestContext): AddPartitionsToTxnTransaction[] {
  if (context.apiVersion >= BROKER_VERSION) return request.transactions;
  return [
    {
      transactionalId: request.v3AndBelowTransactionalId,
      producerId: request.v3AndBelowProducerId,
      producerEpoch: request.v3AndBelowProducerEpoch,
      verifyOnly: false,
      topics: request.v3AndBelowTopics,
    },
  ];
}

async function add(
  { transactions, metadata }: AddPartitionsParts,
  context: RequestContext,
  transaction: AddPartitionsToTxnTransaction,
): Promise<AddPartitionsToTxnResult> {
  const { transactionalId, producerEpoch, topics, verifyOnly } = transaction;
  const isFromBroker = context.apiVersion >= BROKER_VERSION;
  if (!isFromBroker && !context.mayDo('WRITE', 'TRANSACTIONAL_ID', transactionalId))
    return resultOf(transaction, () => ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  const refusalOf = (topic: string, partition: number): ErrorCode => {
    if (!isFromBroker && (isInternalTopic(topic) || !context.mayDo('WRITE', 'TOPIC', topic)))
      return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
    const exists = metadata.topic(topic)?.partitions[partition] !== undefined;
    return exists ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  };
  const partitions = topics.flatMap((topic) => topic.partitions.map((partition) => ({ topic: topic.name, partition })));
  if (partitions.some(({ topic, partition }) => refusalOf(topic, partition) !== ErrorCode.NONE))
    return resultOf(
      transaction,
      (topic, partition) => refusalOf(topic, partition) || ErrorCode.OPERATION_NOT_ATTEMPTED,
    );
  const producer = { transactionalId, producerId: Number(transaction.producerId), producerEpoch, partitions };
  if (verifyOnly) {
    const errors = await transactions.send('verifyPartitions', producer);
    let next = 0;
    return resultOf(transaction, () => errors[next++]!);
  }
  const error = await transactions.send('addPartitions', { ...producer, transactionVersion: isFromBroker ? 2 : 0 });
  const isForOld = error === ErrorCode.PRODUCER_FENCED && context.apiVersion < PRODUCER_FENCED_VERSION;
  return resultOf(transaction, () => (isForOld ? ErrorCode.INVALID_PRODUCER_EPOCH : error));
}

function resultOf(
  { transactionalId, topics }: AddPartitionsToTxnTransaction,
  errorOf: (topic: string, partition: number) => number,
): AddPartitionsToTxnResult {
  const topicResults = topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: errorOf(name, partitionIndex),
    })),
  }));
  return { transactionalId, topicResults };
}
