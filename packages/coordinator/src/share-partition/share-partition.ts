/**
 * One partition of a topic as one share group sees it: who has which record until when, and what of it is persisted.
 *
 * ```
 *   empty ─initialize─► initializing ─onRead─► active ─close─► fenced
 *                            └─ the state cannot be read ─► failed
 * ```
 * A change of state is visible at once, and nobody is given the record, until it is persisted; a change that is not persisted is taken back.
 * Called by the broker, for one leader epoch; a new leader begins anew from what is persisted. Shape: reactor.
 * Source: kafka.server.share.SharePartition (KIP-932).
 */
import { assert } from '@skarab/base';
import type { StateBatch } from '../share/state/state-batch.ts';
import { type AcknowledgementBatch, acknowledgeBatch } from './acknowledge.ts';
import { acquire } from './acquire.ts';
import { type Acquired, type Acquisition, nothingAcquired } from './acquisition.ts';
import { moveToLogStart } from './archive.ts';
import type { FetchedRecords } from './fetched-records.ts';
import { fillFrom, type PersistedState } from './persisted-state.ts';
import { persisterProblem } from './persister-problem.ts';
import { isTerminal, RecordState } from './record-state.ts';
import { releaseExpired, releaseOf } from './release.ts';
import { ShareLedger, type SharePartitionSettings, type StateChange } from './share-ledger.ts';
import type { ShareProblem } from './share-problem.ts';

/** Read the state of the partition, as the leader of its epoch; then say `onRead`. */
export interface ReadStateEffect {
  readonly type: 'read';
}

/** Write these changes as the leader of the partition's epoch, in the order of the effects; then say `onWritten`. */
export interface WriteStateEffect {
  readonly type: 'write';
  readonly writeId: number;
  readonly stateEpoch: number;
  /**
   * As it was before these changes: they move it once they are persisted, and the next write tells. What is described after the last acknowledgement
   * depends therefore on how the acknowledgements were divided; `deliveryCompleteCount` makes up for it in the lag.
   */
  readonly startOffset: number;
  readonly deliveryCompleteCount: number;
  readonly stateBatches: readonly StateBatch[];
}

/** A fetch that waits for the partition may find something now. */
export interface WakeEffect {
  readonly type: 'wake';
}

/** What the host must do for a share partition. */
export type SharePartitionEffect = ReadStateEffect | WriteStateEffect | WakeEffect;

/** Where a share partition is in its life. */
export type SharePartitionStatus = 'empty' | 'initializing' | 'active' | 'failed' | 'fenced';

/** Told how a change ended: null when it is persisted. */
export type ChangeCompletion = (problem: ShareProblem | null) => void;

interface PendingWrite {
  readonly changes: readonly StateChange[];
  /** Null for what happens by itself: it is not taken back. */
  readonly complete: ChangeCompletion | null;
}

/** What a share partition is made of. */
export interface SharePartitionOptions {
  readonly settings: () => SharePartitionSettings;
  /** Where a group starts that has no state: by `share.auto.offset.reset`; or why that cannot be said. */
  readonly resetOffset: () => number | ShareProblem;
}

/** A share partition. */
export class SharePartition {
  readonly #ledger: ShareLedger;
  readonly #options: SharePartitionOptions;
  readonly #writes = new Map<number, PendingWrite>();
  #effects: SharePartitionEffect[] = [];
  #lastWriteId = 0;
  #status: SharePartitionStatus = 'empty';
  #stateEpoch = 0;

  constructor(options: SharePartitionOptions) {
    this.#options = options;
    this.#ledger = new ShareLedger(options.settings);
  }

  get status(): SharePartitionStatus {
    return this.#status;
  }

  /** The first offset that is not done with. */
  get startOffset(): number {
    return this.#ledger.startOffset;
  }

  /** The last offset in flight, or where to read when nothing is. */
  get endOffset(): number {
    return this.#ledger.endOffset;
  }

  get deliveryCompleteCount(): number {
    return this.#ledger.deliveryCompleteCount;
  }

  /** Whether a fetch could acquire something, if the log has it. */
  get canAcquire(): boolean {
    return this.#status === 'active' && this.#ledger.canAcquire;
  }

  /** Where a fetch should read. */
  nextFetchOffset(): number {
    return this.#ledger.nextFetchOffset();
  }

