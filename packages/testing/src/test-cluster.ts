/**
 * `startCluster()`: several brokers in this process, in memory, on free ports, and what a test may do to them.
 *
 * The brokers are the server's own code, with replication between them over loopback. They share one controller, which is in this process too and does
 * not fail: what happens to a controller quorum cannot be tried here.
 */
import { type Logger, silentLogger } from '@skarab/base';
import { BrokerCluster } from '@skarab/broker/testing';
import { FaultScript } from './fault-script.ts';
import type { TestTopic } from './test-broker.ts';

/** A topic of a cluster. */
export interface ClusterTestTopic extends TestTopic {
  /** As many as there are brokers, at most three, unless given. */
  readonly replicationFactor?: number;
}

/** How the cluster is started. */
export interface StartClusterOptions {
  /** Number of brokers, 3 unless given; their ids are 1, 2 … */
  readonly brokers?: number;
  /** Topics at start; a name alone makes one partition on as many brokers as may be. */
  readonly topics?: readonly (string | ClusterTestTopic)[];
  /** Configurations of all brokers by Kafka's names, over the test defaults (failures are noticed within two seconds). */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** `broker.rack` of each broker, in the order of their ids. */
  readonly racks?: readonly string[];
  readonly logger?: Logger;
}

/** Who leads a partition, and who is in sync. */
export interface PartitionState {
  /** -1 while nobody does. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export class TestCluster implements AsyncDisposable {
  /** What the brokers do wrong on purpose; whichever gets the request. */
  readonly faults: FaultScript;
  readonly #cluster: BrokerCluster;

  /** Use `startCluster`. */
  constructor(cluster: BrokerCluster, faults: FaultScript) {
    this.#cluster = cluster;
    this.faults = faults;
  }

  /** For `bootstrap.servers`: all brokers, `127.0.0.1:PORT` each. */
  get bootstrapServers(): string {
    return this.#cluster.bootstrapServers;
  }

  /** The same as a list. */
  get brokers(): string[] {
    return this.bootstrapServers.split(',');
  }

  /** Makes a topic and returns when clients can use it; fine when it exists. Errors: ApiError with Kafka's code. */
  async createTopic({ topic, partitions = 1, replicationFactor, configs = {} }: ClusterTestTopic): Promise<void> {
    const factor = replicationFactor === undefined ? {} : { replicationFactor };
    await this.#cluster.createTopic({ topic, partitions, configs, ...factor });
  }

  /** Who leads a partition now. Errors: RangeError for one that is not there. */
  partitionState(topic: string, partition: number): PartitionState {
    const registration = this.#cluster.registration(topic, partition);
    if (registration === undefined) throw new RangeError(`there is no partition ${topic}-${partition}`);
    const { leader, replicas, isr } = registration;
    return { leader, replicas, isr };
  }

  /** Ends a broker like `kill -9`: no goodbye, nothing flushed. What it has written is there when it starts again. */
  kill(id: number): Promise<void> {
    return this.#cluster.broker(id).kill();
  }

  /** Ends a broker in order: its leaderships move first. */
  stop(id: number): Promise<void> {
    return this.#cluster.broker(id).stop();
  }

  /** Starts a broker that was killed or stopped, on the same port with the same data. */
  start(id: number): Promise<void> {
    return this.#cluster.broker(id).start();
  }

  /** Stops a broker for a while, as SIGSTOP does: connections stay, nothing is answered, and the others think it dead before long. */
  pause(id: number): void {
    this.#cluster.broker(id).pause();
  }

  resume(id: number): void {
    this.#cluster.broker(id).resume();
  }

  /** Cuts the network between two brokers; clients and the controller still reach both. */
  partition(a: number, b: number): void {
    this.#cluster.partition(a, b);
  }

  /** Cuts a broker off from all others and from the controller; clients still reach it. */
  isolate(id: number): void {
    this.#cluster.isolate(id);
  }

  /** Mends the network. */
  heal(): void {
    this.#cluster.heal();
  }

  /** Resolves when every partition of the topics has all its replicas in sync. Errors: rejects when that takes longer than `timeoutMs`. */
  async untilInSync(topics: readonly string[], timeoutMs = 20_000): Promise<void> {
    await this.#cluster.until(
      () => topics.every((topic) => this.#states(topic).every(({ isr, replicas }) => isr.length === replicas.length)),
      timeoutMs,
    );
  }

  /** Stops all brokers and forgets everything. */
  close(): Promise<void> {
    return this.#cluster.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #states(topic: string): readonly PartitionState[] {
    return this.#cluster.controller.image.topics.byName.get(topic)?.partitions ?? [];
  }
}

/** Starts brokers in this process. Dispose of them: `await using cluster = await startCluster()`, or `close()`. */
export async function startCluster(options: StartClusterOptions = {}): Promise<TestCluster> {
  const { brokers = 3, topics = [], config = {}, racks = [], logger = silentLogger } = options;
  const faults = new FaultScript();
  const cluster = await BrokerCluster.start({
    brokers,
    properties: Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)])),
    propertiesOf: (id) => ({ ...(racks[id - 1] !== undefined && { 'broker.rack': racks[id - 1]! }) }),
    intercept: (apiKey) => faults.next(apiKey),
    logger,
  });
  const test = new TestCluster(cluster, faults);
  try {
    for (const topic of topics) await test.createTopic(typeof topic === 'string' ? { topic } : topic);
  } catch (error) {
    await test.close();
    throw error;
  }
  return test;
}
