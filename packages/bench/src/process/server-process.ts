/**
 * A server as a child process: its output goes to a file, its exit is awaited, the exit of this process kills it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { now } from './time.ts';

/** What to run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

const STOP_TIMEOUT_MS = 60_000;
const LOG_TAIL_CHARACTERS = 2000;

export class ServerProcess {
  readonly pid: number;
  /** When it was spawned, as `now()` says it. */
  readonly spawnedAtMs: number;
  readonly #child: ChildProcess;
  readonly #logFile: string;
  readonly #ended: Promise<void>;
  readonly #killWithParent = (): void => {
    this.#child.kill('SIGKILL');
  };

  constructor(command: Command, logFile: string) {
    this.#logFile = logFile;
    const output = openSync(logFile, 'a');
    this.spawnedAtMs = now();
    this.#child = spawn(command.program, command.args, { stdio: ['ignore', output, output] });
    closeSync(output);
    this.pid = this.#child.pid ?? -1;
    // Before whoever removes its folder then.
    process.prependOnceListener('exit', this.#killWithParent);
    this.#ended = new Promise((resolve) => {
      const onEnd = (): void => {
        process.off('exit', this.#killWithParent);
        resolve();
      };
      this.#child.once('error', onEnd);
      this.#child.once('exit', onEnd);
    });
  }

  get hasEnded(): boolean {
    return this.pid === -1 || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The end of what the server wrote. */
  logTail(): string {
    return readFileSync(this.#logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS);
  }

  /** Ends it with SIGTERM, with SIGKILL when that takes a minute; resolves with the milliseconds it took. */
  async stop(): Promise<number> {
    const start = now();
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
    return now() - start;
  }

  /** Ends it as a power cut would, as far as the process is concerned. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
