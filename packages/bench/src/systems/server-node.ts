/**
 * One node of a server under test, with its folder: formatted, started, asked through one connection, stopped or killed, started again.
 */
import { rm } from 'node:fs/promises';
import { ServerProcess } from '../process/server-process.ts';
import { FatalError } from '../process/time.ts';
import { connectWhenReady } from '../wire/readiness.ts';
import { WireClient } from '../wire/wire-client.ts';
import type { NodeFiles } from './node-files.ts';
import { runCommand } from './program.ts';
import type { SystemUnderTest } from './system.ts';

const START_TIMEOUT_MS = 300_000;

export class ServerNode {
  readonly system: SystemUnderTest;
  readonly #files: NodeFiles;
  #process: ServerProcess | undefined;
  #client: WireClient | undefined;

  constructor(system: SystemUnderTest, files: NodeFiles) {
    this.system = system;
    this.#files = files;
  }

  get id(): number {
    return this.#files.id;
  }

  get address(): string {
    return `${this.#files.address.host}:${this.#files.address.port}`;
  }

  get dataDir(): string {
    return this.#files.dataDir;
  }

  get pid(): number {
    return this.#started.pid;
  }

  /** When the process was spawned, as `now()` says it. */
  get spawnedAtMs(): number {
    return this.#started.spawnedAtMs;
  }

  /** A connection for preparations, made when the node was ready. */
  get client(): WireClient {
    if (this.#client === undefined) throw new Error(`${this.system.name} is not started`);
    return this.#client;
  }

  /** Another connection; whoever asks closes it. */
  connect(): Promise<WireClient> {
    return WireClient.connect(this.#files.address);
  }

  async format(): Promise<void> {
    const command = this.system.formatCommand(this.#files);
    if (command !== undefined) await runCommand(command);
  }

  /** Spawns the node and resolves when it serves, and knows that many brokers. Errors: rejects with the end of its log. */
  async start(brokers: number): Promise<void> {
    const server = new ServerProcess(this.system.startCommand(this.#files), this.#files.logFile);
    this.#process = server;
    const checkAlive = (): void => {
      if (server.hasEnded) throw new FatalError(`${this.system.name} ended at its start:\n${server.logTail()}`);
    };
    this.#client = await connectWhenReady(this.#files.address, { brokers, timeoutMs: START_TIMEOUT_MS, checkAlive });
  }

  /** Ends it in order; resolves with how many milliseconds that took. */
  async stop(): Promise<number> {
    this.#client?.close();
    return (await this.#process?.stop()) ?? 0;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#client?.close();
  }

  /** Ends it at once and removes its folder. */
  async discard(): Promise<void> {
    await this.kill();
    await rm(this.#files.folder, { recursive: true, force: true });
  }

  get #started(): ServerProcess {
    if (this.#process === undefined) throw new Error(`${this.system.name} is not started`);
    return this.#process;
  }
}
