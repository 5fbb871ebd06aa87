/**
 * Several brokers and their controller in one process, with what a test may do to them.
 *
 * The brokers are the real ones: logs, replication and requests are those of the server, over loopback unless another network is given. The controller
 * is one, in memory, called directly.
 */
import {
  type Clock,
  type Logger,
  type Random,
  randomUuid,
  silentLogger,
  systemClock,
  systemRandom,
} from '@skarab/base';
import { MemoryStorage } from '@skarab/log';
import type { MetadataNode, PartitionRegistration } from '@skarab/metadata';
import { type Dialer, type ListenerOptions, type ServerListener, tcpDialer } from '@skarab/network';
import {
  ApiError,
  ErrorCode,
  newCreatableTopic,
  newCreatableTopicConfig,
  newCreateTopicsRequest,
} from '@skarab/protocol';
import type { RequestInterceptor } from '../dispatch/dispatcher.ts';
import { BreakableNetwork } from './breakable-network.ts';
import { ClusterBroker } from './cluster-broker.ts';
import { startClusterController } from './cluster-controller.ts';

/** How a cluster is started. */
export interface BrokerClusterOptions {
  /** Number of brokers; their ids begin with 1. */
  readonly brokers: number;
  /** Configurations of all brokers, over defaults that suit tests. */
  readonly properties?: Readonly<Record<string, string>>;
  /** More of them, for single brokers. */
  readonly propertiesOf?: (id: number) => Readonly<Record<string, string>>;
  readonly storageOf?: (id: number) => MemoryStorage;
  /** Loopback unless given. */
  readonly network?: Dialer & { listen(options: ListenerOptions): ServerListener };
  /** How long a call to the controller, or metadata from it, is under way; no time unless given. */
  readonly controllerLatencyMs?: () => number;
  readonly intercept?: RequestInterceptor;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
}

/** A topic to be made. */
export interface ClusterTopic {
  readonly topic: string;
  readonly partitions: number;
  /** As many as there are brokers, at most three, unless given. */
  readonly replicationFactor?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** Failures are noticed soon, and nobody waits long for what does not come. */
const TEST_DEFAULTS: Readonly<Record<string, string>> = {
  'broker.heartbeat.interval.ms': '100',
  'broker.session.timeout.ms': '1500',
  'replica.lag.time.max.ms': '1500',
  'replica.fetch.wait.max.ms': '100',
  'replica.fetch.backoff.ms': '50',
  'replica.socket.timeout.ms': '2000',
  'group.initial.rebalance.delay.ms': '0',
  'offsets.topic.num.partitions': '3',
  'transaction.state.log.num.partitions': '3',
  'log.retention.check.interval.ms': '1000',
};
const CREATE_TIMEOUT_MS = 30_000;

export class BrokerCluster {
  readonly network: BreakableNetwork;
  readonly #brokers = new Map<number, ClusterBroker>();
  readonly #controller: MetadataNode;
  readonly #clock: Clock;

