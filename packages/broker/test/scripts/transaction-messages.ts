/**
 * Requests about transactions, in short, and waiting for transactions to come to their end.
 */
import {
  ApiKey,
  type DescribeTransactionsResponse,
  type InitProducerIdResponse,
  type ListTransactionsResponse,
  newAddOffsetsToTxnRequest,
  newAddPartitionsToTxnRequest,
  newAddPartitionsToTxnTopic,
  newAddPartitionsToTxnTransaction,
  newDescribeTransactionsRequest,
  newEndTxnRequest,
  newInitProducerIdRequest,
  newTxnOffsetCommitRequest,
  newTxnOffsetCommitRequestPartition,
  newTxnOffsetCommitRequestTopic,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import { batch, produce } from './messages.ts';

/** A transactional producer as it stands. */
export interface Producer {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export function init(transactionalId: string, fields: Parameters<typeof newInitProducerIdRequest>[0] = {}) {
  return newInitProducerIdRequest({ transactionalId, transactionTimeoutMs: 60_000, ...fields });
}

/** A producer that has started. */
export async function started(r: Recorder, transactionalId: string, timeoutMs = 60_000): Promise<Producer> {
  const request = init(transactionalId, { transactionTimeoutMs: timeoutMs });
  const { producerId, producerEpoch } = await r.prepare<InitProducerIdResponse>(
    ApiKey.INIT_PRODUCER_ID,
    4,
    request,
    ({ errorCode }) => errorCode === 0,
  );
  return { transactionalId, producerId, producerEpoch };
}

type Partitions = Readonly<Record<string, readonly number[]>>;

const topicsOf = (partitions: Partitions) =>
  Object.entries(partitions).map(([name, indexes]) => newAddPartitionsToTxnTopic({ name, partitions: [...indexes] }));

/** As producers ask. */
export function add({ transactionalId, producerId, producerEpoch }: Producer, partitions: Partitions) {
  return newAddPartitionsToTxnRequest({
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: topicsOf(partitions),
  });
}

/** As brokers ask, for several transactions. */
export function addBatch(
  transactions: readonly (readonly [producer: Producer, partitions: Partitions, verifyOnly: boolean])[],
) {
  return newAddPartitionsToTxnRequest({
    transactions: transactions.map(([producer, partitions, verifyOnly]) =>
      newAddPartitionsToTxnTransaction({ ...producer, verifyOnly, topics: topicsOf(partitions) }),
    ),
  });
}

export function addOffsets(producer: Producer, groupId: string) {
  return newAddOffsetsToTxnRequest({ ...producer, groupId });
}

export function end(producer: Producer, committed: boolean) {
  return newEndTxnRequest({ ...producer, committed });
}

/** Records of a transaction to one partition. */
export function write(
  { transactionalId, producerId, producerEpoch }: Producer,
  to: { readonly topic?: string; readonly topicId?: string; readonly partition?: number },
  baseSequence: number,
  values: readonly string[],
) {
  const options = { producerId: Number(producerId), producerEpoch, baseSequence, isTransactional: true };
  return produce({ ...to, transactionalId, records: batch(values, options) });
}

export function commitOffset(
  producer: Producer,
  groupId: string,
  partitions: readonly (readonly [topic: string, partition: number, offset: number, metadata?: string])[],
  fields: Parameters<typeof newTxnOffsetCommitRequest>[0] = {},
) {
  return newTxnOffsetCommitRequest({
    ...producer,
    groupId,
    generationId: -1,
    memberId: '',
    ...fields,
    topics: partitions.map(([name, partitionIndex, offset, metadata = 'm']) =>
      newTxnOffsetCommitRequestTopic({
        name,
        partitions: [
          newTxnOffsetCommitRequestPartition({
            partitionIndex,
            committedOffset: BigInt(offset),
            committedLeaderEpoch: -1,
            committedMetadata: metadata,
          }),
        ],
      }),
    ),
  });
}

/** Waits until the markers of a transaction are written. */
export async function settled(r: Recorder, { transactionalId }: Producer): Promise<void> {
  await r.prepare<DescribeTransactionsResponse>(
    ApiKey.DESCRIBE_TRANSACTIONS,
    0,
    newDescribeTransactionsRequest({ transactionalIds: [transactionalId] }),
    ({ transactionStates }) => !(transactionStates[0]?.transactionState ?? 'Prepare').startsWith('Prepare'),
  );
}

/** A response whose lists of producers, topics and partitions are in order: the JVM keeps them in hash tables. */
export function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(inOrder);
    const nameOf = (item: unknown): string =>
      JSON.stringify(item, (_key, inner) => (typeof inner === 'bigint' ? `${inner}` : inner));
    return items.every((item) => typeof item === 'object')
      ? items.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
      : items;
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inOrder(inner)]));
}

/** A description with its topics and partitions in order: the JVM keeps them in a hash table. */
export function described(response: DescribeTransactionsResponse): unknown {
  const transactionStates = response.transactionStates.map((state) => ({
    ...state,
    topics: [...state.topics]
      .sort((a, b) => (a.topic < b.topic ? -1 : 1))
      .map(({ topic, partitions }) => ({ topic, partitions: [...partitions].sort((a, b) => a - b) })),
  }));
  return { ...response, transactionStates };
}

/** A listing without what other scripts have left, in order. */
export function listed(response: ListTransactionsResponse): unknown {
  const transactionStates = response.transactionStates
    .filter(({ transactionalId }) => transactionalId.startsWith('list-'))
    .sort((a, b) => (a.transactionalId < b.transactionalId ? -1 : 1));
  return { ...response, transactionStates };
}
