/**
 * Keeps `leader-epoch-checkpoint` behind the epochs in memory: durably, without making anybody wait, one write per log at a time.
 *
 * The file may lag behind the log's end, because recovery reads epochs from the batches again; it must not lag behind the recovery
 * point, so the flusher waits for `settled`.
 */
import { StorageError } from '@skarab/base';
import { encodeEpochs } from '../core/checkpoint-text.ts';
import { LEADER_EPOCH_CHECKPOINT } from '../core/file-names.ts';
import type { PartitionLog } from '../core/partition-log.ts';
import type { Storage } from '../ports.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';

/** Files written at a time. */
const MAX_WRITES = 16;

export class EpochCheckpoints {
  readonly #storage: Storage;
  readonly #limit = new ConcurrencyLimit(MAX_WRITES);
  readonly #onError: (log: PartitionLog, error: StorageError) => void;
  readonly #dirty = new Set<PartitionLog>();
  readonly #writing = new Map<PartitionLog, Promise<void>>();

  constructor(storage: Storage, onError: (log: PartitionLog, error: StorageError) => void) {
    this.#storage = storage;
    this.#onError = onError;
  }

  /** The epochs of a log have changed. */
  onChanged(log: PartitionLog): void {
    this.#dirty.add(log);
    if (this.#writing.has(log)) return;
    this.#writing.set(log, this.#write(log));
  }

  /** Resolves when the file of a log has what its epochs are now; undefined when it has already. */
  settled(log: PartitionLog): Promise<void> | undefined {
    return this.#writing.get(log);
  }

  async #write(log: PartitionLog): Promise<void> {
    const { state } = log;
    try {
      while (this.#dirty.delete(log) && !state.isClosed) {
        const { directory } = state;
        try {
          const path = `${directory}/${LEADER_EPOCH_CHECKPOINT}`;
          await this.#limit.run(async () => {
            if (directory === state.directory)
              await this.#storage.replaceFileDurably(path, encodeEpochs(state.epochs.entries));
            else this.#dirty.add(log);
          });
        } catch (error) {
          if (!(error instanceof StorageError)) throw error;
          // The folder was renamed under way: again, in the new one.
          if (directory !== state.directory) this.#dirty.add(log);
          else if (!state.isClosed) this.#onError(log, error);
        }
      }
    } finally {
      this.#writing.delete(log);
    }
  }
}
