/**
 * At which offset each leader epoch began: how replicas find out where their logs part.
 *
 * Entries are sorted by epoch and by start offset. Every change is reported, so that `leader-epoch-checkpoint` follows.
 * Source: org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache.
 */
import { assert } from '@skarab/base';

/** The first offset of an epoch. */
export interface EpochEntry {
  readonly epoch: number;
  readonly startOffset: number;
}

/** Where an epoch ends. */
export interface EpochEndOffset {
  readonly epoch: number;
  readonly endOffset: number;
}

export class LeaderEpochs {
  #entries: EpochEntry[] = [];
  readonly #onChange: () => void;

  constructor(onChange: () => void, entries: readonly EpochEntry[] = []) {
    this.#onChange = onChange;
    for (const entry of entries) this.#assign(entry);
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries;
  }

  get latestEpoch(): number | null {
    return this.#entries.at(-1)?.epoch ?? null;
  }

  get earliest(): EpochEntry | null {
    return this.#entries[0] ?? null;
  }

  /** An epoch begins at an offset; nothing happens when that is known. Entries in conflict with it go. */
  assign(epoch: number, startOffset: number): void {
    if (this.#assign({ epoch, startOffset })) this.#onChange();
  }

  /**
   * The end of the greatest epoch that is not greater than the requested one: where the next epoch starts, or the log end for the
   * latest. Null when nothing is known.
   */
  endOffsetFor(requestedEpoch: number, logEndOffset: number): EpochEndOffset | null {
    if (requestedEpoch < 0) return null;
    if (requestedEpoch === this.latestEpoch) return { epoch: requestedEpoch, endOffset: logEndOffset };
    const higher = this.#entries.find((entry) => entry.epoch > requestedEpoch);
    if (higher === undefined) return null;
    const floor = this.#entries.findLast((entry) => entry.epoch <= requestedEpoch);
    return { epoch: floor?.epoch ?? requestedEpoch, endOffset: higher.startOffset };
  }

  /** The epoch that an offset belongs to, or null. */
  epochForOffset(offset: number): number | null {
    return this.#entries.findLast((entry) => entry.startOffset <= offset)?.epoch ?? null;
  }

  /** The log ends at `endOffset`: later epochs are void. */
  truncateFromEnd(endOffset: number): void {
    const kept = this.#entries.filter((entry) => entry.startOffset < endOffset);
    if (kept.length === this.#entries.length) return;
    this.#entries = kept;
    this.#onChange();
  }

  /** The log begins at `startOffset`: of the epochs that began before, the last one begins there. */
  truncateFromStart(startOffset: number): void {
    const last = this.#entries.findLastIndex((entry) => entry.startOffset <= startOffset);
    if (last < 0 || (last === 0 && this.#entries[0]!.startOffset === startOffset)) return;
    const { epoch } = this.#entries[last]!;
    this.#entries = [{ epoch, startOffset }, ...this.#entries.slice(last + 1)];
    this.#onChange();
  }

  clear(): void {
    if (this.#entries.length === 0) return;
    this.#entries = [];
    this.#onChange();
  }

  #assign(entry: EpochEntry): boolean {
    assert(entry.epoch >= 0 && entry.startOffset >= 0, `epoch ${entry.epoch} at ${entry.startOffset}`);
    const latest = this.#entries.at(-1);
    if (latest !== undefined && latest.epoch === entry.epoch && latest.startOffset <= entry.startOffset) return false;
    const kept = this.#entries.findLastIndex(
      (other) => other.epoch < entry.epoch && other.startOffset < entry.startOffset,
    );
    this.#entries = [...this.#entries.slice(0, kept + 1), entry];
    return true;
  }
}
