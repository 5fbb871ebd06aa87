/** A place for a processor of a bank (java/BankProcessor.java), which stalls, or is killed and followed by another with the same transactional id. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from './bank-events.ts';
import type { JavaProcess } from './java-process.ts';

/** For a step to be taken. */
const STEP_TIMEOUT_MS = 5000;

/** Starts a processor; a listener hears its steps. */
export type StartProcessor = (life: number, listener: (what: string) => void) => Promise<JavaProcess>;

export class BankSlot {
  kills = 0;
  /** Kills amid an open transaction. */
  cuts = 0;
  /** Kills when the answer to a commit was awaited. */
  cutCommits = 0;
  stalls = 0;
  readonly #start: StartProcessor;
  #process: JavaProcess | undefined;
  #lives = 0;
  /** What the processor has told last. */
  #last: string | undefined;
  /** Hears what it tells next. */
  #onStep: (what: string) => void = () => {};

  constructor(start: StartProcessor) {
    this.#start = start;
  }

  async start(): Promise<void> {
    this.#last = undefined;
    this.#process = await this.#start(this.#lives++, (what) => {
      this.#last = what;
      this.#onStep(what);
    });
  }

  /** Waits until a step is told, or some seconds. */
  async untilTold(step: Step): Promise<void> {
    const { promise: isTime, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, STEP_TIMEOUT_MS);
    this.#onStep = (what) => {
      if (what === step) resolve();
    };
    await isTime;
    clearTimeout(timer);
  }

  /** It stands still, and goes on as if nothing had been. */
  async stall(ms: number): Promise<void> {
    this.stalls++;
    this.#process!.pause();
    await sleep(ms);
    this.#process!.resume();
  }

  /** kill -9. Errors: rejects when the processor has ended by itself. */
  async kill(): Promise<void> {
    if (this.#process!.hasEnded) throw new Error(`a processor has ended\n${this.output}`);
    await this.#process!.kill();
    this.kills++;
    if (this.#last === 'began' || this.#last === 'sent') this.cuts++;
    if (this.#last === 'committing') this.cutCommits++;
  }

  /** Ends in order. Errors: rejects when the processor did not end well. */
  async finish(): Promise<void> {
    const code = await this.#process!.finish();
    if (code !== 0) throw new Error(`a processor ended with ${code}\n${this.output}`);
  }

  get output(): string {
    return this.#process!.output;
  }
}
