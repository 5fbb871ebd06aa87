/**
 * The state of a record, or of a batch of records that share it, and the change of it that is being persisted.
 *
 * While a change is under way nothing else may change; it ends in a commit, or the state before comes back. What was archived because
 * the log moved on stays so. Source: org.apache.kafka.server.share.fetch.InFlightState.
 */
import { assert } from '@skarab/base';
import type { AcquisitionLock, AcquisitionLocks } from './acquisition-locks.ts';
import { canBecome, RecordState } from './record-state.ts';

/** The member of records that nobody has. */
export const NOBODY = '';

interface Before {
  readonly state: RecordState;
  readonly memberId: string;
  readonly maxDeliveryCount: number;
}

/** State, owner and delivery count. */
export class InFlightState {
  readonly #locks: AcquisitionLocks;
  state: RecordState;
  deliveryCount: number;
  memberId: string;
  /** The owner's deadline. */
  lock: AcquisitionLock | null;
  #before: Before | null = null;
  #isArchivedForGood = false;

  constructor(
    locks: AcquisitionLocks,
    state: RecordState,
    deliveryCount: number,
    memberId: string,
    lock: AcquisitionLock | null,
  ) {
    this.#locks = locks;
    this.state = state;
    this.deliveryCount = deliveryCount;
    this.memberId = memberId;
    this.lock = lock;
  }

  get isChanging(): boolean {
    return this.#before !== null;
  }

  /** Whether a member could be given it now. */
  get isAcquirable(): boolean {
    return this.state === RecordState.AVAILABLE && !this.isChanging;
  }

  /** One more delivery, to `memberId`. Returns whether it went. */
  tryAcquire(memberId: string): boolean {
    if (this.isChanging || !canBecome(this.state, RecordState.ACQUIRED)) return false;
    this.state = RecordState.ACQUIRED;
    this.deliveryCount++;
    this.memberId = memberId;
    return true;
  }

  /** Goes to another state without an owner; one that was delivered too often is archived in place of being available. */
  tryLeave(state: RecordState, maxDeliveryCount: number): boolean {
    if (this.isChanging) return false;
    const isSpent = state === RecordState.AVAILABLE && this.deliveryCount >= maxDeliveryCount;
    const next = isSpent ? RecordState.ARCHIVED : state;
    if (!canBecome(this.state, next)) return false;
    this.state = next;
    this.memberId = NOBODY;
    return true;
  }

  /** As `tryLeave`, to be completed by `endChange`; the lock goes on until then. */
  startLeaving(state: RecordState, maxDeliveryCount: number): boolean {
    const before = { state: this.state, memberId: this.memberId, maxDeliveryCount };
    if (!this.tryLeave(state, maxDeliveryCount)) return false;
    this.#before = before;
    return true;
  }

  /** The change is persisted, or it is not and is taken back; a lock that has expired meanwhile counts then. */
  endChange(isPersisted: boolean): void {
    const before = this.#before;
    this.#before = null;
    if (isPersisted || this.#isArchivedForGood) {
      this.dropLock();
      return;
    }
    assert(before !== null, 'a change that ends was started');
    if (this.lock?.hasExpired === true) {
      this.state = this.deliveryCount >= before.maxDeliveryCount ? RecordState.ARCHIVED : RecordState.AVAILABLE;
      this.memberId = NOBODY;
      this.dropLock();
    } else {
      this.state = before.state;
      this.memberId = before.memberId;
    }
  }

  /** The record is gone from the log. */
  archive(): void {
    this.#isArchivedForGood = true;
    this.state = RecordState.ARCHIVED;
    this.memberId = NOBODY;
    this.dropLock();
  }

  setLock(lock: AcquisitionLock): void {
    assert(this.lock === null, 'there is a lock already');
    this.lock = lock;
  }

  dropLock(): void {
    if (this.lock !== null) this.#locks.cancel(this.lock);
    this.lock = null;
  }
}
