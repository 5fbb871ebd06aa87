/**
 * The batches of a snapshot file: a header with who votes, the records, a footer. Offsets run from 0 and have nothing to do with the log.
 *
 * Shape: [control: SnapshotHeader, KRaftVersion?, Voters?] [data]* [control: SnapshotFooter]
 * Source: org.apache.kafka.snapshot.RecordsSnapshotWriter, org.apache.kafka.metadata.util.BatchFileWriter; KIP-630.
 */
import { BatchBuilder, buildControlBatch } from '@skarab/records';
import { type ControlMessage, encodeControlMessage } from './control-message.ts';
import type { VoterSet } from './voter-set.ts';

/** Largest batch in the metadata log and its snapshots. */
export const MAX_BATCH_SIZE_BYTES = 8 * 1024 * 1024;

/** What the first batch says. */
export interface SnapshotHeader {
  readonly lastContainedLogTimestampMs: number;
  readonly kraftVersion: number;
  /** Written for `kraft.version` 1 and above. */
  readonly voters: VoterSet | null;
}

/** Makes the batches of one snapshot, in order. */
export class SnapshotBatches {
  readonly #epoch: number;
  #nextOffset = 0;

  /** `epoch`: that of the snapshot's id, stamped on every batch. */
  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  /** The first batch. */
  header(header: SnapshotHeader, timestampMs: number): Uint8Array {
    const { lastContainedLogTimestampMs, kraftVersion, voters } = header;
    const messages: ControlMessage[] = [{ type: 'SnapshotHeader', lastContainedLogTimestampMs }];
    if (kraftVersion >= 1) {
      messages.push({ type: 'KraftVersion', version: kraftVersion });
      if (voters !== null) messages.push({ type: 'Voters', voters });
    }
    return this.#control(messages, timestampMs);
  }

  /** Batches with `values`, each as large as it may be. */
  *data(values: Iterable<Uint8Array>, timestampMs: number): Generator<Uint8Array> {
    let builder: BatchBuilder | null = null;
    for (const value of values) {
      const record = { timestamp: timestampMs, key: null, value };
      if (builder !== null && builder.uncompressedSizeInBytes + builder.sizeOf(record) > MAX_BATCH_SIZE_BYTES) {
        yield builder.build();
        builder = null;
      }
      builder ??= new BatchBuilder({ baseOffset: this.#nextOffset, partitionLeaderEpoch: this.#epoch });
      builder.append(record);
      this.#nextOffset++;
    }
    if (builder !== null) yield builder.build();
  }

  /** The last batch. */
  footer(timestampMs: number): Uint8Array {
    return this.#control([{ type: 'SnapshotFooter' }], timestampMs);
  }

  #control(messages: readonly ControlMessage[], timestamp: number): Uint8Array {
    const baseOffset = this.#nextOffset;
    this.#nextOffset += messages.length;
    const options = { baseOffset, partitionLeaderEpoch: this.#epoch, timestamp };
    return buildControlBatch(options, messages.map(encodeControlMessage));
  }
}
