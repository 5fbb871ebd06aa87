/**
 * What an active controller does from time to time. A task that says that there is more to do runs again soon.
 *
 * Source: org.apache.kafka.controller.PeriodicTaskControlManager.
 */
import type { Clock, Logger, Timer } from '@skarab/base';

/** Something to do every `periodMs`. */
export interface PeriodicTask {
  readonly name: string;
  readonly periodMs: number;
  /** Returns true when it should run again soon. */
  readonly run: () => boolean;
}

const SOON_MS = 10;
const AFTER_ERROR_MS = 300_000;

/** Tasks with a timer each. */
export class PeriodicTasks {
  readonly #tasks: readonly PeriodicTask[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #timers = new Map<PeriodicTask, Timer>();

  constructor(tasks: readonly PeriodicTask[], clock: Clock, logger: Logger) {
    this.#tasks = tasks;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Every task runs for the first time after its period. */
  start(): void {
    for (const task of this.#tasks) this.#schedule(task, task.periodMs);
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  /** Runs a task before its time, unless the tasks have been stopped. */
  runSoon(name: string): void {
    const task = this.#tasks.find((each) => each.name === name);
    if (task !== undefined && this.#timers.has(task)) this.#reschedule(task, 0);
  }

  #schedule(task: PeriodicTask, delayMs: number): void {
    this.#timers.set(
      task,
      this.#clock.after(delayMs, () => this.#run(task)),
    );
  }

  #run(task: PeriodicTask): void {
    try {
      this.#schedule(task, task.periodMs);
      if (!task.run() || !this.#timers.has(task)) return;
      this.#reschedule(task, SOON_MS);
    } catch (error) {
      this.#logger.error({ error, task: task.name }, 'periodic task failed');
      if (this.#timers.has(task)) this.#reschedule(task, AFTER_ERROR_MS);
    }
  }

  #reschedule(task: PeriodicTask, delayMs: number): void {
    this.#timers.get(task)?.cancel();
    this.#schedule(task, delayMs);
  }
}
