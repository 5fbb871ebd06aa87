/**
 * The log of a transcript: offsets, epochs and snapshots without anything in them.
 */
import { iterateBatches } from '@skarab/records';
import type { LogView } from '../src/core/log-view.ts';
import { compareOffsetAndEpoch, type OffsetAndEpoch } from '../src/core/offset-and-epoch.ts';
import type { Arguments } from './script-arguments.ts';

/** Bytes of every snapshot. */
const SNAPSHOT_SIZE = 100;

/** A log of places. */
export class ScriptLog implements LogView {
  startOffset = 0;
  endOffset = 0;
  #epochs: { readonly epoch: number; readonly startOffset: number }[] = [];
  #snapshots: OffsetAndEpoch[] = [];

  /** `end= lastEpoch=`, or `log=epoch@start,… end=`, and `snapshot=offset@epoch start=`. */
  start(args: Arguments): void {
    this.endOffset = args.number('end', 0);
    this.startOffset = args.number('start', 0);
    const epochs = args
      .text('log')
      .split(',')
      .filter((text) => text !== '');
    this.#epochs = epochs.map((text) => {
      const [epoch = 0, startOffset = 0] = text.split('@').map(Number);
      return { epoch, startOffset };
    });
    const lastEpoch = args.number('lastEpoch', 0);
    if (epochs.length === 0 && lastEpoch > 0) this.#epochs = [{ epoch: lastEpoch, startOffset: 0 }];
    if (args.has('snapshot')) this.#snapshots = [args.place('snapshot')];
  }

  get lastEpoch(): number {
    const snapshot = this.latestSnapshot;
    const snapshotEpoch = snapshot?.offset === this.endOffset ? snapshot.epoch : 0;
    return Math.max(this.#epochs.at(-1)?.epoch ?? 0, snapshotEpoch);
  }

  get earliestSnapshot(): OffsetAndEpoch | null {
    return this.#snapshots[0] ?? null;
  }

  get latestSnapshot(): OffsetAndEpoch | null {
    return this.#snapshots.at(-1) ?? null;
  }

  snapshotSizeInBytes(id: OffsetAndEpoch): number | null {
    return this.#snapshots.some((known) => compareOffsetAndEpoch(known, id) === 0) ? SNAPSHOT_SIZE : null;
  }

  endOffsetForEpoch(epoch: number): OffsetAndEpoch | null {
    if (epoch === this.#epochs.at(-1)?.epoch) return { offset: this.endOffset, epoch };
    const higher = this.#epochs.find((known) => known.epoch > epoch);
    if (higher === undefined) return null;
    const floor = this.#epochs.findLast((known) => known.epoch <= epoch);
    return { offset: higher.startOffset, epoch: floor?.epoch ?? epoch };
  }

  beginEpoch(epoch: number): void {
    if (epoch > (this.#epochs.at(-1)?.epoch ?? 0)) this.#epochs.push({ epoch, startOffset: this.endOffset });
  }

  append(count: number, epoch: number): void {
    this.beginEpoch(epoch);
    this.endOffset += count;
  }

  appendFetched(records: Uint8Array): void {
    for (const batch of iterateBatches(records)) {
      this.append(batch.nextOffset - batch.baseOffset, batch.partitionLeaderEpoch);
    }
  }

  truncateTo(offset: number): void {
    this.endOffset = offset;
    this.#epochs = this.#epochs.filter(({ startOffset }) => startOffset < offset);
  }

  startAt(id: OffsetAndEpoch): void {
    this.startOffset = id.offset;
    this.endOffset = id.offset;
    this.#epochs = [];
    this.#snapshots = [id];
  }
}
