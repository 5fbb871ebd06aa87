/**
 * Cleans in threads, so that neither decompression nor hashing holds up the event loop.
 *
 * Threads are made when they are needed and let go after a few idle seconds, so that a broker without work for them has none. What is
 * too small to be worth one is cleaned on the loop, and so is everything where threads cannot be made.
 */
import { Worker } from 'node:worker_threads';
import { KafkaError, type Logger } from '@skarab/base';
import type { CleanedSegment, CleaningOutcome, CleaningTask } from '../../core/cleaner/cleaning-task.ts';
import type { CleaningRunner, CommitCleaned } from './run-cleaning.ts';
import { errorOf, type FromCleanerThread, type ToCleanerThread } from './worker-messages.ts';

/** Segments of less than this together are cleaned on the loop. */
const LEAST_BYTES = 4 * 1024 * 1024;
const IDLE_MS = 5000;

export interface ThreadRunnerOptions {
  /** For what is not cleaned in a thread. */
  readonly loop: CleaningRunner;
  readonly logger: Logger;
  /** The entry of a thread; default: beside this file, or beside the bundle. */
  readonly entry?: URL;
  /** Bytes from which on a thread is used. */
  readonly leastBytes?: number;
}

export class ThreadRunner implements CleaningRunner {
  readonly #options: ThreadRunnerOptions;
  readonly #idle: CleanerThread[] = [];
  #isAvailable = true;

  constructor(options: ThreadRunnerOptions) {
    this.#options = options;
  }

  async run(task: CleaningTask, commit: CommitCleaned, signal: AbortSignal): Promise<CleaningOutcome> {
    const { loop, logger, leastBytes = LEAST_BYTES } = this.#options;
    const size = task.segments.reduce((sum, segment) => sum + segment.size, 0);
    if (!this.#isAvailable || size < leastBytes) return loop.run(task, commit, signal);
    const thread = this.#idle.pop() ?? new CleanerThread(this.#options.entry ?? defaultEntry());
    const failure = await thread.ready;
    if (failure !== null) {
      this.#isAvailable = false;
      logger.warn({ error: failure.message }, 'cleaning logs on the event loop, because threads cannot be made');
      return loop.run(task, commit, signal);
    }
    try {
      return await thread.run(task, commit, signal);
    } finally {
      if (thread.isAlive) this.#park(thread);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.end()));
  }

  #park(thread: CleanerThread): void {
    this.#idle.push(thread);
    thread.endIfIdle(IDLE_MS, () => {
      const index = this.#idle.indexOf(thread);
      if (index >= 0) this.#idle.splice(index, 1);
    });
  }
}

/** The thread's entry as a source file, or as the bundle of that name. */
function defaultEntry(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(isSource ? './cleaner-thread.ts' : './cleaner-thread.mjs', import.meta.url);
}

/** One thread, and the task that it has. */
class CleanerThread {
  /** Resolves with null when the thread has begun to listen, with the reason when it could not. */
  readonly ready: Promise<Error | null>;
  isAlive = true;
  readonly #worker: Worker;
  #onMessage: (message: FromCleanerThread) => void = () => {};
  #onError: (error: Error) => void = () => {};
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(entry: URL) {
    this.#worker = new Worker(entry, { name: 'log-cleaner' });
    this.ready = new Promise((resolve) => {
      this.#onError = resolve;
      this.#onMessage = () => resolve(null);
    });
    this.#worker.on('message', (message: FromCleanerThread) => this.#onMessage(message));
    this.#worker.on('error', (error: Error) => this.#onDeath(error));
    this.#worker.on('exit', (code) => this.#onDeath(new KafkaError('CLEANER_THREAD', `the thread ended: ${code}`)));
  }

  run(task: CleaningTask, commit: CommitCleaned, signal: AbortSignal): Promise<CleaningOutcome> {
    clearTimeout(this.#idleTimer);
    this.#worker.ref();
    const cancel = (): void => this.#say({ type: 'cancel' });
    let commitFailure: { readonly error: unknown } | null = null;
    const tryCommit = async (cleaned: CleanedSegment): Promise<void> => {
      let isCommitted = false;
      try {
        isCommitted = await commit(cleaned);
      } catch (error) {
        commitFailure = { error };
      }
      this.#say({ type: 'committed', isCommitted });
    };
    const outcome = new Promise<CleaningOutcome>((resolve, reject) => {
      this.#onError = reject;
      this.#onMessage = (message) => {
        if (message.type === 'commit') void tryCommit(message.cleaned);
        else if (message.type === 'failed') reject(errorOf(message.failure));
        else if (message.type === 'done' && commitFailure === null) resolve(message.outcome);
        else if (message.type === 'done') reject(commitFailure!.error);
      };
      this.#say({ type: 'clean', task });
      signal.addEventListener('abort', cancel);
      if (signal.aborted) cancel();
    });
    return outcome.finally(() => {
      signal.removeEventListener('abort', cancel);
      this.#worker.unref();
    });
  }

  /** Ends the thread, and calls back, unless it gets a task before. */
  endIfIdle(delayMs: number, onEnd: () => void): void {
    this.#idleTimer = setTimeout(() => {
      onEnd();
      void this.end();
    }, delayMs);
    this.#idleTimer.unref();
  }

  async end(): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.isAlive = false;
    await this.#worker.terminate();
  }

  #say(message: ToCleanerThread): void {
    this.#worker.postMessage(message);
  }

  #onDeath(error: Error): void {
    this.isAlive = false;
    this.#onError(error);
  }
}