  /** Starts the controller and all brokers. Errors: those of a broker's start. */
  static async start(options: BrokerClusterOptions): Promise<BrokerCluster> {
    const { clock = systemClock, random = systemRandom, logger = silentLogger } = options;
    const properties = new Map(Object.entries({ ...defaultsFor(options.brokers), ...options.properties }));
    const clusterId = randomUuid(random.bytes);
    const onFault = (error: Error): void => logger.error({ error: String(error) }, 'the controller has failed');
    const controller = await startClusterController({ clusterId, properties, clock, random, logger, onFault });
    const cluster = new BrokerCluster(controller, options, clock);
    for (let id = 1; id <= options.brokers; id++) {
      const own = Object.entries(options.propertiesOf?.(id) ?? {});
      const broker = new ClusterBroker({
        id,
        clusterId,
        properties: new Map([...properties, ...own]),
        storage: options.storageOf?.(id) ?? new MemoryStorage({ nowMs: () => clock.nowMs() }),
        controller: controller.controller,
        source: controller,
        kraftVersion: () => controller.kraftVersion,
        network: cluster.network,
        ...(options.controllerLatencyMs !== undefined && { controllerLatencyMs: options.controllerLatencyMs }),
        ...(options.network !== undefined && { listen: options.network.listen.bind(options.network) }),
        ...(options.intercept !== undefined && { intercept: options.intercept }),
        clock,
        random,
        logger,
      });
      cluster.#brokers.set(id, broker);
    }
    try {
      await Promise.all(cluster.brokers.map((broker) => broker.start()));
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  private constructor(controller: MetadataNode, { network }: BrokerClusterOptions, clock: Clock) {
    this.#controller = controller;
    this.#clock = clock;
    this.network = new BreakableNetwork(
      network ?? tcpDialer,
      ({ port }) => this.brokers.find((broker) => broker.port === port)?.id,
    );
  }

  get controller(): MetadataNode {
    return this.#controller;
  }

  get brokers(): ClusterBroker[] {
    return [...this.#brokers.values()];
  }

  /** Errors: RangeError for an id that no broker has. */
  broker(id: number): ClusterBroker {
    const broker = this.#brokers.get(id);
    if (broker === undefined) throw new RangeError(`there is no broker ${id}, only ${[...this.#brokers.keys()]}`);
    return broker;
  }

  /** For `bootstrap.servers`: all brokers. */
  get bootstrapServers(): string {
    return this.brokers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  }

  /** What the controller knows about a partition. */
  registration(topic: string, partition: number): PartitionRegistration | undefined {
    return this.#controller.image.topics.byName.get(topic)?.partitions[partition];
  }

  /** Makes a topic and resolves when all running brokers can serve it; fine when it exists. Errors: ApiError. */
  async createTopic({ topic, partitions, replicationFactor, configs = {} }: ClusterTopic): Promise<void> {
    const request = newCreateTopicsRequest({
      timeoutMs: CREATE_TIMEOUT_MS,
      topics: [
        newCreatableTopic({
          name: topic,
          numPartitions: partitions,
          replicationFactor: replicationFactor ?? -1,
          configs: Object.entries(configs).map(([name, value]) => newCreatableTopicConfig({ name, value })),
        }),
      ],
    });
    const access = { mayCreate: () => true, mayDescribeConfigs: () => true };
    const response = await this.#controller.controller.createTopics({ requestVersion: 7 }, request, access);
    const { errorCode, errorMessage } = response.topics[0]!;
    if (errorCode !== ErrorCode.NONE && errorCode !== ErrorCode.TOPIC_ALREADY_EXISTS)
      throw new ApiError(errorCode as ErrorCode, errorMessage);
    const offset = this.#controller.highWatermark - 1;
    const running = this.brokers.filter(({ isRunning }) => isRunning);
    await Promise.all(running.map(({ server }) => server.whenPublished(offset)));
  }

  /** Cuts the cable between two brokers. */
  partition(a: number, b: number): void {
    this.network.cut(this.broker(a).id, this.broker(b).id);
  }

  /** Cuts a broker off from all others and from the controller; clients still reach it. */
  isolate(id: number): void {
    for (const other of this.brokers) if (other.id !== id) this.network.cut(id, other.id);
    this.broker(id).cutController();
  }

  /** Mends all cables. */
  heal(): void {
    this.network.heal();
    for (const broker of this.brokers) broker.healController();
  }

  /** Resolves once `isSo`; looks every few milliseconds. Errors: rejects after `timeoutMs`. */
  async until(isSo: () => boolean, timeoutMs = 20_000): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs;
    while (!isSo()) {
      if (this.#clock.monotonicMs() > deadlineMs) throw new Error(`not so within ${timeoutMs} ms: ${isSo}`);
      await new Promise<void>((resolve) => this.#clock.after(5, resolve));
    }
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.kill()));
    await this.#controller.close();
  }
}

function defaultsFor(brokers: number): Readonly<Record<string, string>> {
  const replicationFactor = String(Math.min(3, brokers));
  return {
    ...TEST_DEFAULTS,
    'default.replication.factor': replicationFactor,
    'offsets.topic.replication.factor': replicationFactor,
    'transaction.state.log.replication.factor': replicationFactor,
    'transaction.state.log.min.isr': String(Math.min(2, brokers)),
  };
}
