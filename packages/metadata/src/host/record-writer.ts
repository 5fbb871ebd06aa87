/**
 * Writes the records of decisions into the metadata log, replaying each batch before it is written: what cannot be replayed must not get there.
 *
 * Thousands of records take several turns of the event loop, during which the controller decides nothing else, so that it is for the next
 * decision as if all had been written at once. Source: org.apache.kafka.controller.QuorumController (appendRecords).
 */
import { type Clock, type Logger, StateError } from '@skarab/base';
import type { ControllerState } from '../core/controller/controller-state.ts';
import type { MetadataRecord } from '../core/record/metadata-record.ts';
import { encodeMetadataRecord } from '../core/record/serde.ts';
import type { ControllerRaft } from './controller-raft.ts';

/** Most records in a batch. */
export const MAX_RECORDS_PER_BATCH = 10_000;
/** Most records that are written in one turn, unless they must be one batch. */
const MAX_RECORDS_PER_TURN = 500;

/** What is written to, and what replays. */
export interface RecordWriterParts {
  readonly state: ControllerState;
  readonly raft: ControllerRaft;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Appends records for the active controller. */
export class RecordWriter {
  readonly #parts: RecordWriterParts;
  /** Ends when records that take several turns are written, or given up. */
  #longWrite: Promise<void> | null = null;

  constructor(parts: RecordWriterParts) {
    this.#parts = parts;
  }

  /** While records are being written turn by turn: resolves when they are. Null when the next decision may be made. */
  get busy(): Promise<void> | null {
    return this.#longWrite;
  }

  /** Writes one batch now; returns the offset of its last record. Errors: `StateError` when the log has failed, or for another epoch. */
  append(epoch: number, records: readonly MetadataRecord[]): number {
    return this.#append(epoch, records, records.map(encodeMetadataRecord));
  }

  /** As `append`, where thousands of records may take several turns until they are written. Errors: rejects too for another epoch. */
  appendAtomically(epoch: number, records: readonly MetadataRecord[]): number | Promise<number> {
    if (records.length <= MAX_RECORDS_PER_TURN) return this.append(epoch, records);
    return this.#hold(this.#encodeAndAppend(epoch, records));
  }

  async #encodeAndAppend(epoch: number, records: readonly MetadataRecord[]): Promise<number> {
    const values: Uint8Array[] = [];
    for (const record of records) {
      values.push(encodeMetadataRecord(record));
      if (values.length % MAX_RECORDS_PER_TURN === 0) await this.#nextTurn();
    }
    return this.#append(epoch, records, values);
  }

  #append(epoch: number, records: readonly MetadataRecord[], values: readonly Uint8Array[]): number {
    const { state, raft, logger } = this.#parts;
    if (records.length > MAX_RECORDS_PER_BATCH) {
      throw new StateError(
        `Attempted to atomically commit ${records.length} records, but the maximum is ${MAX_RECORDS_PER_BATCH}`,
      );
    }
    return raft.append(epoch, values, ({ baseOffset, lastOffset, timestampMs, sizeInBytes }) => {
      try {
        state.apply({ baseOffset, lastOffset, epoch, appendTimestampMs: timestampMs, sizeInBytes, records });
      } catch (error) {
        logger.error({ error }, 'cannot replay what was decided; giving up the leadership');
        raft.resign(epoch);
        throw error;
      }
    }).lastOffset;
  }

  /**
   * Writes records that need not be one batch, at once when they are few; returns the offset of the last. Errors: as `append`; rejects too when
   * the leadership is lost on the way, and then the next leader decides about what is missing.
   */
  appendAll(epoch: number, records: readonly MetadataRecord[]): number | Promise<number> {
    if (records.length <= MAX_RECORDS_PER_TURN) return this.append(epoch, records);
    return this.#hold(this.#appendInTurns(epoch, records));
  }

  /** Nothing else is decided until `appended` has its end. */
  #hold(appended: Promise<number>): Promise<number> {
    const end = (): void => {
      this.#longWrite = null;
    };
    this.#longWrite = appended.then(end, end);
    return appended;
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#parts.clock.soon(resolve));
  }

  async #appendInTurns(epoch: number, records: readonly MetadataRecord[]): Promise<number> {
    let lastOffset = -1;
    for (let start = 0; start < records.length; start += MAX_RECORDS_PER_TURN) {
      if (start > 0) await this.#nextTurn();
      lastOffset = this.append(epoch, records.slice(start, start + MAX_RECORDS_PER_TURN));
    }
    return lastOffset;
  }
}
