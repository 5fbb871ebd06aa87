/**
 * Cleans on the event loop, a few milliseconds at a time: for storage in memory, for small logs, and where there are no threads.
 */
import type { Clock } from '@skarab/base';
import type { CleaningOutcome, CleaningTask } from '../../core/cleaner/cleaning-task.ts';
import type { Storage } from '../../ports.ts';
import { type CleaningRunner, type CommitCleaned, runCleaning } from './run-cleaning.ts';

const SLICE_MS = 2;
/** One step reads and works off so much. */
const STEP_BYTES = 64 * 1024;

export class LoopRunner implements CleaningRunner {
  readonly #storage: Storage;
  readonly #clock: Clock;

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  run(task: CleaningTask, commit: CommitCleaned, signal: AbortSignal): Promise<CleaningOutcome> {
    const { limits } = task;
    const readBufferBytes = Math.min(limits.readBufferBytes, STEP_BYTES);
    return runCleaning(
      { ...task, limits: { ...limits, readBufferBytes } },
      { storage: this.#storage, clock: this.#clock, sliceMs: SLICE_MS, readsAtOnce: false },
      commit,
      signal,
    );
  }

  async close(): Promise<void> {}
}
