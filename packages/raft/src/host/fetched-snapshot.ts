/**
 * A snapshot of the leader's on its way to this node's disk. Its pieces are bytes: they need not end where batches do.
 */
import { assert } from '@skarab/base';
import type { OffsetAndEpoch } from '../core/offset-and-epoch.ts';
import type { SnapshotFiles, SnapshotFileWriter } from './snapshot-files.ts';

/** At most one snapshot that is being fetched. */
export class FetchedSnapshot {
  readonly #snapshots: SnapshotFiles;
  #writer: SnapshotFileWriter | null = null;

  constructor(snapshots: SnapshotFiles) {
    this.#snapshots = snapshots;
  }

  begin(id: OffsetAndEpoch): void {
    this.abort();
    this.#writer = this.#snapshots.create(id);
  }

  append(position: number, bytes: Uint8Array): void {
    assert(this.#writer?.sizeInBytes === position, 'pieces of a snapshot follow on each other');
    this.#writer.append(bytes);
  }

  /** Resolves when the snapshot is durable and has its name. Errors: rejects with `StorageError`. */
  async finish(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.freeze();
  }

  abort(): void {
    this.#writer?.abort();
    this.#writer = null;
  }
}
