/**
 * A Java program that runs until it is ended: a Connect worker, a MirrorMaker, an application of Kafka Streams.
 *
 * Small heap, the quick compiler only: its start is most of what such a test costs. It is killed when the test ends, or this process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import type { KafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { until } from '../cluster/harness.ts';

const STOP_TIMEOUT_MS = 30_000;
const KEPT_OUTPUT = 20_000;

/** A running program and the end of what it has printed. */
export class JavaProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #output = '';

  /** Starts one of Kafka's scripts, with `classes` (see KafkaJvm.compile) behind its class path. */
  constructor(t: TestContext, jvm: KafkaJvm, script: string, args: readonly string[], classes = '') {
    const env = {
      KAFKA_HEAP_OPTS: '-Xmx256M',
      KAFKA_JVM_PERFORMANCE_OPTS: '-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
      KAFKA_LOG4J_OPTS: `-Dlog4j2.configurationFile=file:${join(jvm.home, 'conf', 'tool-log4j2.properties')}`,
      ...process.env,
      ...(classes === '' ? {} : { CLASSPATH: classes }),
    };
    this.#child = spawn(jvm.bin(script), args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#closed = once(this.#child, 'close');
    // What is said to somebody who has ended is lost.
    this.#child.stdin!.on('error', () => {});
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT);
      });
    }
    const killNow = (): void => {
      this.#child.kill('SIGKILL');
    };
    process.once('exit', killNow);
    this.#child.once('close', () => process.off('exit', killNow));
    t.after(() => this.kill());
  }

  /** The end of what it has printed on both streams. */
  get output(): string {
    return this.#output;
  }

  /** Has a listener hear each line that it prints from now on. */
  onLine(listener: (line: string) => void): void {
    createInterface({ input: this.#child.stdout! }).on('line', listener);
  }

  /** Gives it a line to read. */
  say(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Gives it nothing more to read, and waits until it has ended; returns its exit code. */
  async finish(): Promise<number | null> {
    this.#child.stdin!.end();
    await this.#closed;
    return this.#child.exitCode;
  }

  /** Waits until a condition holds. Errors: rejects with the end of the output when the program ends first or the time is up. */
  async until(holds: () => Promise<boolean>, what: string, withinMs?: number): Promise<void> {
    const ask = async (): Promise<boolean> => {
      if (this.hasEnded) throw new Error('the program ended');
      return holds();
    };
    try {
      await until(ask, (answer) => answer, what, withinMs);
    } catch (error) {
      throw new Error(`${what}: in vain\n${this.#output}`, { cause: error });
    }
  }

  /** Ends it in order, as SIGTERM does. Errors: rejects when it takes too long. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#child.kill('SIGKILL');
    }, STOP_TIMEOUT_MS);
    await this.#closed;
    clearTimeout(timer);
    if (isLate) throw new Error(`the program did not end in ${STOP_TIMEOUT_MS} ms\n${this.#output}`);
  }

  /** It stands still until `resume`, and does not know it. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends it at once, as kill -9 does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    if (!this.hasEnded) await this.#closed;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
