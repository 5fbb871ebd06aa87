/**
 * A worker of Kafka Connect in distributed mode, and its REST interface.
 *
 * It keeps everything in three topics of the broker under test; one that is started again finds its connectors there.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePort, type KafkaJvm, writeProperties } from '../../tools/kafka-jvm/jvm.ts';
import { JavaProcess } from './java-process.ts';

/** What the broker keeps for the workers of the group `connect`. */
export const internalTopics = { config: 'connect-configs', offset: 'connect-offsets', status: 'connect-status' };

/** Of the broker: a killed worker is missed soon. */
export const brokerProperties = { 'group.min.session.timeout.ms': '1000', 'offsets.topic.num.partitions': '2' };

const SESSION_TIMEOUT_MS = '5000';
/** Far more than a slow machine needs. */
const WAIT_MS = 120_000;

/** Where a worker works. */
export interface WorkerPlace {
  readonly jvm: KafkaJvm;
  readonly bootstrapServers: string;
  /** Of its properties file. */
  readonly folder: string;
}

interface Status {
  readonly connector: { readonly state: string };
  readonly tasks: readonly { readonly state: string }[];
}

/** A running worker. */
export class ConnectWorker {
  readonly #process: JavaProcess;
  readonly #url: string;

  private constructor(process: JavaProcess, url: string) {
    this.#process = process;
    this.#url = url;
  }

  /** Starts a worker; resolves when it has joined its group and answers. */
  static async start(t: TestContext, { jvm, bootstrapServers, folder }: WorkerPlace): Promise<ConnectWorker> {
    const listener = `http://127.0.0.1:${await freePort()}`;
    const file = await writeProperties(join(folder, 'worker.properties'), {
      'bootstrap.servers': bootstrapServers,
      'group.id': 'connect',
      listeners: listener,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'config.storage.topic': internalTopics.config,
      'config.storage.replication.factor': '1',
      'offset.storage.topic': internalTopics.offset,
      'offset.storage.replication.factor': '1',
      'offset.storage.partitions': '2',
      'status.storage.topic': internalTopics.status,
      'status.storage.replication.factor': '1',
      'status.storage.partitions': '2',
      'offset.flush.interval.ms': '500',
      'task.shutdown.graceful.timeout.ms': '20000',
      'session.timeout.ms': SESSION_TIMEOUT_MS,
      'heartbeat.interval.ms': '500',
      'consumer.session.timeout.ms': SESSION_TIMEOUT_MS,
      'consumer.heartbeat.interval.ms': '500',
      'scheduled.rebalance.max.delay.ms': '0',
      'exactly.once.source.support': 'enabled',
      'plugin.discovery': 'service_load',
    });
    const worker = new ConnectWorker(new JavaProcess(t, jvm, 'connect-distributed', [file]), listener);
    await worker.until(async () => (await worker.#get('/connectors')) !== undefined, 'it answers');
    return worker;
  }

  /** Creates a connector, and waits until its task runs. */
  async create(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    await this.call('PUT', `/connectors/${name}/config`, config);
    await this.is(name, 'RUNNING', 1);
  }

  /** Waits until a connector and all its tasks are in a state. */
  is(name: string, state: string, tasks: number): Promise<void> {
    return this.until(async () => {
      const status = (await this.#get(`/connectors/${name}/status`)) as Status | undefined;
      if (status === undefined || status.tasks.length !== tasks) return false;
      return [status.connector, ...status.tasks].every((part) => part.state === state);
    }, `${name} is ${state}`);
  }

  /** Calls until it is done: a worker in a rebalance wants to be asked again. Returns the text of the answer. */
  async call(method: string, path: string, body?: unknown): Promise<string> {
    let text = '';
    await this.until(async () => {
      const response = await fetch(this.#url + path, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      text = await response.text();
      if (response.status === 409 || response.status === 500) return false;
      assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
      return true;
    }, `${method} ${path}`);
    return text;
  }

  /** Waits until a condition holds while the worker runs. Errors: rejects with the states of all connectors. */
  async until(holds: () => Promise<boolean>, what: string, withinMs = WAIT_MS): Promise<void> {
    try {
      await this.#process.until(holds, what, withinMs);
    } catch (error) {
      throw new Error(JSON.stringify(await this.#get('/connectors?expand=status')), { cause: error });
    }
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** An answer, or undefined when there is none yet. */
  async #get(path: string): Promise<unknown> {
    try {
      const response = await fetch(this.#url + path, { signal: AbortSignal.timeout(5_000) });
      return response.ok ? await response.json() : undefined;
    } catch {
      return undefined;
    }
  }
}
