/**
 * The producers that a partition knows, and which transactions keep its last stable offset back.
 *
 * ```
 *  first record ──► ongoing ──marker──► unreplicated ──high watermark passes the marker──► forgotten
 *                      └────────────────────┴── both are unstable: readers of committed data stop at the first of them
 * ```
 * Holds memory only; `ProducerSnapshots` keeps it in files. `mapEndOffset` says up to which offset the log has been taken in.
 * Source: org.apache.kafka.storage.internals.log.ProducerStateManager.
 */
import { assert } from '@skarab/base';
import type { AppendOrigin } from '@skarab/records';
import { type CompletedTxn, ProducerAppend } from './producer-append.ts';
import { ProducerStateEntry } from './producer-state-entry.ts';
import { VerificationGuard, VerificationState } from './verification-state.ts';

/** How long after its timeout a transaction counts as forgotten by its coordinator. */
const LATE_TRANSACTION_BUFFER_MS = 5 * 60 * 1000;

/** A transaction in this partition. */
interface Txn {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of its marker, once written. */
  lastOffset: number;
}

export class ProducerState {
  readonly #topicPartition: string;
  readonly #producers = new Map<number, ProducerStateEntry>();
  readonly #verifications = new Map<number, VerificationState>();
  /** Both sorted by first offset. */
  readonly #ongoing: Txn[] = [];
  #unreplicated: Txn[] = [];
  mapEndOffset = 0;

  constructor(topicPartition: string) {
    this.#topicPartition = topicPartition;
  }

  /** Active producers by id. */
  get producers(): ReadonlyMap<number, ProducerStateEntry> {
    return this.#producers;
  }

  get isEmpty(): boolean {
    return this.#producers.size === 0 && this.#unreplicated.length === 0;
  }

  /** The first offset that is not decided, or decided by a marker that is not yet replicated; null without any. */
  get firstUnstableOffset(): number | null {
    const ongoing = this.#ongoing[0]?.firstOffset;
    const unreplicated = this.#unreplicated[0]?.firstOffset;
    if (ongoing === undefined) return unreplicated ?? null;
    return unreplicated === undefined ? ongoing : Math.min(ongoing, unreplicated);
  }

  /** The first offset of the oldest open transaction, or null. */
  get firstUndecidedOffset(): number | null {
    return this.#ongoing[0]?.firstOffset ?? null;
  }

