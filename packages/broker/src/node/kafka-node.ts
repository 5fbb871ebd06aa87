/**
 * One node: the controller's role, the broker's, or both, over one storage, from start to stop. The composition root.
 *
 * Start: identify the directories, bind every port, load the metadata and join the quorum, load the logs, join the cluster, open the
 * ports. Nothing is left running when a start fails. Source: kafka.server.KafkaRaftServer, SharedServer.
 */
import {
  type Clock,
  LevelledLogger,
  type Logger,
  type Random,
  StateError,
  systemClock,
  systemRandom,
} from '@skarab/base';
import { type BrokerConfig, type ConfigProviderFactory, DynamicBrokerConfig } from '@skarab/config';
import { DiskStorage, type Storage } from '@skarab/log';
import type { ControllerApi, MetadataNode } from '@skarab/metadata';
import { type Dialer, type ListenerOptions, type ServerListener, tcpDialer } from '@skarab/network';
import {
  ApiError,
  ErrorCode,
  newCreatableTopic,
  newCreatableTopicConfig,
  newCreateTopicsRequest,
} from '@skarab/protocol';
import { MetricsRegistry } from '@skarab/telemetry';
import { DOUBT_GRACE_MS } from '../controller/broker-connections.ts';
import { EventPerformance } from '../controller/event-performance.ts';
import { UnheardBrokers } from '../controller/unheard-brokers.ts';
import type { RequestInterceptor } from '../dispatch/dispatcher.ts';
import { addControllerMetrics } from '../metrics/controller-metrics.ts';
import { RaftChannels } from '../quorum/raft-channels.ts';
import { RollCall } from '../quorum/roll-call.ts';
import { BrokerServer } from './broker-server.ts';
import { ControllerServer } from './controller-server.ts';
import { NodeController } from './node-controller.ts';
import { identifyDirectories } from './node-identity.ts';
import { NodeLinks } from './node-links.ts';
import { openNodeMetadata } from './node-metadata.ts';

/** What a node is made of. */
export interface KafkaNodeOptions {
  readonly config: BrokerConfig;
  readonly logger: Logger;
  /** Serves variables in dynamic configurations; those of `config` are replaced already. */
  readonly configProviders?: ConfigProviderFactory;
  /** The machine's disks unless given. */
  readonly storage?: Storage;
  readonly clock?: Clock;
  readonly random?: Random;
  /** How other nodes are reached, and how this one is; by TCP unless given. */
  readonly dialer?: Dialer;
  readonly listen?: (options: ListenerOptions) => ServerListener;
  /** Address of `/metrics`, `/healthz` and `/readyz`; none unless given. */
  readonly observability?: { readonly host: string; readonly port: number };
  /** Scripted faults. */
  readonly intercept?: RequestInterceptor;
}

/** What every part of the node gets. */
interface Environment {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: LevelledLogger;
  readonly isQuorumPossible: () => Promise<boolean>;
}

const CREATE_TIMEOUT_MS = 30_000;
/** Raft has one request to a node under way, and may ask something else of it before that is answered. */
const RAFT_MAX_IN_FLIGHT = 16;
const RAFT_RECONNECT = { initialMs: 20, maxMs: 500 };
const LOCK_FILE = '.lock';

export class KafkaNode {
  readonly clusterId: string;
  readonly metrics: MetricsRegistry;
  /** Settles when the node has ended: rejects when it failed by itself. */
  readonly ended: Promise<void>;
  readonly #config: DynamicBrokerConfig;
  readonly #logger: LevelledLogger;
  readonly #clock: Clock;
  readonly #end = Promise.withResolvers<void>();
  readonly #stopSteps: (() => Promise<void> | void)[] = [];
  #metadata: MetadataNode | undefined;
  #broker: BrokerServer | undefined;
  #isStarted = false;
  #stopping: Promise<void> | undefined;

