/**
 * The snapshot files in the folder of the metadata log.
 *
 * A snapshot is written under a temporary name and gets its own once it is durable; on its way out it is renamed first, so that a crash
 * leaves nothing that looks whole and is not. Source: org.apache.kafka.snapshot.FileRawSnapshotWriter, Snapshots, KafkaRaftLog.
 */
import { CorruptDataError, type Random } from '@skarab/base';
import type { Storage, StorageFile } from '@skarab/log';
import { iterateBatches, type RecordBatch } from '@skarab/records';
import { controlMessages, type LocatedControlMessage } from '../core/control-message.ts';
import {
  compareOffsetAndEpoch,
  DELETED_SUFFIX,
  type OffsetAndEpoch,
  PARTIAL_SUFFIX,
  parseSnapshotFileName,
  SNAPSHOT_SUFFIX,
  snapshotName,
} from '../core/offset-and-epoch.ts';

/** Bytes read at a time. */
const READ_SIZE = 1024 * 1024;

/** A snapshot that is being written. */
export interface SnapshotFileWriter {
  append(bytes: Uint8Array): void;
  readonly sizeInBytes: number;
  /** Makes the snapshot durable and visible. */
  freeze(): Promise<void>;
  /** Gives it up. */
  abort(): void;
}

/** Snapshots in a folder. */
export class SnapshotFiles {
  readonly #storage: Storage;
  readonly #directory: string;
  readonly #random: Random;
  #ids: OffsetAndEpoch[] = [];

  constructor(storage: Storage, directory: string, random: Random) {
    this.#storage = storage;
    this.#directory = directory;
    this.#random = random;
  }

  /** Finds what is there; deletes what was not finished, and what lies before the log. */
  recover(logStartOffset: number): void {
    this.#ids = [];
    for (const { name } of this.#storage.list(this.#directory)) {
      const parsed = parseSnapshotFileName(name);
      if (parsed === null) continue;
      if (parsed.state === 'finished' && parsed.id.offset >= logStartOffset) this.#ids.push(parsed.id);
      else this.#storage.delete(`${this.#directory}/${name}`);
    }
    this.#ids.sort(compareOffsetAndEpoch);
    if (logStartOffset > 0 && this.#ids.length === 0) {
      throw new CorruptDataError(`The metadata log starts at ${logStartOffset}, but no snapshot reaches up to there`, {
        file: this.#directory,
      });
    }
  }

  /** The snapshot at the start of the log, where that is not 0. */
  get earliest(): OffsetAndEpoch | null {
    return this.#ids[0] ?? null;
  }

  /** Finished snapshots, oldest first. */
  get ids(): readonly OffsetAndEpoch[] {
    return this.#ids;
  }

  get latest(): OffsetAndEpoch | null {
    return this.#ids.at(-1) ?? null;
  }

  has(id: OffsetAndEpoch): boolean {
    return this.#ids.some((known) => compareOffsetAndEpoch(known, id) === 0);
  }

  sizeOf(id: OffsetAndEpoch): number {
    return this.#storage.status(this.#path(id))?.size ?? 0;
  }

  /** A piece of a snapshot; shorter at its end. */
  read(id: OffsetAndEpoch, position: number, maxBytes: number): Uint8Array {
    const piece = new Uint8Array(Math.max(0, Math.min(maxBytes, this.sizeOf(id) - position)));
    const size = this.#storage.file(this.#path(id)).read(piece, position);
    return piece.subarray(0, size);
  }

  /** When the last record of the log that a snapshot holds was appended. */
  timestampOf(id: OffsetAndEpoch): number {
    for (const batch of this.batches(id)) {
      for (const { message } of messagesOf(batch)) {
        if (message.type === 'SnapshotHeader') return message.lastContainedLogTimestampMs;
      }
      break;
    }
    throw new CorruptDataError('A snapshot does not begin with its header', { file: this.#path(id) });
  }

  /** The batches of a snapshot, read a piece at a time. Errors: `CorruptDataError` when the file ends within a batch. */
  *batches(id: OffsetAndEpoch): Generator<RecordBatch> {
    yield* readBatches(this.#storage.file(this.#path(id)));
  }

  /** Begins a snapshot. */
  create(id: OffsetAndEpoch): SnapshotFileWriter {
    this.#storage.makeDirectory(this.#directory);
    const partial = `${this.#directory}/${snapshotName(id)}-${this.#random.int(2 ** 31)}${PARTIAL_SUFFIX}`;
    const file = this.#storage.file(partial);
    let size = 0;
    return {
      append: (bytes) => {
        file.write([bytes], size);
        size += bytes.length;
      },
      get sizeInBytes() {
        return size;
      },
      freeze: async () => {
        await file.sync();
        file.close();
        this.#storage.rename(partial, this.#path(id));
        await this.#storage.syncDirectory(this.#directory);
        if (!this.has(id)) this.#ids = [...this.#ids, id].sort(compareOffsetAndEpoch);
      },
      abort: () => file.delete(),
    };
  }

  /** Forgets the snapshots before `id`; returns what deletes their files, to be called once nobody reads them any more. */
  forgetBefore(id: OffsetAndEpoch): () => void {
    return this.#forget((known) => compareOffsetAndEpoch(known, id) < 0);
  }

  /** Deletes a snapshot that turned out to be none. */
  remove(id: OffsetAndEpoch): void {
    this.#forget((known) => compareOffsetAndEpoch(known, id) === 0)();
  }

  /** Deletes all but one. */
  keepOnly(id: OffsetAndEpoch): void {
    this.#forget((known) => compareOffsetAndEpoch(known, id) !== 0)();
  }

  #forget(isOld: (known: OffsetAndEpoch) => boolean): () => void {
    const old = this.#ids.filter(isOld);
    this.#ids = this.#ids.filter((known) => !isOld(known));
    const marked = old.map((known) => {
      const path = `${this.#directory}/${snapshotName(known)}${DELETED_SUFFIX}`;
      this.#storage.rename(this.#path(known), path);
      return path;
    });
    return () => {
      for (const path of marked) this.#storage.delete(path);
    };
  }

  #path(id: OffsetAndEpoch): string {
    return `${this.#directory}/${snapshotName(id)}${SNAPSHOT_SUFFIX}`;
  }
}

/** The control messages of a batch; none for batches of records. */
export function messagesOf(batch: RecordBatch): Iterable<LocatedControlMessage> {
  return batch.isControlBatch ? controlMessages(batch) : [];
}

/** The batches of a file, read a piece at a time. */
export function* readBatches(file: StorageFile): Generator<RecordBatch> {
  const size = file.size();
  let position = 0;
  let wanted = READ_SIZE;
  while (position < size) {
    const piece = new Uint8Array(Math.min(wanted, size - position));
    file.read(piece, position);
    let consumed = 0;
    for (const batch of iterateBatches(piece)) {
      yield batch;
      consumed += batch.sizeInBytes;
    }
    if (consumed === 0 && position + piece.length === size) {
      throw new CorruptDataError('The file ends within a batch', { file: file.path, position });
    }
    wanted = consumed === 0 ? wanted * 2 : READ_SIZE;
    position += consumed;
  }
}
