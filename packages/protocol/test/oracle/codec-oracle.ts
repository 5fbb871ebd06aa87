/**
 * Client of the Java program `CodecOracle`: asks Kafka's own codecs about a message.
 *
 * Questions are answered in order; as many as wanted may be under way.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KafkaJvm } from '../../../../tools/kafka-jvm/jvm.ts';

/** What Kafka made of a message's bytes. */
export interface JavaReading {
  readonly json: string;
  readonly bytes: Buffer;
}

interface Waiting {
  resolve(answer: Buffer): void;
  reject(error: Error): void;
}

const source = join(dirname(fileURLToPath(import.meta.url)), 'CodecOracle.java');

/** A running oracle; close it to end the process. */
export class CodecOracle {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  #received: Buffer = Buffer.alloc(0);
  #errors = '';

  private constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    process.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    process.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    process.stdin.on('error', () => {});
    process.on('close', (code) => {
      for (const { reject } of this.#waiting.splice(0))
        reject(new Error(`the oracle ended with ${code}: ${this.#errors}`));
    });
  }

  /** Compiles the Java program if needed and starts it. */
  static async start(jvm: KafkaJvm): Promise<CodecOracle> {
    const classes = await jvm.compile(source);
    const classpath = [jvm.classpath, classes].join(delimiter);
    const options = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m', '-cp', classpath, 'CodecOracle'];
    return new CodecOracle(spawn(jvm.java, options, { stdio: 'pipe' }));
  }

  /** Reads bytes as a message and writes it again. Errors: rejects with Kafka's text. */
  async decode(className: string, version: number, bytes: Uint8Array): Promise<JavaReading> {
    const answer = await this.#ask('D', className, version, bytes);
    const end = 4 + answer.readInt32BE(0);
    return { json: answer.toString('utf8', 4, end), bytes: answer.subarray(end) };
  }

  /** Writes a message given as JSON. Errors: rejects with Kafka's text. */
  encode(className: string, version: number, json: string): Promise<Buffer> {
    return this.#ask('J', className, version, Buffer.from(json));
  }

  /** Ends the process. */
  close(): void {
    this.#process.stdin.end();
  }

  #ask(operation: string, className: string, version: number, payload: Uint8Array): Promise<Buffer> {
    const name = Buffer.from(className);
    const head = Buffer.alloc(9);
    head.writeInt32BE(5 + name.length + payload.length, 0);
    head.write(operation, 4, 'latin1');
    head.writeInt16BE(version, 5);
    head.writeInt16BE(name.length, 7);
    this.#process.stdin.write(Buffer.concat([head, name, payload]));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    let position = 0;
    while (this.#received.length - position >= 4) {
      const end = position + 4 + this.#received.readInt32BE(position);
      if (this.#received.length < end) break;
      const waiting = this.#waiting.shift();
      const failed = this.#received[position + 4] !== 0;
      const content = this.#received.subarray(position + 5, end);
      if (failed) waiting?.reject(new Error(content.toString()));
      else waiting?.resolve(content);
      position = end;
    }
    this.#received = this.#received.subarray(position);
  }
}
