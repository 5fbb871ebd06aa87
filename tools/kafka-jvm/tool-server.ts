/**
 * Kafka's command line tools, called one after the other in one JVM: a tool costs tens of milliseconds instead of a JVM's start.
 *
 * The other half is java/ToolServer.java. Calls queue; each has a time limit, and one that overruns it takes the JVM with it, the next
 * call starting another. Not for tools that run until they are signalled, nor for the verifiable clients, which end in JVM hooks.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { KafkaJvm } from './jvm.ts';
import type { ToolResult } from './program.ts';

export interface ToolCallOptions {
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
}

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: Interface;
}

/** One JVM that runs tools. */
export class ToolServer {
  readonly #jvm: KafkaJvm;
  #running: Running | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(jvm: KafkaJvm) {
    this.#jvm = jvm;
  }

  /** Runs a tool by its script's name, e.g. `tool('topics', ['--list', …])`. Errors: rejects when the time (default 30 s) is up. */
  tool(name: string, args: readonly string[], options: ToolCallOptions = {}): Promise<ToolResult> {
    const mainClass = mainClassOf(this.#jvm.bin(name));
    const words = [options.input ?? '', mainClass, ...args].map(encode).join(' ');
    const call = this.#last.then(() => this.#call(words, `${name} ${args.join(' ')}`, options.timeoutMs ?? 30_000));
    this.#last = call.catch(() => {});
    return call;
  }

  /** Ends the JVM. */
  close(): void {
    this.#running?.child.kill('SIGKILL');
    this.#running = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #call(words: string, shown: string, timeoutMs: number): Promise<ToolResult> {
    const { child, lines } = this.#start();
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        lines.off('line', onLine);
        child.off('close', onClose);
        action();
      };
      const onLine = (line: string): void => settle(() => resolve(decodeAnswer(line)));
      const onClose = (): void => {
        this.#running = undefined;
        settle(() => reject(new Error(`the tools' JVM ended in: ${shown}`)));
      };
      const timer = setTimeout(() => {
        this.close();
        settle(() => reject(new Error(`took over ${timeoutMs} ms: ${shown}`)));
      }, timeoutMs);
      lines.once('line', onLine);
      child.once('close', onClose);
      child.stdin.write(`${words}\n`);
    });
  }

  #start(): Running {
    if (this.#running !== undefined) return this.#running;
    const args = ['-Djava.security.manager=allow', 'ToolServer'];
    const child = spawn(this.#jvm.bin('kafka-run-class'), args, { stdio: 'pipe' });
    child.stderr.resume();
    child.stdin.on('error', () => {});
    this.#running = { child, lines: createInterface(child.stdout) };
    return this.#running;
  }
}

/** A wrapper's last line ends in: `--kind=tool some.Class "$@"`. */
function mainClassOf(wrapper: string): string {
  const name = / --kind=\w+ (\S+) "\$@"/.exec(readFileSync(wrapper, 'utf8'))?.[1];
  if (name === undefined) throw new Error(`${wrapper} names no main class`);
  return name;
}

function encode(word: string | Uint8Array): string {
  return word.length === 0 ? '.' : Buffer.from(word as string).toString('base64');
}

function decodeAnswer(line: string): ToolResult {
  const [code = '', stdout = '', stderr = ''] = line.split(' ');
  const text = (word: string): string => (word === '.' ? '' : Buffer.from(word, 'base64').toString());
  return { code: Number(code), stdout: text(stdout), stderr: text(stderr) };
}
