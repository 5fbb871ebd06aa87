/**
 * The broker role of a node: logs, replicas, coordinators, listeners, and its life in the cluster, put together.
 *
 * Start: bind the ports, take in the metadata, register, be unfenced, open the ports. Stop: leave the cluster, answer what is under
 * way, write what a clean start wants to find. Source: kafka.server.BrokerServer.
 */
import { type Clock, type LevelledLogger, type Random, randomUuid, StateError } from '@skarab/base';
import { type DynamicBrokerConfig, resolveTopicConfig, type TopicConfig } from '@skarab/config';
import { cleanerSettingsOf, LogManager, type PartitionLog, type Storage } from '@skarab/log';
import { ConfigResourceType, type ControllerApi, type MetadataImage, type MetadataPublisher } from '@skarab/metadata';
import { type Dialer, FramePool, type ListenerOptions, type ServerListener, tcpDialer } from '@skarab/network';
import type { MetricsRegistry } from '@skarab/telemetry';
import { logConfigOf, logSettingsOf, upkeepIntervalsOf } from '../config/log-config.ts';
import { nodeAuthorizer } from '../config/node-authorizer.ts';
import { BrokerRequests } from '../controller/broker-requests.ts';
import { ProducerIds } from '../controller/producer-ids.ts';
import { Dispatcher, type RequestInterceptor } from '../dispatch/dispatcher.ts';
import { ServedApis } from '../dispatch/served-apis.ts';
import { FetchSessionCache } from '../fetch/fetch-session-cache.ts';
import { BrokerLifecycle } from '../lifecycle/broker-lifecycle.ts';
import { brokerRegistration } from '../lifecycle/broker-registration.ts';
import { AutoTopicCreation } from '../metadata/auto-topic-creation.ts';
import { autoTopicSettings } from '../metadata/auto-topic-settings.ts';
import { BrokerMetadataPublisher } from '../metadata/broker-metadata-publisher.ts';
import { MetadataCache } from '../metadata/metadata-cache.ts';
import { StreamsTopicCreation } from '../metadata/streams-topic-creation.ts';
import { addBrokerMetrics } from '../metrics/broker-metrics.ts';
import { ClientQuotas } from '../quota/client-quotas.ts';
import { quotaWindowsOf } from '../quota/quota-windows.ts';
import { DirectoryAssignments } from '../replica/directory-assignments.ts';
import { DirectoryMover } from '../replica/directory-mover.ts';
import { Purgatory } from '../replica/purgatory.ts';
import { ReplicaSet } from '../replica/replica-set.ts';
import { BrokerCoordinators } from './broker-coordinators.ts';
import { brokerHandlers } from './broker-handlers.ts';
import { BrokerReplication } from './broker-replication.ts';
import { NodeListeners } from './node-listeners.ts';

/** What a broker needs of its node. */
export interface BrokerServerOptions {
  readonly clusterId: string;
  readonly config: DynamicBrokerConfig;
  readonly storage: Storage;
  readonly controller: ControllerApi;
  /** Subscribes to committed metadata; the first update holds everything. */
  readonly subscribe: (publisher: MetadataPublisher) => void;
  readonly unsubscribe: (publisher: MetadataPublisher) => void;
  /** How other brokers are reached; TCP unless given. */
  readonly dialer?: Dialer;
  /** How this one is reached; TCP unless given. */
  readonly listen?: (options: ListenerOptions) => ServerListener;
  readonly kraftVersion: () => number;
  /** False when there are too few voters for a controller to be active. */
  readonly isQuorumPossible: () => Promise<boolean>;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: LevelledLogger;
  /** The broker cannot go on: all its log directories have failed, or the one that holds the metadata. */
  readonly onFatal: (error: unknown) => void;
  readonly intercept?: RequestInterceptor;
}

const FETCH_SESSION_EVICTION_MS = 120_000;
const FRAME_POOL_BYTES = 8 << 20;
/** How long connections may take to get their answers while the broker stops. */
const DRAIN_MS = 500;

