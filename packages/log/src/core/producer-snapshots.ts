/**
 * The producer snapshots of one log: taken when a segment begins and when the log is closed, so that loading need not read the log.
 *
 * Source: org.apache.kafka.storage.internals.log.ProducerStateManager (the part about files).
 */
import { CorruptDataError, type Logger } from '@skarab/base';
import type { Storage } from '../ports.ts';
import { DELETED_SUFFIX, offsetOfFileName, SNAPSHOT_SUFFIX, segmentFileName } from './file-names.ts';
import { decodeSnapshot, encodeSnapshot } from './producer-snapshot.ts';
import { isExpired, type ProducerState } from './producer-state.ts';

export class ProducerSnapshots {
  readonly #storage: Storage;
  readonly #logger: Logger;
  #directory: string;
  /** Offsets of the snapshots there are, ascending. */
  #offsets: number[];
  /** Offset of the newest snapshot taken or loaded: the next must be beyond. */
  #lastSnapshotOffset = 0;

  constructor(storage: Storage, logger: Logger, directory: string, fileNames: readonly string[]) {
    this.#storage = storage;
    this.#logger = logger;
    this.#directory = directory;
    this.#offsets = fileNames
      .filter((name) => name.endsWith(SNAPSHOT_SUFFIX))
      .map(offsetOfFileName)
      .filter((offset) => offset !== null)
      .sort((a, b) => a - b);
  }

  get offsets(): readonly number[] {
    return this.#offsets;
  }

  get latestOffset(): number | null {
    return this.#offsets.at(-1) ?? null;
  }

  /** The log's folder has moved. */
  relocate(directory: string): void {
    this.#directory = directory;
  }

  /** Writes the state as it is at its end offset, unless that was done; returns the path of the new file. */
  take(state: ProducerState): string | null {
    const offset = state.mapEndOffset;
    if (offset <= this.#lastSnapshotOffset) return null;
    const path = this.pathOf(offset);
    this.#storage.replaceFile(path, encodeSnapshot(state.producers.values()));
    if (this.latestOffset === null || this.latestOffset < offset) this.#offsets.push(offset);
    else if (!this.#offsets.includes(offset)) this.#offsets = [...this.#offsets, offset].sort((a, b) => a - b);
    this.#lastSnapshotOffset = offset;
    return path;
  }

  /** Fills an empty state from the newest readable snapshot; without one the state begins at `logStartOffset`. */
  loadLatest(state: ProducerState, logStartOffset: number, nowMs: number, expirationMs: number): void {
    for (let offset = this.latestOffset; offset !== null; offset = this.latestOffset) {
      const path = this.pathOf(offset);
      try {
        const bytes = this.#storage.readFile(path) ?? new Uint8Array(0);
        for (const entry of decodeSnapshot(bytes, path)) {
          if (!isExpired(entry, nowMs, expirationMs)) state.load(entry);
        }
        state.mapEndOffset = offset;
        this.#lastSnapshotOffset = offset;
        return;
      } catch (error) {
        if (!(error instanceof CorruptDataError)) throw error;
        this.#logger.warn({ file: path, error: error.message }, 'removing an unreadable producer snapshot');
        this.delete(offset);
      }
    }
    state.mapEndOffset = logStartOffset;
    this.#lastSnapshotOffset = logStartOffset;
  }

  /** The log begins later: what lies before is of no use. */
  onLogStartOffset(logStartOffset: number): void {
    this.#lastSnapshotOffset = this.latestOffset ?? logStartOffset;
  }

  /** Removes the snapshots outside of (logStartOffset, logEndOffset]. */
  deleteOutside(logStartOffset: number, logEndOffset: number): void {
    for (const offset of [...this.#offsets]) {
      if (offset > logEndOffset || offset <= logStartOffset) this.delete(offset);
    }
  }

  /** Removes the snapshots before `offset`. */
  deleteBefore(offset: number): void {
    for (const candidate of [...this.#offsets]) {
      if (candidate < offset) this.delete(candidate);
    }
  }

  deleteAll(): void {
    for (const offset of [...this.#offsets]) this.delete(offset);
    this.#lastSnapshotOffset = 0;
  }

  /** Removes snapshots that belong to no segment, except the newest one if it is behind the last segment's base offset. */
  deleteStray(segmentBaseOffsets: readonly number[]): void {
    const bases = new Set(segmentBaseOffsets);
    const lastBase = segmentBaseOffsets.at(-1) ?? -1;
    const strays = this.#offsets.filter((offset) => !bases.has(offset));
    const kept = strays.at(-1);
    for (const offset of strays) {
      if (offset !== kept || offset < lastBase) this.delete(offset);
    }
  }

  delete(offset: number): void {
    this.#forget(offset);
    this.#storage.delete(this.pathOf(offset));
  }

  /** Marks the snapshot at `offset` as deleted; returns the path of what is to be removed later, null when there is none. */
  markDeleted(offset: number): string | null {
    if (!this.#offsets.includes(offset)) return null;
    this.#forget(offset);
    const path = this.pathOf(offset);
    if (this.#storage.status(path) === null) return null;
    this.#storage.rename(path, `${path}${DELETED_SUFFIX}`);
    return `${path}${DELETED_SUFFIX}`;
  }

  pathOf(offset: number): string {
    return `${this.#directory}/${segmentFileName(offset, SNAPSHOT_SUFFIX)}`;
  }

  #forget(offset: number): void {
    this.#offsets = this.#offsets.filter((other) => other !== offset);
  }
}
