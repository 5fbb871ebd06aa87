/**
 * Are the producers' batches of an append in order, and what will it change: asked before anything is changed.
 *
 * Source: org.apache.kafka.storage.internals.log.UnifiedLog (analyzeAndValidateProducerState).
 */
import { ErrorCode } from '@skarab/protocol';
import type { AppendOrigin, RecordBatch } from '@skarab/records';
import type { LogState } from './log-state.ts';
import {
  type CompletedTxn,
  type ProducerAppend,
  type ProducerFailure,
  TRANSACTION_VERSION_UNKNOWN,
} from './producer-append.ts';
import type { BatchMetadata } from './producer-state-entry.ts';
import { VerificationGuard } from './verification-state.ts';

/** Who appends, as far as producers are concerned. */
export interface ProducerQuestion {
  readonly origin: AppendOrigin;
  readonly verificationGuard?: VerificationGuard | undefined;
  readonly transactionVersion?: number | undefined;
}

/** What the append will change, to be handed to `applyProducers`. */
export interface ProducerChanges {
  readonly appends: readonly ProducerAppend[];
  readonly completed: readonly CompletedTxn[];
}

export type ProducerAnswer =
  | { readonly outcome: 'accepted'; readonly changes: ProducerChanges | null }
  | { readonly outcome: 'duplicate'; readonly first: BatchMetadata }
  | { readonly outcome: 'rejected'; readonly failure: ProducerFailure };

const nothingToChange: ProducerAnswer = { outcome: 'accepted', changes: null };

/** Checks the batches of an append against what is known of their producers. */
export function checkProducers(
  state: LogState,
  batches: readonly RecordBatch[],
  question: ProducerQuestion,
): ProducerAnswer {
  let appends: Map<number, ProducerAppend> | null = null;
  const completed: CompletedTxn[] = [];
  for (const batch of batches) {
    const { producerId } = batch;
    if (producerId < 0) continue;
    const first = question.origin === 'client' ? findDuplicate(state, producerId, batch) : undefined;
    if (first !== undefined) return { outcome: 'duplicate', first };
    const unverified = verificationFailure(state, producerId, batch, question);
    if (unverified !== null) return { outcome: 'rejected', failure: unverified };
    appends ??= new Map();
    let append = appends.get(producerId);
    if (append === undefined) {
      append = state.producers.prepareUpdate(producerId, question.origin);
      appends.set(producerId, append);
    }
    const failure = append.append(batch, question.transactionVersion ?? TRANSACTION_VERSION_UNKNOWN);
    if (failure !== null) return { outcome: 'rejected', failure };
    if (append.completedTxn !== null) completed.push(append.completedTxn);
  }
  return appends === null
    ? nothingToChange
    : { outcome: 'accepted', changes: { appends: [...appends.values()], completed } };
}

/** Carries out the changes of an append that goes into the active segment. */
export function applyProducers(state: LogState, batches: readonly RecordBatch[], changes: ProducerChanges): void {
  const { producers, segments } = state;
  for (const append of changes.appends) producers.update(append);
  for (const txn of changes.completed) {
    if (txn.isAborted) {
      segments.active.txnIndex.append({
        producerId: txn.producerId,
        firstOffset: txn.firstOffset,
        lastOffset: txn.lastOffset,
        lastStableOffset: producers.lastStableOffset(txn),
      });
    }
    producers.completeTxn(txn);
  }
  for (const batch of batches) {
    if (batch.isTransactional) {
      producers.onTransactionalBatch(batch.producerId, batch.producerEpoch, batch.isControlBatch);
    }
  }
}

function findDuplicate(state: LogState, producerId: number, batch: RecordBatch): BatchMetadata | undefined {
  const entry = state.producers.producers.get(producerId);
  return entry?.findDuplicate(batch.producerEpoch, batch.baseSequence, batch.lastSequence);
}

/** The first batch of a transaction needs the proof that its coordinator knows of it. */
function verificationFailure(
  state: LogState,
  producerId: number,
  batch: RecordBatch,
  { origin, verificationGuard }: ProducerQuestion,
): ProducerFailure | null {
  if (!batch.isTransactional || (origin !== 'client' && origin !== 'coordinator')) return null;
  const { producers, environment } = state;
  if (producers.hasOngoingTransaction(producerId, batch.producerEpoch)) return null;
  const known = producers.producers.get(producerId);
  if (known !== undefined && batch.producerEpoch < known.producerEpoch) {
    return {
      errorCode: ErrorCode.INVALID_PRODUCER_EPOCH,
      message:
        `Epoch of producer ${producerId} is ${batch.producerEpoch}, ` +
        `which is smaller than the last seen epoch ${known.producerEpoch}`,
    };
  }
  if (!environment.settings.transactionPartitionVerificationEnable || batch.isControlBatch) return null;
  if (producers.isVerifiedBy(producerId, verificationGuard ?? VerificationGuard.none)) return null;
  return { errorCode: ErrorCode.INVALID_TXN_STATE, message: 'Record was not part of an ongoing transaction' };
}