  /** What the next batch of this producer will change. */
  prepareUpdate(producerId: number, origin: AppendOrigin): ProducerAppend {
    const current = this.#producers.get(producerId) ?? new ProducerStateEntry(producerId);
    return new ProducerAppend(this.#topicPartition, current, origin, this.#verifications.get(producerId));
  }

  /** Takes over a prepared change. */
  update(append: ProducerAppend): void {
    const current = this.#producers.get(append.producerId);
    if (current === undefined) this.#producers.set(append.producerId, append.updated);
    else current.update(append.updated);
    for (const firstOffset of append.startedTxns) this.#begin(append.producerId, firstOffset);
  }

  /** The last stable offset once this transaction is complete and replicated. */
  lastStableOffset(completed: CompletedTxn): number {
    const next = this.#ongoing.find((txn) => txn.producerId !== completed.producerId);
    return next?.firstOffset ?? completed.lastOffset + 1;
  }

  /** The marker of a transaction has been written. */
  completeTxn(completed: CompletedTxn): void {
    const index = this.#ongoing.findIndex((txn) => txn.firstOffset === completed.firstOffset);
    assert(index >= 0, `no transaction begins at ${completed.firstOffset} in ${this.#topicPartition}`);
    const [txn] = this.#ongoing.splice(index, 1);
    txn!.lastOffset = completed.lastOffset;
    insertSorted(this.#unreplicated, txn!);
  }

  /** Transactions whose markers are below the high watermark are decided for good. */
  onHighWatermark(highWatermark: number): void {
    if (this.#unreplicated.length === 0) return;
    this.#unreplicated = this.#unreplicated.filter((txn) => txn.lastOffset >= highWatermark);
  }

  onLogStartOffset(logStartOffset: number): void {
    this.onHighWatermark(logStartOffset);
    this.mapEndOffset = Math.max(this.mapEndOffset, logStartOffset);
  }

  /** Takes in an entry of a snapshot. */
  load(entry: ProducerStateEntry): void {
    this.#producers.set(entry.producerId, entry);
    if (entry.currentTxnFirstOffset !== null) this.#begin(entry.producerId, entry.currentTxnFirstOffset);
  }

  /** Forgets producers and transactions; verifications go on. */
  clear(mapEndOffset: number): void {
    this.#producers.clear();
    this.#ongoing.length = 0;
    this.#unreplicated = [];
    this.mapEndOffset = mapEndOffset;
  }

  /** Forgets producers without a transaction that have been silent for so long, and verifications that led nowhere. */
  removeExpired(nowMs: number, expirationMs: number): void {
    for (const [producerId, entry] of this.#producers) {
      if (isExpired(entry, nowMs, expirationMs)) this.#producers.delete(producerId);
    }
    for (const [producerId, verification] of this.#verifications) {
      if (nowMs - verification.createdMs >= expirationMs) this.#verifications.delete(producerId);
    }
  }

  /** True when the oldest open transaction should have been ended by its coordinator long ago. */
  hasLateTransaction(nowMs: number, maxTransactionTimeoutMs: number): boolean {
    const oldest = this.#ongoing[0];
    const lastTimestamp = oldest === undefined ? -1 : (this.#producers.get(oldest.producerId)?.lastTimestamp ?? -1);
    return lastTimestamp > 0 && nowMs - lastTimestamp > maxTransactionTimeoutMs + LATE_TRANSACTION_BUFFER_MS;
  }

  hasOngoingTransaction(producerId: number, producerEpoch: number): boolean {
    const entry = this.#producers.get(producerId);
    return entry !== undefined && entry.currentTxnFirstOffset !== null && entry.producerEpoch === producerEpoch;
  }

  /** Begins verification of a producer's transaction, or joins the one under way. */
  startVerification(
    producerId: number,
    sequence: number,
    epoch: number,
    supportsEpochBump: boolean,
    nowMs: number,
  ): VerificationGuard {
    let verification = this.#verifications.get(producerId);
    if (verification === undefined) {
      verification = new VerificationState(nowMs, sequence, epoch, supportsEpochBump);
      this.#verifications.set(producerId, verification);
    }
    verification.onSequence(sequence, epoch);
    return verification.guard;
  }

  /** Whether `guard` is the one of the verification under way. */
  isVerifiedBy(producerId: number, guard: VerificationGuard): boolean {
    return guard !== VerificationGuard.none && this.#verifications.get(producerId)?.guard === guard;
  }

  /** A transactional batch was accepted: its verification has served, unless it was for the transaction after this marker. */
  onTransactionalBatch(producerId: number, producerEpoch: number, isControlBatch: boolean): void {
    const verification = this.#verifications.get(producerId);
    if (verification === undefined) return;
    const isForNext = verification.supportsEpochBump && isControlBatch && producerEpoch === verification.epoch;
    if (!isForNext) this.#verifications.delete(producerId);
  }

  #begin(producerId: number, firstOffset: number): void {
    insertSorted(this.#ongoing, { producerId, firstOffset, lastOffset: -1 });
  }
}

/** True when a producer has no open transaction and has been silent for so long. */
export function isExpired(entry: ProducerStateEntry, nowMs: number, expirationMs: number): boolean {
  return entry.currentTxnFirstOffset === null && nowMs - entry.lastTimestamp >= expirationMs;
}

function insertSorted(txns: Txn[], txn: Txn): void {
  let index = txns.length;
  while (index > 0 && txns[index - 1]!.firstOffset > txn.firstOffset) index--;
  txns.splice(index, 0, txn);
}