export class BrokerServer {
  readonly #options: BrokerServerOptions;
  readonly #cache = new MetadataCache();
  readonly #replicas = new ReplicaSet();
  readonly #purgatory: Purgatory;
  readonly #logs: LogManager;
  readonly #replication: BrokerReplication;
  readonly #requests: BrokerRequests;
  readonly #producerIds = new ProducerIds(() => this.#requests.allocateProducerIds());
  readonly #coordinators: BrokerCoordinators;
  readonly #mover: DirectoryMover;
  readonly #assignments: DirectoryAssignments;
  readonly #publisher: BrokerMetadataPublisher;
  readonly #dispatcher: Dispatcher;
  readonly #listeners: NodeListeners;
  readonly #stopWatchingConfig: () => void;
  #lifecycle: BrokerLifecycle | undefined;

  /** Loads the logs and builds everything; nothing is bound yet. Errors: ConfigError, StorageError. */
  static async create(options: BrokerServerOptions): Promise<BrokerServer> {
    let server: BrokerServer | undefined;
    const { config, storage, clock, random, logger, onFatal } = options;
    const logs = await LogManager.open({
      storage,
      logDirs: config.current.logDirs,
      clock,
      random,
      logger: logger.child({ component: 'log' }),
      configFor: (topic) =>
        logConfigOf(server === undefined ? resolveTopicConfig(new Map(), config.current) : server.topicConfig(topic)),
      settings: logSettingsOf(config.current),
      intervals: upkeepIntervalsOf(config.current),
      cleaner: cleanerSettingsOf((name) => config.current.get(name)),
      fileDeleteDelayMs: config.current.get('log.segment.delete.delay.ms'),
      listener: { onAppended: (log) => server?.onLogAppended(log) },
      onLogDirFailure: (directory, error) => {
        server?.onLogDirFailure(directory);
        // While the logs are being loaded there is no server yet, and open() rejects when no directory is left.
        const isLast = server !== undefined && server.#logs.onlineDirectories().length === 0;
        if (isLast || directory === config.current.metadataLogDir) onFatal(error);
      },
    });
    server = new BrokerServer(options, logs);
    return server;
  }

