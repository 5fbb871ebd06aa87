/** The word count of Kafka Streams (java/WordCount.java) as a process. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { KafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { JavaProcess } from './java-process.ts';

const STATE_TIMEOUT_MS = 60_000;
const source = join(import.meta.dirname, 'java', 'WordCount.java');

/** What an instance works with. */
export interface WordCountPlan {
  readonly bootstrapServers: string;
  readonly application: string;
  readonly stateFolder: string;
  /** Configurations of Kafka Streams, and `pause.ms`, the time taken for a line. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running word count. */
export class WordCount {
  readonly #process: JavaProcess;

  private constructor(process: JavaProcess) {
    this.#process = process;
  }

  /** Starts an instance; resolves when it counts. */
  static async start(t: TestContext, jvm: KafkaJvm, plan: WordCountPlan): Promise<WordCount> {
    const { bootstrapServers, application, stateFolder, settings = {} } = plan;
    const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const args = ['WordCount', bootstrapServers, application, stateFolder, ...pairs];
    const process = new JavaProcess(t, jvm, 'kafka-run-class', args, await jvm.compile(source));
    const isRunning = async (): Promise<boolean> => process.output.includes('state RUNNING');
    await process.until(isRunning, 'the word count runs', STATE_TIMEOUT_MS);
    return new WordCount(process);
  }

  /** Waits until a condition holds while it runs. */
  until(holds: () => Promise<boolean>, what: string, withinMs?: number): Promise<void> {
    return this.#process.until(holds, what, withinMs);
  }

  /** Ends it at once, as a crash does. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Ends it in order. */
  close(): Promise<void> {
    return this.#process.stop();
  }
}
