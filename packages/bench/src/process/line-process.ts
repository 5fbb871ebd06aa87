/**
 * A child process that is asked by lines: `scenario key=value …` in; `BEGIN`, `END` and `RESULT {json}` or `ERROR text` out.
 *
 * The Java driver and the raw load generator both speak this. BEGIN and END mark what is measured, so that connecting and warming
 * clients up is in no figure. One question at a time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Command } from './server-process.ts';

/** Options of a request, written as `key=value`; no value holds white space. */
export type Options = Readonly<Record<string, string | number | boolean>>;

/** Told when the measured part begins and ends. */
export interface Marks {
  onBegin(): void;
  onEnd(): void;
}

interface Pending {
  readonly resolve: (result: Record<string, number>) => void;
  readonly reject: (error: Error) => void;
  readonly marks: Marks | undefined;
}

const START_TIMEOUT_MS = 60_000;

export class LineProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #name: string;
  #pending: Pending | undefined;
  #ended: Error | undefined;
  #onReady: () => void = () => {};
  readonly #killWithParent = (): void => {
    this.#child.kill('SIGKILL');
  };

  private constructor(name: string, command: Command) {
    this.#name = name;
    this.#child = spawn(command.program, command.args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.pid = this.#child.pid ?? -1;
    process.once('exit', this.#killWithParent);
    this.#child.stdin?.on('error', () => {});
    if (this.#child.stdout !== null) createInterface(this.#child.stdout).on('line', (line) => this.#onLine(line));
    this.#child.on('error', (error) => this.#onEnd(error));
    this.#child.on('exit', (code, signal) => this.#onEnd(new Error(`${name} ended (${signal ?? code})`)));
  }

  /** Starts the process and resolves when it has said READY. */
  static start(name: string, command: Command): Promise<LineProcess> {
    const started = new LineProcess(name, command);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        started.#child.kill('SIGKILL');
        reject(new Error(`${name} was not ready within ${START_TIMEOUT_MS} ms`));
      }, START_TIMEOUT_MS);
      const settle = (): void => {
        clearTimeout(timer);
        started.#pending = undefined;
      };
      started.#pending = {
        resolve: () => {},
        marks: undefined,
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      started.#onReady = () => {
        settle();
        resolve(started);
      };
    });
  }

  /** Asks and resolves with the result. Errors: rejects with the process's own words, when it ends, and after `timeoutMs` (which ends it). */
  ask(request: string, options: Options, timeoutMs: number, marks?: Marks): Promise<Record<string, number>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#pending !== undefined) return Promise.reject(new Error(`${this.#name} is busy`));
    const words = Object.entries(options).map(([key, value]) => `${key}=${value}`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs);
      this.#pending = {
        marks,
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#child.stdin?.write(`${[request, ...words].join(' ')}\n`);
    });
  }

  /** True once the process is gone; nothing can be asked any more. */
  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Ends the process. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  }

  #onLine(line: string): void {
    const [, word = '', rest = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    const pending = this.#pending;
    if (word === 'READY') this.#onReady();
    else if (word === 'BEGIN') pending?.marks?.onBegin();
    else if (word === 'END') pending?.marks?.onEnd();
    else if (word === 'RESULT' || word === 'ERROR') {
      this.#pending = undefined;
      if (word === 'RESULT') pending?.resolve(JSON.parse(rest) as Record<string, number>);
      else pending?.reject(new Error(rest));
    }
  }

  #onEnd(error: Error): void {
    this.#ended ??= error;
    process.off('exit', this.#killWithParent);
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(this.#ended);
  }
}
