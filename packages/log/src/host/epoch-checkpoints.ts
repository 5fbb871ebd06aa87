/**
 * Keeps `leader-epoch-checkpoint` behind the epochs in memory: durably, without making anybody wait, one write per log at a time.
 *
 * The file may lag behind the log's end, because recovery reads epochs from the batches again; it must not lag behind the recovery
 * point, so the flusher hurries the write and waits for `settled`. Otherwise writes begin a little later: a thousand partitions that
 * are made or recovered serve first, and what recovery and the election after it change is written once.
 */
import { type Clock, StorageError } from '@skarab/base';
import { encodeEpochs } from '../core/checkpoint-text.ts';
import { LEADER_EPOCH_CHECKPOINT } from '../core/file-names.ts';
import type { PartitionLog } from '../core/partition-log.ts';
import type { Storage } from '../ports.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';

/** Files written at a time. */
const MAX_WRITES = 16;
/** How long a change may wait for others. */
const DELAY_MS = 1000;

export class EpochCheckpoints {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #limit = new ConcurrencyLimit(MAX_WRITES);
  readonly #onError: (log: PartitionLog, error: StorageError) => void;
  readonly #dirty = new Set<PartitionLog>();
  readonly #writing = new Map<PartitionLog, Promise<void>>();
  #isScheduled = false;

  constructor(storage: Storage, clock: Clock, onError: (log: PartitionLog, error: StorageError) => void) {
    this.#storage = storage;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** The epochs of a log have changed. */
  onChanged(log: PartitionLog): void {
    this.#dirty.add(log);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.after(DELAY_MS, () => {
      this.#isScheduled = false;
      for (const dirty of this.#dirty) this.#begin(dirty);
    });
  }

  /** Writes what a log waits to have written; resolves when its file has what its epochs are now, undefined when it has already. */
  settled(log: PartitionLog): Promise<void> | undefined {
    if (this.#dirty.has(log)) this.#begin(log);
    return this.#writing.get(log);
  }

  #begin(log: PartitionLog): void {
    if (log.state.isClosed) this.#dirty.delete(log);
    else if (!this.#writing.has(log)) this.#writing.set(log, this.#write(log));
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