  /** The states of the offsets in flight, in order. */
  *inFlight(): Generator<StateBatch & { readonly memberId: string }> {
    for (const batch of this.#ledger.batches)
      for (const { firstOffset, lastOffset, state } of batch.states())
        yield {
          firstOffset: BigInt(firstOffset),
          lastOffset: BigInt(lastOffset),
          deliveryState: state.state,
          deliveryCount: state.deliveryCount,
          memberId: state.memberId,
        };
  }

  /** Asks for the persisted state, once. */
  initialize(): void {
    if (this.#status !== 'empty') return;
    this.#status = 'initializing';
    this.#effects.push({ type: 'read' });
  }

  /** The persisted state, or why there is none. Returns why the partition has failed; null when it is active. */
  onRead(result: PersistedState | ShareProblem): ShareProblem | null {
    if (this.#status !== 'initializing') return null;
    const problem = 'error' in result ? persisterProblem(result) : this.#fill(result);
    this.#status = problem === null ? 'active' : 'failed';
    this.#effects.push({ type: 'wake' });
    return problem;
  }

  #fill(state: PersistedState): ShareProblem | null {
    const start = state.startOffset === -1 ? this.#options.resetOffset() : state.startOffset;
    if (typeof start !== 'number') return start;
    this.#stateEpoch = state.stateEpoch;
    return fillFrom(this.#ledger, start, state.stateBatches);
  }

  /** Gives records of what was read to a member. */
  acquire(acquisition: Acquisition, fetched: FetchedRecords, nowMs: number): Acquired {
    if (this.#status !== 'active') return nothingAcquired;
    return acquire(this.#ledger, acquisition, fetched, nowMs);
  }

  /** A member is done with records, gives them back, or wants to keep them longer: all of it, or nothing. */
  acknowledge(
    memberId: string,
    batches: readonly AcknowledgementBatch[],
    complete: ChangeCompletion,
    nowMs: number,
  ): void {
    const changes: StateChange[] = [];
    for (const batch of batches) {
      const problem = acknowledgeBatch(this.#ledger, memberId, batch, changes, nowMs);
      if (problem === null) continue;
      this.#takeBack(changes);
      complete(problem);
      return;
    }
    this.#persist(changes, complete);
  }

  /** A member has gone: gives back what it had. */
  release(memberId: string, complete: ChangeCompletion): void {
    this.#persist(releaseOf(this.#ledger, memberId), complete);
  }

  /** The log of the partition begins later now. */
  onLogStart(logStartOffset: number): void {
    moveToLogStart(this.#ledger, logStartOffset);
  }

  /** Takes records back from members who took too long. */
  onTimer(nowMs: number): void {
    for (
      let lock = this.#ledger.locks.takeExpired(nowMs);
      lock !== null;
      lock = this.#ledger.locks.takeExpired(nowMs)
    ) {
      const changes = releaseExpired(this.#ledger, lock);
      if (changes.length === 0) continue;
      this.#write(changes, null);
      this.#effects.push({ type: 'wake' });
    }
  }

  nextDeadlineMs(): number | null {
    return this.#status === 'fenced' ? null : this.#ledger.locks.nextDeadlineMs();
  }

  /** The partition is led by somebody else, or the group is gone: nothing is acquired here any more. */
  fence(): void {
    this.#status = 'fenced';
    this.#ledger.locks.clear();
    this.#effects.push({ type: 'wake' });
  }

  #persist(changes: readonly StateChange[], complete: ChangeCompletion): void {
    if (changes.length === 0) complete(null);
    else this.#write(changes, complete);
  }

  #write(changes: readonly StateChange[], complete: ChangeCompletion | null): void {
    const writeId = ++this.#lastWriteId;
    this.#writes.set(writeId, { changes, complete });
    this.#effects.push({
      type: 'write',
      writeId,
      stateEpoch: this.#stateEpoch,
      startOffset: this.#ledger.startOffset,
      deliveryCompleteCount: this.#ledger.deliveryCompleteCount,
      stateBatches: changes.map(({ firstOffset, lastOffset, deliveryState, deliveryCount }) => ({
        firstOffset: BigInt(firstOffset),
        lastOffset: BigInt(lastOffset),
        deliveryState,
        deliveryCount,
      })),
    });
  }

  /** The write of a 'write' effect has ended: null when it is persisted. */
  onWritten(writeId: number, failure: ShareProblem | null): void {
    const write = this.#writes.get(writeId);
    assert(write !== undefined, 'a write ends once');
    this.#writes.delete(writeId);
    const { changes, complete } = write;
    const problem = failure === null ? null : persisterProblem(failure);
    if (complete === null) {
      // What has timed out stays so, whether it is known elsewhere or not.
      this.#ledger.moveStart();
      return;
    }
    let hasAvailable = false;
    if (problem === null) {
      for (const { state } of changes) {
        state.endChange(true);
        hasAvailable ||= state.state === RecordState.AVAILABLE;
      }
      if (hasAvailable) this.#ledger.mayHaveAvailable = true;
      const hasMoved = this.#ledger.moveStart();
      if (hasMoved || hasAvailable) this.#effects.push({ type: 'wake' });
    } else this.#takeBack(changes);
    complete(problem);
  }

  #takeBack(changes: readonly StateChange[]): void {
    for (const { state, firstOffset, lastOffset, deliveryState } of changes) {
      state.endChange(false);
      if (state.state === RecordState.AVAILABLE) this.#ledger.mayHaveAvailable = true;
      if (isTerminal(deliveryState as RecordState) && !isTerminal(state.state))
        this.#ledger.deliveryCompleteCount -= this.#ledger.countFromStart(firstOffset, lastOffset);
    }
  }

  /** What the host must do now, in order. */
  takeEffects(): SharePartitionEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
