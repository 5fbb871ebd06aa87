/**
 * Decides InitProducerId for a transactional id: a producer starts, or goes on after an error (KIP-360), and every earlier one is fenced.
 *
 * An open transaction is aborted first; the producer is told CONCURRENT_TRANSACTIONS and asks again. When the epochs of the producer id are
 * used up, a new id takes its place. Shape: decider. Source: kafka.coordinator.transaction.TransactionCoordinator.handleInitProducerId.
 */
import { ErrorCode } from '@skarab/protocol';
import { decided, refused, type Verdict } from '../runtime/decision.ts';
import { fenceAndAbort } from './fence-and-abort.ts';
import type { TransactionRecord } from './records/transaction-record.ts';
import {
  initialized,
  isEpochExhausted,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_TIMEOUT_MS,
  newTransactionMetadata,
  type TransactionMetadata,
} from './transaction-metadata.ts';
import { recordOf, type TransactionParts } from './transaction-parts.ts';
import type { InitProducerIdCall, ProducerIdAndEpoch, ProducerResult } from './transaction-requests.ts';

/** The answer without a producer id. */
export function noProducer(errorCode: ErrorCode): ProducerResult {
  return { errorCode, producerId: NO_PRODUCER_ID, producerEpoch: NO_PRODUCER_EPOCH };
}

/** Decides an InitProducerId whose timeout and flags are in order. */
export function initProducerId(
  parts: TransactionParts,
  call: InitProducerIdCall,
  nowMs: number,
): Verdict<ProducerResult, TransactionRecord> {
  const { transactionalId, expected } = call;
  const timeoutMs = call.enableTwoPhaseCommit ? NO_TIMEOUT_MS : call.timeoutMs;
  const known = parts.store.get(transactionalId);
  if (known?.isPending) return refused(ErrorCode.CONCURRENT_TRANSACTIONS);
  const metadata = known?.metadata ?? created(parts, timeoutMs, nowMs);
  if (metadata === null) return refused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
  if (expected !== null && !isOwnProducer(metadata, expected)) return refused(ErrorCode.PRODUCER_FENCED);
  if (known !== undefined && metadata.state === 'Ongoing')
    return fenceAndAbort(parts, transactionalId, known, noProducer(ErrorCode.CONCURRENT_TRANSACTIONS), nowMs);
  const next = nextProducer(parts, metadata, expected);
  if (typeof next === 'number') return refused(next);
  const { producerId, producerEpoch } = next;
  const after = initialized(metadata, { ...next, timeoutMs }, nowMs);
  parts.logger.info({ transactionalId, producerId, producerEpoch }, 'initialized a transactional producer');
  return decided([recordOf(parts, transactionalId, after)], { errorCode: ErrorCode.NONE, producerId, producerEpoch });
}

function created(parts: TransactionParts, timeoutMs: number, nowMs: number): TransactionMetadata | null {
  const producerId = parts.takeProducerId();
  return producerId === null ? null : newTransactionMetadata(producerId, timeoutMs, nowMs);
}

/** Whether the id is the present one, was replaced by it, or nothing is known that could contradict. */
function isOwnProducer(metadata: TransactionMetadata, expected: ProducerIdAndEpoch): boolean {
  return (
    metadata.producerEpoch === NO_PRODUCER_EPOCH ||
    expected.producerId === metadata.producerId ||
    (expected.producerId === metadata.previousProducerId && isEpochExhausted(expected.producerEpoch))
  );
}

type NextProducer = Pick<TransactionMetadata, 'producerId' | 'producerEpoch' | 'lastProducerEpoch'>;

/** The id and epochs to go on with, or why there are none. */
function nextProducer(
  parts: TransactionParts,
  metadata: TransactionMetadata,
  expected: ProducerIdAndEpoch | null,
): NextProducer | ErrorCode {
  const { producerId, producerEpoch, lastProducerEpoch } = metadata;
  const isCurrent = expected?.producerEpoch === producerEpoch;
  if (isEpochExhausted(producerEpoch)) {
    // As in Kafka, which trips over its own check here: the epochs are used up and somebody else's epoch is expected.
    if (expected !== null && !isCurrent) return ErrorCode.UNKNOWN_SERVER_ERROR;
    const fresh = parts.takeProducerId();
    if (fresh === null) return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
    const last = expected === null ? NO_PRODUCER_EPOCH : producerEpoch;
    return { producerId: fresh, producerEpoch: 0, lastProducerEpoch: last };
  }
  if (expected === null) return { producerId, producerEpoch: producerEpoch + 1, lastProducerEpoch: NO_PRODUCER_EPOCH };
  if (producerEpoch === NO_PRODUCER_EPOCH || isCurrent)
    return { producerId, producerEpoch: producerEpoch + 1, lastProducerEpoch: producerEpoch };
  // The same request again: its answer was lost.
  if (expected.producerEpoch === lastProducerEpoch) return { producerId, producerEpoch, lastProducerEpoch };
  return ErrorCode.PRODUCER_FENCED;
}
