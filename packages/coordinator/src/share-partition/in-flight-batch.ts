/**
 * A range of offsets in flight: one state for all of them, or one for each once they differ.
 *
 * Source: org.apache.kafka.server.share.fetch.InFlightBatch.
 */
import { assert } from '@skarab/base';
import type { AcquisitionLocks } from './acquisition-locks.ts';
import { InFlightState, NOBODY } from './in-flight-state.ts';
import { RecordState } from './record-state.ts';

/** The offsets from `firstOffset` to `lastOffset`, both included. */
export class InFlightBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  #whole: InFlightState | null;
  #byOffset: Map<number, InFlightState> | null = null;

  constructor(firstOffset: number, lastOffset: number, state: InFlightState) {
    this.firstOffset = firstOffset;
    this.lastOffset = lastOffset;
    this.#whole = state;
  }

  get length(): number {
    return this.lastOffset - this.firstOffset + 1;
  }

  /** The state of all offsets; null once each has its own. */
  get whole(): InFlightState | null {
    return this.#whole;
  }

  /** The states by offset, in order; null while all have the same. */
  get byOffset(): ReadonlyMap<number, InFlightState> | null {
    return this.#byOffset;
  }

  /** Gives every offset a state and a lock of its own, as the whole has them. */
  split(locks: AcquisitionLocks): ReadonlyMap<number, InFlightState> {
    if (this.#byOffset !== null) return this.#byOffset;
    const { state, deliveryCount, memberId, lock } = this.#takeWhole();
    return this.#fill((offset) => {
      const isLocked = lock !== null && state === RecordState.ACQUIRED;
      const own = isLocked ? locks.add(memberId, offset, offset, lock.expirationMs) : null;
      return new InFlightState(locks, state, deliveryCount, memberId, own);
    });
  }

  /** As `split`, of a batch just acquired of which its member gets the offsets up to `lastAcquired` only, until `expirationMs`. */
  splitAfter(locks: AcquisitionLocks, lastAcquired: number, expirationMs: number): void {
    const { state, deliveryCount, memberId } = this.#takeWhole();
    this.#fill((offset) => {
      if (offset > lastAcquired)
        return new InFlightState(locks, RecordState.AVAILABLE, deliveryCount - 1, NOBODY, null);
      const lock = locks.add(memberId, offset, offset, expirationMs);
      return new InFlightState(locks, state, deliveryCount, memberId, lock);
    });
  }

  #takeWhole(): { state: RecordState; deliveryCount: number; memberId: string; lock: InFlightState['lock'] } {
    const whole = this.#whole;
    assert(whole !== null, 'a batch is split once');
    const { state, deliveryCount, memberId, lock } = whole;
    whole.dropLock();
    this.#whole = null;
    return { state, deliveryCount, memberId, lock };
  }

  #fill(stateOf: (offset: number) => InFlightState): ReadonlyMap<number, InFlightState> {
    const byOffset = new Map<number, InFlightState>();
    for (let offset = this.firstOffset; offset <= this.lastOffset; offset++) byOffset.set(offset, stateOf(offset));
    this.#byOffset = byOffset;
    return byOffset;
  }

  /** Every state, with the offsets it is for. */
  *states(): Generator<{ readonly firstOffset: number; readonly lastOffset: number; readonly state: InFlightState }> {
    const { firstOffset, lastOffset } = this;
    if (this.#whole !== null) yield { firstOffset, lastOffset, state: this.#whole };
    else for (const [offset, state] of this.#byOffset!) yield { firstOffset: offset, lastOffset: offset, state };
  }

  /** Whether it lies between two offsets, both included. */
  isWithin(firstOffset: number, lastOffset: number): boolean {
    return this.firstOffset >= firstOffset && this.lastOffset <= lastOffset;
  }
}