  /** Starts the node that `config` describes. Errors: ConfigError, StateError, StorageError, TransportError; nothing is left running. */
  static async start(options: KafkaNodeOptions): Promise<KafkaNode> {
    const storage = options.storage ?? new DiskStorage();
    const { clusterId, directoryIds } = identifyDirectories(storage, options.config);
    const node = new KafkaNode(options, clusterId);
    return keepingAlive(options.clock ?? systemClock, async () => {
      const starting = node.#start(options, storage, directoryIds);
      try {
        await inTime(starting, options.config.get('server.max.startup.time.ms'), options.clock ?? systemClock);
      } catch (error) {
        await node.#unwind();
        // What was still starting when its time was over is stopped as well, once it has started.
        starting.then(() => node.#unwind()).catch(() => {});
        throw error;
      }
      return node;
    });
  }

  private constructor(options: KafkaNodeOptions, clusterId: string) {
    this.clusterId = clusterId;
    this.metrics = new MetricsRegistry();
    this.#config = new DynamicBrokerConfig(options.config.originals, options.configProviders);
    this.#logger = LevelledLogger.over(options.logger);
    this.#clock = options.clock ?? systemClock;
    this.ended = this.#end.promise;
    this.ended.catch(() => {});
  }

  /** `host:port` of every broker listener, as clients are told. */
  get bootstrapServers(): string {
    const listeners = this.#broker?.listeners.advertised() ?? [];
    return listeners.map(({ host, port }) => `${host}:${port}`).join(',');
  }

  /** The port that a listener is bound to; -1 for a name that is none. */
  port(listener: string): number {
    return this.#broker?.listeners.port(listener) ?? -1;
  }

  /** The replica of the metadata log; undefined while the node starts. */
  get metadata(): MetadataNode | undefined {
    return this.#metadata;
  }

  /** The broker's role; undefined while the node starts, and where it has none. */
  get broker(): BrokerServer | undefined {
    return this.#broker;
  }

  /** Why the node does not serve; undefined when it does. */
  get reasonNotReady(): string | undefined {
    return this.#isStarted ? this.#broker?.reasonNotReady : 'the node is starting';
  }

  /** Makes a topic and resolves when clients can use it; fine when it exists. Errors: ApiError. */
  async createTopic(name: string, numPartitions: number, configs: Readonly<Record<string, string>>): Promise<void> {
    const request = newCreateTopicsRequest({
      timeoutMs: CREATE_TIMEOUT_MS,
      topics: [
        newCreatableTopic({
          name,
          numPartitions,
          replicationFactor: -1,
          configs: Object.entries(configs).map(([key, value]) => newCreatableTopicConfig({ name: key, value })),
        }),
      ],
    });
    const metadata = this.#running();
    const everything = { mayCreate: () => true, mayDescribeConfigs: () => true };
    const response = await metadata.controller.createTopics({ requestVersion: 7 }, request, everything);
    const { errorCode, errorMessage } = response.topics[0]!;
    if (errorCode !== ErrorCode.NONE && errorCode !== ErrorCode.TOPIC_ALREADY_EXISTS)
      throw new ApiError(errorCode as ErrorCode, errorMessage);
    await this.#broker?.whenPublished(metadata.highWatermark - 1);
  }

  /** Holds every request until `resume`. */
  pause(): void {
    this.#broker?.pause();
  }

  resume(): void {
    this.#broker?.resume();
  }

  /** Ends all client connections. */
  dropConnections(): void {
    this.#broker?.listeners.dropConnections();
  }

  /** Controlled shutdown; the second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= keepingAlive(this.#clock, () => this.#unwind()).then(() => this.#end.resolve());
    return this.#stopping;
  }

  async #start(options: KafkaNodeOptions, storage: Storage, directoryIds: ReadonlyMap<string, string>): Promise<void> {
    const { config } = options;
    const logger = this.#logger;
    const clock = options.clock ?? systemClock;
    const random = options.random ?? systemRandom;
    const rollCall = new RollCall({
      nodeId: config.nodeId,
      voterCount: () => this.#running().voterIds.length,
      addresses: () => this.#running().voterAddresses,
      dialer: options.dialer ?? tcpDialer,
      clock,
    });
    const environment = { clock, random, logger, isQuorumPossible: () => rollCall.isQuorumPossible() };
    const releaseMetadata = this.#lockMetadata(storage, config);
    await this.#startObservability(options);
    const isController = config.processRoles.has('controller');
    const controllerServer = isController ? await this.#bindController(options, environment) : undefined;
    const controller = await this.#joinQuorum(options, storage, directoryIds, controllerServer, environment);
    // The broker locks all its log directories itself.
    if (config.processRoles.has('broker') && config.logDirs.includes(config.metadataLogDir)) releaseMetadata();
    if (config.processRoles.has('broker')) await this.#startBroker(options, storage, controller, environment);
    this.#isStarted = true;
  }

  /** Nobody else may write the metadata log, not even while this node finds out that it cannot start. Errors: StateError. */
  #lockMetadata(storage: Storage, { metadataLogDir }: BrokerConfig): () => void {
    const release = storage.lock(metadataLogDir, LOCK_FILE);
    if (release === null) {
      throw new StateError(
        `Failed to acquire lock on file ${LOCK_FILE} in ${metadataLogDir}. A Kafka instance in another process or thread is using this directory.`,
      );
    }
    let isHeld = true;
    const releaseOnce = (): void => {
      if (isHeld) release();
      isHeld = false;
    };
    this.#stopSteps.push(releaseOnce);
    return releaseOnce;
  }

