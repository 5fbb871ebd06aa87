/**
 * What a transactional produce request must be verified for, and what the answers mean to its producer (KIP-890).
 *
 * Source: kafka.server.ReplicaManager.handleProduceAppend.
 */
import type { VerificationGuard } from '@skarab/log';
import { ErrorCode, errorName } from '@skarab/protocol';
import { RecordBatch } from '@skarab/records';
import {
  type BatchToVerify,
  supportOfProduce,
  type TransactionalProducer,
  type TransactionVerification,
} from './transaction-verification.ts';

/** A batch of a transaction, by its header. */
export interface TransactionalBatch extends BatchToVerify {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Whether a partition may be appended to, and the proof for its log; or what its producer is told. */
export type ProduceVerdict =
  | { readonly errorCode: 0; readonly guard: VerificationGuard | null }
  | { readonly errorCode: number; readonly message: string | null };

/** Errors that old producers would not try again after; NOT_ENOUGH_REPLICAS makes them, and no metadata is fetched for it. */
const notYet: ReadonlySet<ErrorCode> = new Set([
  ErrorCode.NETWORK_EXCEPTION,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
]);

/** The batch of a partition, if it is part of a transaction. */
export function transactionalBatchOf(topic: string, partition: number, records: Uint8Array): TransactionalBatch | null {
  const batch = new RecordBatch(records, 0);
  if (!batch.isTransactional || batch.producerId < 0) return null;
  const { producerId, producerEpoch, baseSequence } = batch;
  return { topic, partition, producerId, producerEpoch, baseSequence };
}

/** The one producer of all the batches; null when there are several. */
export function soleProducerOf(batches: readonly TransactionalBatch[]): TransactionalBatch | null {
  const [first] = batches;
  const isSame = ({ producerId, producerEpoch }: TransactionalBatch): boolean =>
    producerId === first?.producerId && producerEpoch === first.producerEpoch;
  return first !== undefined && batches.every(isSame) ? first : null;
}

/** Verifies the batches of one producer; verdicts by `keyOf`. */
export async function verifyProduce(
  verification: TransactionVerification,
  producer: TransactionalProducer,
  batches: readonly TransactionalBatch[],
  apiVersion: number,
): Promise<ReadonlyMap<string, ProduceVerdict>> {
  const support = supportOfProduce(apiVersion);
  const verified = await verification.verifyPatiently(producer, batches, support);
  const verdicts = verified.map(({ errorCode, guard }): ProduceVerdict => {
    if (errorCode === ErrorCode.NONE) return { errorCode, guard };
    if (errorCode === ErrorCode.INVALID_TXN_STATE)
      return { errorCode, message: 'Partition was not added to the transaction' };
    const isNotYet =
      notYet.has(errorCode) || (errorCode === ErrorCode.CONCURRENT_TRANSACTIONS && support !== 'addPartitions');
    if (!isNotYet) return { errorCode, message: null };
    const message = `Unable to verify the partition has been added to the transaction. Underlying error: ${errorName(errorCode)}`;
    return { errorCode: ErrorCode.NOT_ENOUGH_REPLICAS, message };
  });
  return new Map(batches.map(({ topic, partition }, index) => [keyOf(topic, partition), verdicts[index]!]));
}

/** Names a partition. */
export function keyOf(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
