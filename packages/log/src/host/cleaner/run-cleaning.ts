/**
 * Carries out one cleaning: drives the core's steps, keeps to the throttle, makes each new segment durable and has it committed.
 *
 * Runs on the event loop, where it lets others have their turn every few milliseconds, and as it is in a worker thread.
 */
import type { Clock } from '@skarab/base';
import type { CleanedSegmentWriter } from '../../core/cleaner/cleaned-segment-writer.ts';
import { ioBytesOf } from '../../core/cleaner/cleaner-stats.ts';
import { Cleaning } from '../../core/cleaner/cleaning.ts';
import type {
  CleanedSegment,
  CleaningOutcome,
  CleaningTask,
  SegmentToClean,
} from '../../core/cleaner/cleaning-task.ts';
import { Throttle } from '../../core/cleaner/throttle.ts';
import type { Steps } from '../../core/steps.ts';
import type { Storage } from '../../ports.ts';

/** Puts a new segment in its place; false when the log has no place for it any more, and the cleaning is to end. */
export type CommitCleaned = (cleaned: CleanedSegment) => Promise<boolean>;

/** Where cleanings are carried out. */
export interface CleaningRunner {
  /** Rejects with what goes wrong, storage and damaged data included. An aborted cleaning is an incomplete one. */
  run(task: CleaningTask, commit: CommitCleaned, signal: AbortSignal): Promise<CleaningOutcome>;
  /** Lets threads go; nothing is running. */
  close(): Promise<void>;
}

/** What a cleaning needs of where it runs. */
export interface CleaningSurroundings {
  readonly storage: Storage;
  readonly clock: Clock;
  /** How long to go on without letting others have their turn. */
  readonly sliceMs: number;
  /** Read without waiting for the event loop. */
  readonly readsAtOnce: boolean;
}

/** The cleaning is not wanted any more. */
class CleaningAborted extends Error {}

/** Cleans a log. */
export async function runCleaning(
  task: CleaningTask,
  surroundings: CleaningSurroundings,
  commit: CommitCleaned,
  signal: AbortSignal,
): Promise<CleaningOutcome> {
  const run = new CleaningRun(task, surroundings, signal);
  let isComplete = true;
  try {
    await run.clean(commit);
  } catch (error) {
    if (!(error instanceof CleaningAborted)) throw error;
    isComplete = false;
  }
  return run.outcome(isComplete);
}

class CleaningRun {
  readonly #surroundings: CleaningSurroundings;
  readonly #signal: AbortSignal;
  readonly #cleaning: Cleaning;
  readonly #throttle: Throttle;
  readonly #startMs: number;
  #sliceStartMs: number;
  #observedBytes = 0;

  constructor(task: CleaningTask, surroundings: CleaningSurroundings, signal: AbortSignal) {
    this.#surroundings = surroundings;
    this.#signal = signal;
    this.#cleaning = new Cleaning(surroundings.storage, task);
    this.#startMs = this.#nowMs();
    this.#sliceStartMs = this.#startMs;
    this.#throttle = new Throttle(task.limits.maxIoBytesPerSecond, this.#startMs);
  }

  async clean(commit: CommitCleaned): Promise<void> {
    await this.#drive(this.#cleaning.buildMap());
    this.#cleaning.stats.mapMs = this.#nowMs() - this.#startMs;
    for (const group of this.#cleaning.groups()) {
      const target = this.#cleaning.newSegment(group);
      try {
        await this.#cleanGroup(group, target, commit);
      } catch (error) {
        deleteIfPossible(target);
        throw error;
      }
    }
  }

  outcome(isComplete: boolean): CleaningOutcome {
    const { stats, endOffset } = this.#cleaning;
    stats.elapsedMs = this.#nowMs() - this.#startMs;
    return { isComplete, endOffset, stats };
  }

  async #cleanGroup(
    group: readonly SegmentToClean[],
    target: CleanedSegmentWriter,
    commit: CommitCleaned,
  ): Promise<void> {
    await this.#drive(this.#cleaning.clean(group, target));
    await Promise.all(target.files.map((file) => file.sync()));
    target.setModifiedMs(group.at(-1)!.modifiedMs);
    target.close();
    const { size, hasTxnIndex } = target;
    const replaces = group.map(({ baseOffset }) => baseOffset);
    if (!(await commit({ baseOffset: replaces[0]!, size, hasTxnIndex, replaces }))) throw new CleaningAborted();
  }

  async #drive(steps: Steps<void>): Promise<void> {
    try {
      let step = steps.next(0);
      while (!step.done) {
        await this.#pause();
        const { file, target, position } = step.value;
        const { readsAtOnce } = this.#surroundings;
        step = steps.next(readsAtOnce ? file.read(target, position) : await file.readAsync(target, position));
      }
      await this.#pause();
    } finally {
      steps.return();
    }
  }

  /** Waits as the throttle and the event loop demand. */
  async #pause(): Promise<void> {
    const { clock, sliceMs } = this.#surroundings;
    const ioBytes = ioBytesOf(this.#cleaning.stats);
    const waitMs = this.#throttle.observe(ioBytes - this.#observedBytes, this.#nowMs());
    this.#observedBytes = ioBytes;
    if (waitMs > 0) {
      await this.#sleep(waitMs);
      this.#throttle.onWaited(this.#nowMs());
      this.#sliceStartMs = this.#nowMs();
    } else if (this.#nowMs() - this.#sliceStartMs >= sliceMs) {
      await new Promise<void>((resolve) => clock.soon(resolve));
      this.#sliceStartMs = this.#nowMs();
    }
    if (this.#signal.aborted) throw new CleaningAborted();
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel();
        this.#signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = this.#surroundings.clock.after(delayMs, wake);
      this.#signal.addEventListener('abort', wake);
    });
  }

  #nowMs(): number {
    return this.#surroundings.clock.monotonicMs();
  }
}

/** What cannot be removed now, is when the log is loaded. */
function deleteIfPossible(target: CleanedSegmentWriter): void {
  try {
    target.close();
    target.delete();
  } catch {}
}
