/**
 * A snapshot on its way: the state machine above gives records, a piece at a time.
 *
 * Source: org.apache.kafka.snapshot.RecordsSnapshotWriter.
 */
import type { Clock } from '@skarab/base';
import type { OffsetAndEpoch } from '../core/offset-and-epoch.ts';
import { SnapshotBatches, type SnapshotHeader } from '../core/snapshot-batches.ts';
import type { SnapshotFileWriter } from './snapshot-files.ts';

/** Builds one snapshot. */
export class SnapshotBuilder {
  readonly id: OffsetAndEpoch;
  readonly #file: SnapshotFileWriter;
  readonly #batches: SnapshotBatches;
  readonly #clock: Clock;
  readonly #onFrozen: () => void;

  constructor(
    file: SnapshotFileWriter,
    id: OffsetAndEpoch,
    header: SnapshotHeader,
    clock: Clock,
    onFrozen: () => void,
  ) {
    this.id = id;
    this.#file = file;
    this.#clock = clock;
    this.#onFrozen = onFrozen;
    this.#batches = new SnapshotBatches(id.epoch);
    file.append(this.#batches.header(header, clock.nowMs()));
  }

  /** Bytes written so far. */
  get sizeInBytes(): number {
    return this.#file.sizeInBytes;
  }

  /** Writes records, as one batch unless they are too many. */
  append(values: Iterable<Uint8Array>): void {
    for (const bytes of this.#batches.data(values, this.#clock.nowMs())) this.#file.append(bytes);
  }

  /** Finishes the snapshot; it is durable when this resolves. */
  async freeze(): Promise<void> {
    this.#file.append(this.#batches.footer(this.#clock.nowMs()));
    await this.#file.freeze();
    this.#onFrozen();
  }

  /** Gives the snapshot up. */
  abort(): void {
    this.#file.abort();
  }
}
