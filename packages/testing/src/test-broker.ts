/**
 * `startBroker()`: a whole broker in this process, in memory, on a free port, for any test runner.
 *
 * The same code as the server, over memory storage: no files, no child process, ready in tens of milliseconds.
 */
import { type Logger, randomUuid, silentLogger, systemClock, systemRandom } from '@skarab/base';
import { KafkaNode } from '@skarab/broker';
import { BrokerConfig } from '@skarab/config';
import { MemoryStorage } from '@skarab/log';
import { formatDirectories } from '@skarab/metadata';
import { FaultScript } from './fault-script.ts';

/** A topic that exists before the first client connects. */
export interface TestTopic {
  readonly topic: string;
  /** 1 unless given. */
  readonly partitions?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** How the broker is started. */
export interface StartBrokerOptions {
  /** Topics at start; a name alone makes one partition. */
  readonly topics?: readonly (string | TestTopic)[];
  /** Broker configurations by Kafka's names, over the test defaults (fast rebalances, one replica). */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** 0 (any free port) unless given. */
  readonly port?: number;
  readonly logger?: Logger;
}

/** Suits tests: no waiting for members that will not come, topics on demand. */
const TEST_DEFAULTS: Readonly<Record<string, string>> = {
  'group.initial.rebalance.delay.ms': '0',
  'offsets.topic.num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'min.insync.replicas': '1',
  'log.retention.check.interval.ms': '1000',
};

const NODE_ID = 1;
const LOG_DIR = '/memory';

export class TestBroker implements AsyncDisposable {
  /** What the broker does wrong on purpose. */
  readonly faults = new FaultScript();
  readonly #options: StartBrokerOptions;
  readonly #storage = new MemoryStorage();
  #node: KafkaNode | undefined;
  #port: number;
  #isFormatted = false;

  /** Use `startBroker`. */
  constructor(options: StartBrokerOptions) {
    this.#options = options;
    this.#port = options.port ?? 0;
  }

  /** For `bootstrap.servers`: `127.0.0.1:PORT`. */
  get bootstrapServers(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** For `startBroker`. */
  async start(): Promise<void> {
    const config = BrokerConfig.fromProperties(this.#properties());
    if (!this.#isFormatted) await this.#format();
    this.#node = await KafkaNode.start({
      config,
      storage: this.#storage,
      logger: this.#options.logger ?? silentLogger,
      intercept: (apiKey) => this.faults.next(apiKey),
    });
    this.#port = this.#node.port('PLAINTEXT');
    for (const topic of this.#options.topics ?? []) {
      await this.createTopic(typeof topic === 'string' ? { topic } : topic);
    }
  }

  /** Makes a topic and returns when clients can use it; fine when it exists. Errors: ApiError with Kafka's code. */
  async createTopic({ topic, partitions = 1, configs = {} }: TestTopic): Promise<void> {
    await this.#running().createTopic(topic, partitions, configs);
  }

  /** Stops and starts the broker on the same port; records, topics and committed offsets stay. */
  async restart(): Promise<void> {
    await this.#running().stop();
    await this.start();
  }

  /** Answers nothing until `resume`; connections stay open, requests wait. */
  pause(): void {
    this.#running().pause();
  }

  resume(): void {
    this.#running().resume();
  }

  /** Ends all connections; clients will come back. */
  dropConnections(): void {
    this.#running().dropConnections();
  }

  /** Stops the broker and forgets everything. */
  async close(): Promise<void> {
    const node = this.#node;
    this.#node = undefined;
    await node?.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #format(): Promise<void> {
    const environment = { storage: this.#storage, clock: systemClock, random: systemRandom };
    const request = {
      directories: [LOG_DIR],
      metadataLogDir: LOG_DIR,
      nodeId: NODE_ID,
      clusterId: randomUuid(systemRandom.bytes),
      controllerListenerName: 'CONTROLLER',
      hasDynamicQuorum: true,
      initialControllers: [{ id: NODE_ID, directoryId: randomUuid(systemRandom.bytes), host: '127.0.0.1', port: 0 }],
      ignoreFormatted: true,
      featureLevels: new Map<string, number>(),
      unstableFeatureVersionsEnabled: false,
    };
    await formatDirectories(environment, request, () => {});
    this.#isFormatted = true;
  }

  #running(): KafkaNode {
    if (this.#node === undefined) throw new Error('the broker is closed');
    return this.#node;
  }

  #properties(): Map<string, string> {
    const listener = `PLAINTEXT://127.0.0.1:${this.#port}`;
    const given = Object.entries(this.#options.config ?? {}).map(([name, value]) => [name, String(value)] as const);
    return new Map([
      ['process.roles', 'broker,controller'],
      ['node.id', String(NODE_ID)],
      ['listeners', `${listener},CONTROLLER://127.0.0.1:0`],
      ['controller.listener.names', 'CONTROLLER'],
      ['controller.quorum.bootstrap.servers', '127.0.0.1:1'],
      ['log.dirs', LOG_DIR],
      ...Object.entries(TEST_DEFAULTS),
      ...given,
    ]);
  }
}

/** Starts a broker in this process. Dispose of it: `await using broker = await startBroker()`, or `close()`. */
export async function startBroker(options: StartBrokerOptions = {}): Promise<TestBroker> {
  const broker = new TestBroker(options);
  await broker.start();
  return broker;
}
