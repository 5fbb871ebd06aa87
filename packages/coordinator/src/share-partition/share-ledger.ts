/**
 * The book of a share partition: which offsets are in flight in which state, where the partition begins and ends for the group.
 *
 * ```
 *   done with │ startOffset … in flight: available, acquired, acknowledged, archived … endOffset │ not read yet
 * ```
 * Owns the numbers and what follows from them alone; what members do to records lives in files of their own.
 * Source: kafka.server.share.SharePartition.
 */
import { AcquisitionLocks } from './acquisition-locks.ts';
import type { InFlightBatch } from './in-flight-batch.ts';
import { InFlightBatches } from './in-flight-batches.ts';
import type { InFlightState } from './in-flight-state.ts';
import { isTerminal } from './record-state.ts';

/** What is configured for the group, as it is now. */
export interface SharePartitionSettings {
  /** `share.record.lock.duration.ms` */
  readonly recordLockDurationMs: number;
  /** `share.delivery.count.limit` */
  readonly deliveryCountLimit: number;
  /** `share.partition.max.record.locks` */
  readonly maxRecordLocks: number;
  /** `share.renew.acknowledge.enable` */
  readonly renewAcknowledgeEnable: boolean;
}

/** After a load, gaps between the loaded batches can still be acquired: from `startOffset` on, as long as nothing was acquired beyond `endOffset`. */
export interface GapWindow {
  readonly endOffset: number;
  startOffset: number;
}

/** A state that has changed and is to be persisted. */
export interface StateChange {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly state: InFlightState;
  /** What is persisted; the state may have gone on by the time that is done. */
  readonly deliveryState: number;
  readonly deliveryCount: number;
}

/** The change as it is persisted. */
export function stateChange(firstOffset: number, lastOffset: number, state: InFlightState): StateChange {
  return { firstOffset, lastOffset, state, deliveryState: state.state, deliveryCount: state.deliveryCount };
}

/** Offsets and records of one share partition. */
export class ShareLedger {
  readonly batches = new InFlightBatches();
  readonly locks = new AcquisitionLocks();
  readonly #settings: () => SharePartitionSettings;
  startOffset = 0;
  endOffset = 0;
  /** How many records from the start offset on are done with. */
  deliveryCompleteCount = 0;
  /** Whether records before the end may be available. */
  mayHaveAvailable = false;
  gap: GapWindow | null = null;

  constructor(settings: () => SharePartitionSettings) {
    this.#settings = settings;
  }

  get settings(): SharePartitionSettings {
    return this.#settings();
  }

  get isGapOpen(): boolean {
    return this.gap !== null && this.gap.endOffset === this.endOffset;
  }

  get inFlightRecordCount(): number {
    return this.batches.size === 0 ? 0 : this.endOffset - this.startOffset + 1;
  }

  /** Whether there is something to acquire, or room for more. */
  get canAcquire(): boolean {
    return this.nextFetchOffset() !== this.endOffset + 1 || this.inFlightRecordCount < this.settings.maxRecordLocks;
  }

  /** How many offsets of a range count for the group still. */
  countFromStart(firstOffset: number, lastOffset: number): number {
    return lastOffset < this.startOffset ? 0 : lastOffset - Math.max(this.startOffset, firstOffset) + 1;
  }

  /** Whether the start offset has moved into a range. */
  startsInside(firstOffset: number, lastOffset: number): boolean {
    return firstOffset < this.startOffset && lastOffset >= this.startOffset;
  }

  /** From where to read next: the first available record, the first open gap, or the end. */
  nextFetchOffset(): number {
    const { last } = this.batches;
    if (last === undefined || this.startOffset > last.lastOffset) {
      this.mayHaveAvailable = false;
      return this.endOffset;
    }
    if (!this.mayHaveAvailable) return this.endOffset + 1;
    const available = this.#firstAvailable();
    if (available === null) this.mayHaveAvailable = false;
    return available ?? this.endOffset + 1;
  }

  #firstAvailable(): number | null {
    let gapOffset = this.isGapOpen ? this.gap!.startOffset : null;
    for (const batch of this.batches) {
      if (gapOffset !== null) {
        if (batch.firstOffset > gapOffset) return gapOffset;
        gapOffset = Math.max(batch.lastOffset + 1, gapOffset);
      }
      for (const { firstOffset, state } of batch.states()) if (state.isAcquirable) return firstOffset;
    }
    return null;
  }

  /** Something was acquired up to before `offset`: gaps before it are no more. */
  closeGapTo(offset: number): void {
    if (this.gap === null) return;
    if (this.isGapOpen && offset <= this.gap.endOffset) this.gap.startOffset = offset;
    else this.gap = null;
  }

  /** Moves the start past what is done with, and forgets it. Returns whether it moved. */
  moveStart(): boolean {
    if (!this.#canMoveStart()) return false;
    const { lastOffset, count } = this.#doneWith();
    if (lastOffset === -1) return false;
    const end = this.batches.last!.lastOffset;
    if (lastOffset === end) {
      this.startOffset = end + 1;
      this.endOffset = end + 1;
      this.batches.clear();
      this.deliveryCompleteCount = 0;
      return true;
    }
    const at = this.batches.floor(lastOffset)!;
    const isWhole = lastOffset === at.lastOffset;
    const next = isWhole ? this.batches.higher(lastOffset)!.firstOffset : lastOffset + 1;
    this.startOffset = Math.max(next, this.startOffset);
    if (isWhole && this.isGapOpen) this.startOffset = Math.min(this.gap!.startOffset, this.startOffset);
    this.deliveryCompleteCount -= count;
    // Only whole batches go; of the one that is done with in part, the start offset tells.
    const lastGone = isWhole ? at : this.batches.lower(at.firstOffset);
    if (lastGone !== undefined) this.batches.removeTo(lastGone.firstOffset);
    return true;
  }

  #canMoveStart(): boolean {
    const batch = this.batches.floor(this.startOffset);
    const state = batch?.whole ?? batch?.byOffset?.get(this.startOffset);
    return state !== undefined && !state.isChanging && isTerminal(state.state);
  }

  /** The last offset up to which everything is done with (-1: none), and how many of these count still. */
  #doneWith(): { lastOffset: number; count: number } {
    let lastOffset = -1;
    let count = 0;
    for (const batch of this.batches) {
      if (this.isGapOpen && batch.lastOffset >= this.gap!.startOffset) break;
      for (const one of batch.states()) {
        if (one.state.isChanging || !isTerminal(one.state.state)) return { lastOffset, count };
        lastOffset = one.lastOffset;
        count += this.countFromStart(one.firstOffset, one.lastOffset);
      }
    }
    return { lastOffset, count };
  }

  /** The batches that hold any of the offsets from `firstOffset` to `lastOffset`; undefined when none begins at or before the first. */
  batchesFrom(firstOffset: number, lastOffset: number): InFlightBatch[] | undefined {
    const floor = this.batches.floor(firstOffset);
    return floor === undefined ? undefined : this.batches.range(floor.firstOffset, lastOffset);
  }
}