  private constructor(options: BrokerServerOptions, logs: LogManager) {
    const { config, clock, logger, random, metrics, controller, clusterId } = options;
    const nodeId = config.current.nodeId;
    this.#options = options;
    this.#logs = logs;
    const brokerEpoch = (): number => this.#lifecycle?.brokerEpoch ?? -1;
    this.#requests = new BrokerRequests(controller, nodeId, brokerEpoch);
    this.#purgatory = new Purgatory(clock);
    const framePool = new FramePool(FRAME_POOL_BYTES);
    this.#replication = new BrokerReplication({
      config,
      replicas: this.#replicas,
      logs,
      controller,
      image: () => this.#publisher.newestImage,
      brokerEpoch,
      isLeaving: () => this.#lifecycle?.state === 'shuttingDown',
      configFor: (topic) => this.topicConfig(topic),
      onDirectoryChosen: (partition, directory) => this.#assignments.assign(partition, directory),
      dialer: options.dialer ?? tcpDialer,
      frameMemory: framePool,
      clock,
      random,
      logger,
    });
    this.#assignments = new DirectoryAssignments({
      brokerId: nodeId,
      brokerEpoch,
      send: (request) => this.#requests.assignReplicasToDirs(request),
      clock,
      logger,
    });
    this.#mover = new DirectoryMover({
      logs,
      quota: this.#replication.quotas.alterLogDirs,
      backoffMs: () => config.current.get('replica.fetch.backoff.ms'),
      clock,
      logger,
      onMoved: (partition, directory) => this.#assignments.assign(partition, directory),
    });
    const autoTopicCreation = new AutoTopicCreation(
      autoTopicSettings(config.current),
      (request) => this.#requests.createTopics(request),
      logger,
    );
    this.#coordinators = new BrokerCoordinators({
      config,
      metadata: this.#cache,
      newestImage: () => this.#publisher.newestImage,
      replicas: this.#replicas,
      replicaManager: this.#replication.manager,
      purgatory: this.#purgatory,
      producerIds: this.#producerIds,
      autoTopicCreation,
      dialer: options.dialer ?? tcpDialer,
      clock,
      random,
      logger,
    });
    this.#publisher = new BrokerMetadataPublisher({
      nodeId,
      cache: this.#cache,
      replicas: this.#replication.manager,
      config,
      onPublished: (image, delta) => this.#coordinators.onPublished(image, delta),
      onTopicsDeleted: (topics) => this.#coordinators.onTopicsDeleted(topics),
      onControllerChange: ({ leaderId }) => leaderId !== null && this.#lifecycle?.onNewController(),
      clock,
      logger,
    });
    const sessions = new FetchSessionCache(
      config.current.get('max.incremental.fetch.session.cache.slots'),
      random,
      FETCH_SESSION_EVICTION_MS,
    );
    const quotas = new ClientQuotas({
      image: () => this.#cache.image.clientQuotas,
      windows: quotaWindowsOf(config.current),
      clock,
    });
    const authorizer = nodeAuthorizer(config.current, () => this.#cache.image.acls);
    const apis = new ServedApis(
      brokerHandlers({
        nodeId,
        clusterId,
        config,
        metadata: this.#cache,
        replicas: this.#replicas,
        purgatory: this.#purgatory,
        sessions,
        logs,
        mover: this.#mover,
        leaderQuota: this.#replication.quotas.leader,
        quotas,
        controller,
        coordinators: this.#coordinators,
        producerIds: this.#producerIds,
        authorizer,
        autoTopicCreation,
        streamsTopicCreation: new StreamsTopicCreation(
          (request) => this.#requests.createTopics(request),
          clock,
          logger,
        ),
        kraftVersion: options.kraftVersion,
        advertisedApis: () => apis.advertised(),
        logLevels: logger.levels,
        clock,
      }),
      config.current.get('unstable.api.versions.enable'),
    );
    this.#dispatcher = new Dispatcher({
      apis,
      authorizer,
      framePool,
      quotas,
      clock,
      logger,
      metrics,
      ...(options.intercept !== undefined && { intercept: options.intercept }),
    });
    this.#dispatcher.onConnectionClosed(({ id }) => this.#coordinators.shareConsumers.sessions.onDisconnected(id));
    this.#listeners = new NodeListeners({
      endpoints: config.current.listeners.broker,
      advertised: config.current.listeners.advertisedBroker,
      config: () => config.current,
      clientQuotas: () => this.#cache.image.clientQuotas,
      handler: this.#dispatcher,
      framePool,
      metrics,
      clock,
      logger: logger.child({ component: 'network' }),
      ...(options.listen !== undefined && { listen: options.listen }),
    });
    addBrokerMetrics(metrics, {
      replicas: this.#replicas,
      replication: this.#replication,
      purgatory: this.#purgatory,
      cleaner: logs.cleaner,
      clock,
    });
    this.#stopWatchingConfig = config.onChange(({ changed }) => this.#onConfigChanged(changed));
  }

  get listeners(): NodeListeners {
    return this.#listeners;
  }

  get metadata(): MetadataCache {
    return this.#cache;
  }

  /** The partitions kept here. */
  get replicas(): ReplicaSet {
    return this.#replicas;
  }

  /** Why clients are not served now; undefined when they are. */
  get reasonNotReady(): string | undefined {
    const state = this.#lifecycle?.state ?? 'starting';
    return state === 'running' ? undefined : `the broker is ${state}`;
  }

  /** Holds every request until `resume`. */
  pause(): void {
    this.#dispatcher.pause();
  }

  resume(): void {
    this.#dispatcher.resume();
  }

  /** Binds the ports. Errors: TransportError LISTEN. */
  bind(): Promise<void> {
    return this.#listeners.bind();
  }

  /** Joins the cluster and begins to serve. Errors: StateError when the controller refuses this broker. */
  async start(): Promise<void> {
    const { config, clusterId, subscribe, isQuorumPossible, clock, random, logger } = this.#options;
    const lifecycle = new BrokerLifecycle({
      registration: brokerRegistration({
        config: config.current,
        clusterId,
        incarnationId: randomUuid(random.bytes),
        listeners: this.#listeners.advertised(),
        logs: this.#logs,
      }),
      controller: this.#requests,
      isQuorumPossible,
      metadataOffset: () => this.#cache.image.provenance.lastContainedOffset,
      offlineDirectories: () => this.#logs.offlineDirectoryIds(),
      heartbeatIntervalMs: config.current.get('broker.heartbeat.interval.ms'),
      registrationTimeoutMs: config.current.get('initial.broker.registration.timeout.ms'),
      clock,
      logger,
    });
    this.#lifecycle = lifecycle;
    // First of all: what this broker leads or follows it does as the incarnation that the controller knows, and by metadata that knows of its return.
    await lifecycle.register();
    subscribe(this.#publisher);
    await lifecycle.whenRunning();
    await this.#whenUnfenced();
    this.#replication.start();
    this.#listeners.open();
  }

  /** Leaves the cluster, answers what is under way, and closes the logs cleanly. */
  async stop(): Promise<void> {
    const { current } = this.#options.config;
    if (current.get('controlled.shutdown.enable')) await this.#lifecycle?.shutDown(current.get('request.timeout.ms'));
    else this.#lifecycle?.stop();
    this.#stopWatchingConfig();
    this.#coordinators.stop();
    this.#replication.stop();
    await this.#listeners.stop(DRAIN_MS);
    this.#purgatory.stop();
    this.#mover.stop();
    this.#assignments.stop();
    this.#options.unsubscribe(this.#publisher);
    await this.#logs.close(this.#lifecycle?.brokerEpoch ?? -1);
  }

  /** Ends like a process that is killed: nobody is told, nothing is written. Storage and clock must be taken from it after that. */
  async kill(): Promise<void> {
    this.#lifecycle?.stop();
    this.#options.unsubscribe(this.#publisher);
    this.#replication.stop();
    this.#coordinators.closePeers();
    this.#listeners.dropConnections();
    await this.#listeners.stop(0);
  }

  /** For the logs: one has written what was staged. */
  onLogAppended(log: PartitionLog): void {
    this.#replication.onAppended(log);
  }

  /** For the logs: a directory has failed. */
  onLogDirFailure(directory: string): void {
    this.#replication.manager.onLogDirFailure(directory);
    const { config, onFatal } = this.#options;
    const timeoutMs = config.current.get('log.dir.failure.timeout.ms');
    for (const id of this.#logs.offlineDirectoryIds()) {
      this.#lifecycle?.reportOfflineDirectory(id, timeoutMs, () =>
        onFatal(
          new StateError(`could not tell the controller within ${timeoutMs} ms that log directory ${directory} failed`),
        ),
      );
    }
  }

  /** Dynamic configurations of the broker changed: those of topics may come from them, and so do those of producers and the cleaner's. */
  #onConfigChanged(changed: ReadonlySet<string>): void {
    for (const topic of this.#replicas.topics()) this.#replication.manager.onTopicConfigChanged(topic);
    this.#replication.onConfigChanged(changed);
    this.#logs.host.settings = logSettingsOf(this.#options.config.current);
    const concernsCleaner = [...changed].some((name) => name.startsWith('log.cleaner.'));
    if (concernsCleaner)
      this.#logs.cleaner?.updateSettings(cleanerSettingsOf((name) => this.#options.config.current.get(name)));
  }

  /** Resolves when clients see the metadata of `offset`. */
  whenPublished(offset: number): Promise<void> {
    return this.#publisher.whenPublished(offset);
  }

  /** The heartbeat's answer may be ahead of the metadata: clients must find this broker in it. */
  async #whenUnfenced(): Promise<void> {
    const { nodeId } = this.#options.config.current;
    while (this.#cache.image.cluster.brokers.get(nodeId)?.fenced !== false) {
      await new Promise<void>((resolve) => this.#options.clock.after(1, resolve));
    }
  }

  /** The configuration in force for a topic. */
  topicConfig(topic: string): TopicConfig {
    const image: MetadataImage = this.#publisher.newestImage;
    return resolveTopicConfig(image.configs.get(ConfigResourceType.TOPIC, topic), this.#options.config.current);
  }
}
