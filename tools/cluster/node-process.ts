/**
 * One node of a cluster as a child process, started by a distribution's own scripts, on ports and a folder that it keeps over its lives.
 *
 * It serves when Kafka's own log line says so. It can be killed, stopped, paused and started again; its log goes on in one file.
 * The exit of the parent process kills it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Distribution, runProgram, writeProperties } from '../kafka-jvm/jvm.ts';

/** What a node is for its whole life. */
export interface NodeIdentity {
  readonly id: number;
  readonly distribution: Distribution;
  /** A listener each; undefined for a role that the node has not. */
  readonly port: number | undefined;
  readonly controllerPort: number | undefined;
  /** Holds everything of the node. */
  readonly folder: string;
  readonly properties: Readonly<Record<string, string>>;
}

const STARTED = '] Kafka Server started';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

export class NodeProcess {
  readonly id: number;
  readonly port: number | undefined;
  readonly controllerPort: number | undefined;
  readonly dataDir: string;
  readonly logFile: string;
  readonly propertiesFile: string;
  readonly #identity: NodeIdentity;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(identity: NodeIdentity) {
    this.#identity = identity;
    this.id = identity.id;
    this.port = identity.port;
    this.controllerPort = identity.controllerPort;
    this.dataDir = join(identity.folder, 'data');
    this.logFile = join(identity.folder, 'server.log');
    this.propertiesFile = join(identity.folder, 'server.properties');
  }

  /** Of the process that runs; undefined while none does. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** Formats the folder. Errors: rejects with what the tool said. */
  async format(args: readonly string[]): Promise<void> {
    const { distribution, properties } = this.#identity;
    await writeProperties(this.propertiesFile, { ...properties, 'log.dirs': this.dataDir });
    const command = ['format', '-c', this.propertiesFile, ...args];
    const { code, stdout, stderr } = await runProgram(distribution.bin('kafka-storage'), command, {});
    if (code !== 0) throw new Error(`kafka-storage format failed:\n${stdout}${stderr}`);
  }

  /** Starts a process and resolves when it serves. Errors: rejects with the end of its log when it does not. */
  async start(): Promise<void> {
    const { serves } = this.launch();
    if (await serves) return;
    const log = await readFile(this.logFile, 'utf8');
    throw new Error(`node ${this.id} did not start:\n${log.slice(-4000)}`);
  }

  /** Starts a process without waiting; `serves` tells whether it came to serve before it ended or its time was over. */
  launch(): { readonly serves: Promise<boolean> } {
    if (this.#child !== undefined) throw new Error(`node ${this.id} runs already`);
    const child = spawn(this.#identity.distribution.bin('kafka-server-start'), [this.propertiesFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        KAFKA_HEAP_OPTS: '-Xmx384M -Xms128M',
        KAFKA_JVM_PERFORMANCE_OPTS: '-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
        ...process.env,
      },
    });
    this.#child = child;
    const killNow = (): void => {
      child.kill('SIGKILL');
    };
    process.once('exit', killNow);
    const log = createWriteStream(this.logFile, { flags: 'a' });
    const { promise: serves, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), START_TIMEOUT_MS);
    let seen = '';
    const onData = (chunk: Buffer): void => {
      log.write(chunk);
      if (seen.includes(STARTED)) return;
      seen = (seen + chunk.toString()).slice(-8192);
      if (seen.includes(STARTED)) resolve(true);
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    this.#ended = new Promise((end) => {
      child.once('close', () => {
        clearTimeout(timer);
        process.off('exit', killNow);
        this.#child = undefined;
        log.end(() => {
          resolve(false);
          end();
        });
      });
    });
    serves.finally(() => clearTimeout(timer));
    return { serves };
  }

  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    return this.#ended;
  }

  /** Controlled shutdown; resolves when the process is gone. It is killed when that takes over half a minute. */
  async stop(): Promise<void> {
    const child = this.#child;
    child?.kill('SIGTERM');
    const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Does nothing until `resume`, and keeps its connections. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }
}