  async #bindController({ listen }: KafkaNodeOptions, { clock, logger }: Environment): Promise<ControllerServer> {
    const server = new ControllerServer({
      clusterId: this.clusterId,
      config: this.#config,
      metadata: () => this.#running(),
      metrics: this.metrics,
      clock,
      logger,
      ...(listen !== undefined && { listen }),
    });
    await server.bind();
    this.#stopSteps.push(() => server.stop());
    return server;
  }

  /** Loads the metadata and follows or leads the quorum; resolves with the way to the active controller when somebody leads. */
  async #joinQuorum(
    options: KafkaNodeOptions,
    storage: Storage,
    directoryIds: ReadonlyMap<string, string>,
    controllerServer: ControllerServer | undefined,
    environment: Environment,
  ): Promise<ControllerApi> {
    const { isQuorumPossible } = environment;
    const config = (): BrokerConfig => this.#config.current;
    const links = new NodeLinks({ ...environment, config, dialer: options.dialer ?? tcpDialer });
    const controller = new NodeController({ ...environment, metadata: () => this.#running(), links, config });
    const purpose = {
      name: 'raft',
      maxInFlight: RAFT_MAX_IN_FLIGHT,
      requestTimeoutMs: config().get('controller.quorum.request.timeout.ms'),
      reconnect: RAFT_RECONNECT,
    };
    const transport = new RaftChannels(
      (nodeId, address) => links.channelTo(purpose, nodeId, address),
      (nodeId) => this.#running().doubtBroker(nodeId, null, DOUBT_GRACE_MS),
    );
    const metadata = await openNodeMetadata({
      ...environment,
      clusterId: this.clusterId,
      config: this.#config,
      storage,
      directoryIds,
      endpoints: controllerServer?.advertised() ?? [],
      transport,
      controller: controller.api,
      onFault: (error) => this.#fail(error),
    });
    this.#metadata = metadata;
    metadata.install(controller);
    if (controllerServer !== undefined) {
      const { nodeId } = config();
      metadata.install(new UnheardBrokers(nodeId, metadata, options.dialer ?? tcpDialer, environment.clock));
    }
    this.#stopSteps.push(
      () => transport.close(),
      () => metadata.close(isQuorumPossible),
      () => controller.close(),
    );
    // Other voters must be answered before there is a leader.
    controllerServer?.open();
    await metadata.start();
    return controller.api;
  }

  async #startBroker(
    options: KafkaNodeOptions,
    storage: Storage,
    controller: ControllerApi,
    { clock, random, logger, isQuorumPossible }: Environment,
  ): Promise<void> {
    const metadata = this.#running();
    const performance = this.#watchController({ clock, logger });
    const broker = await BrokerServer.create({
      clusterId: this.clusterId,
      config: this.#config,
      storage,
      controller: performance.timed(controller),
      subscribe: (publisher) => metadata.install(publisher),
      unsubscribe: (publisher) => metadata.remove(publisher),
      kraftVersion: () => metadata.kraftVersion,
      isQuorumPossible,
      metrics: this.metrics,
      clock,
      random,
      logger,
      onFatal: (error) => this.#fail(error),
      ...(options.dialer !== undefined && { dialer: options.dialer }),
      ...(options.listen !== undefined && { listen: options.listen }),
      ...(options.intercept !== undefined && { intercept: options.intercept }),
    });
    this.#stopSteps.push(() => broker.stop());
    await broker.bind();
    this.#broker = broker;
    await broker.start();
  }

  #watchController({ clock, logger }: { clock: Clock; logger: Logger }): EventPerformance {
    const config = this.#config.current;
    const metadata = this.#running();
    const observe = addControllerMetrics(this.metrics, {
      nodeId: config.nodeId,
      image: () => metadata.image,
      leaderId: () => metadata.leader.leaderId ?? -1,
    });
    const performance = new EventPerformance({
      alwaysLogThresholdMs: config.get('controller.performance.always.log.threshold.ms'),
      samplePeriodMs: config.get('controller.performance.sample.period.ms'),
      onEvent: (_name, elapsedMs) => observe(elapsedMs),
      clock,
      logger: logger.child({ component: 'controller' }),
    });
    this.#stopSteps.push(() => performance.stop());
    return performance;
  }

  async #startObservability({ observability }: KafkaNodeOptions): Promise<void> {
    if (observability === undefined) return;
    // HTTP and the figures of the process cost several megabytes; only those pay who look at them.
    const { ObservabilityServer, watchProcess } = await import('../http/index.ts');
    this.#stopSteps.push(watchProcess(this.metrics));
    const server = new ObservabilityServer({
      ...observability,
      metrics: this.metrics,
      reasonNotReady: () => this.reasonNotReady,
    });
    await server.start();
    this.#stopSteps.push(() => server.stop());
    this.#logger.info({ port: server.port }, 'serving /metrics, /healthz and /readyz');
  }

  #running(): MetadataNode {
    if (this.#metadata === undefined) throw new StateError('the node is not started');
    return this.#metadata;
  }

  #fail(error: unknown): void {
    this.#logger.error({ error: String(error) }, 'the node cannot go on');
    this.#end.reject(error);
  }

  /** Undoes the start, last step first; each is tried whatever the others do. */
  async #unwind(): Promise<void> {
    for (let step = this.#stopSteps.pop(); step !== undefined; step = this.#stopSteps.pop()) {
      try {
        await step();
      } catch (error) {
        this.#logger.warn({ error: String(error) }, 'a part of the node did not stop in order');
      }
    }
  }
}

/** The node's timers do not keep a process alive; while it starts or stops there may be nothing else that does. */
async function keepingAlive<T>(clock: Clock, action: () => Promise<T>): Promise<T> {
  // Another clock does not wait for the machine's, and has its own way of going on.
  if (clock !== systemClock) return action();
  const timer = setInterval(() => {}, 1000);
  try {
    return await action();
  } finally {
    clearInterval(timer);
  }
}

/** Errors: StateError when `start` takes longer than `server.max.startup.time.ms`; those of `start`. */
async function inTime(start: Promise<void>, maxMs: number, clock: Clock): Promise<void> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const refuse = (): void => reject(new StateError(`the node has not started within ${maxMs} ms`));
  const deadline = maxMs >= Number.MAX_SAFE_INTEGER ? undefined : clock.after(maxMs, refuse);
  try {
    await Promise.race([start, tooLate]);
  } finally {
    deadline?.cancel();
  }
}
