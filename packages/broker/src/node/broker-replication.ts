/**
 * What makes a broker one of several: replicas that lead and follow, fetchers, and proposals to the controller, put together.
 */
import type { Clock, Logger, Random, Uuid } from '@skarab/base';
import type { DynamicBrokerConfig, TopicConfig } from '@skarab/config';
import type { LogManager, PartitionLog } from '@skarab/log';
import type { ControllerApi, MetadataImage } from '@skarab/metadata';
import type { Address, Dialer, FrameMemory } from '@skarab/network';
import { NodeChannel } from '../channel/node-channel.ts';
import { FetcherHost } from '../fetcher/fetcher-host.ts';
import { FetcherManager } from '../fetcher/fetcher-manager.ts';
import { AlterPartitionManager } from '../replica/alter-partition-manager.ts';
import type { Partition } from '../replica/partition.ts';
import { ReplicaManager } from '../replica/replica-manager.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';
import type { IsrUpdate, ReplicationEnvironment } from '../replica/replication-environment.ts';
import { ReplicationQuota, type ReplicationQuotas } from '../replica/replication-quota.ts';

/** What replication needs of its broker. */
export interface BrokerReplicationOptions {
  readonly config: DynamicBrokerConfig;
  readonly replicas: ReplicaSet;
  readonly logs: LogManager;
  readonly controller: ControllerApi;
  /** The newest metadata, perhaps not visible to clients yet. */
  readonly image: () => MetadataImage;
  readonly brokerEpoch: () => number;
  /** The broker is on its way out. */
  readonly isLeaving: () => boolean;
  readonly configFor: (topic: string) => TopicConfig;
  readonly onDirectoryChosen: (partition: Partition, directoryId: Uuid) => void;
  readonly dialer: Dialer;
  /** Where what leaders send is received. */
  readonly frameMemory: FrameMemory;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A fetcher has one request in flight; another one may ask for offsets. */
const MAX_IN_FLIGHT = 2;
/** Room in a response beyond its records: `replica.fetch.response.max.bytes` is no hard limit, and a batch may be larger. */
const MAX_RESPONSE_BYTES = 0x7fffffff;
/** Version of AlterPartition: members of an ISR come with their epochs (KIP-903). */
const ALTER_PARTITION_VERSION = 3;

export class BrokerReplication {
  readonly manager: ReplicaManager;
  readonly quotas: ReplicationQuotas;
  /** How often ISRs grew, shrank, and could not be changed. */
  readonly isrUpdates: Record<IsrUpdate, number> = { expanded: 0, shrunk: 0, failed: 0 };
  readonly #options: BrokerReplicationOptions;
  readonly #fetchers: FetcherManager;
  readonly #proposals: AlterPartitionManager;

  constructor(options: BrokerReplicationOptions) {
    const { config, replicas, logs, controller, brokerEpoch, configFor, onDirectoryChosen, clock, logger } = options;
    const { nodeId } = config.current;
    this.#options = options;
    const windows = {
      count: config.current.get('replication.quota.window.num'),
      sizeMs: config.current.get('replication.quota.window.size.seconds') * 1000,
    };
    const moveWindows = {
      count: config.current.get('alter.log.dirs.replication.quota.window.num'),
      sizeMs: config.current.get('alter.log.dirs.replication.quota.window.size.seconds') * 1000,
    };
    this.quotas = {
      leader: new ReplicationQuota(nodeId, windows),
      follower: new ReplicationQuota(nodeId, windows),
      alterLogDirs: new ReplicationQuota(nodeId, moveWindows),
    };
    this.#setRates();
    this.#proposals = new AlterPartitionManager({
      nodeId,
      brokerEpoch,
      send: (request) => controller.alterPartition({ requestVersion: ALTER_PARTITION_VERSION }, request),
      clock,
      logger,
    });
    this.#fetchers = new FetcherManager({
      fetcherCount: () => config.current.get('num.replica.fetchers'),
      createFetcher: (leaderId, fetcherId) => this.#createFetcher(leaderId, fetcherId),
    });
    this.manager = new ReplicaManager({
      nodeId,
      environment: this.#environment(),
      fetchers: this.#fetchers,
      isLeaving: options.isLeaving,
      quotas: this.quotas,
      replicas,
      logs,
      configFor,
      onDirectoryChosen,
      clock,
      logger,
    });
  }

  /** Offsets that the slowest followed partition lags behind its leader's high watermark. */
  get maxLag(): number {
    return this.#fetchers.maxLag;
  }

  /** Begins to look for followers that lag. */
  start(): void {
    this.manager.start();
  }

  /** Fetches nothing more and proposes nothing more. */
  stop(): void {
    this.manager.stop();
    this.#fetchers.stop();
    this.#proposals.stop();
  }

  /** The log has written what was staged. */
  onAppended(log: PartitionLog): void {
    const { topic, partition: index } = log.topicPartition;
    const partition = this.#options.replicas.get(topic, index);
    if (partition?.log !== log) return;
    partition.onWritten();
    if (!partition.isLeader) this.#fetchers.onWritten(partition);
  }

  /** Dynamic configurations of the broker changed. */
  onConfigChanged(changed: ReadonlySet<string>): void {
    if (changed.has('num.replica.fetchers')) this.#fetchers.rearrange();
    this.#setRates();
  }

  #setRates(): void {
    const { current } = this.#options.config;
    this.quotas.leader.setRate(Number(current.get('leader.replication.throttled.rate')));
    this.quotas.follower.setRate(Number(current.get('follower.replication.throttled.rate')));
    this.quotas.alterLogDirs.setRate(Number(current.get('replica.alter.log.dirs.io.max.bytes.per.second')));
  }

  #environment(): ReplicationEnvironment {
    const { config, image, brokerEpoch, clock } = this.#options;
    return {
      nodeId: config.current.nodeId,
      brokerEpoch,
      aliveBrokerEpoch: (brokerId) => {
        const broker = image().cluster.brokers.get(brokerId);
        return broker === undefined || broker.fenced ? undefined : broker.epoch;
      },
      isShuttingDown: (brokerId) => image().cluster.brokers.get(brokerId)?.inControlledShutdown === true,
      lagTimeMaxMs: () => config.current.get('replica.lag.time.max.ms'),
      monotonicMs: () => clock.monotonicMs(),
      proposeIsr: (proposal, onAnswer) => this.#proposals.submit(proposal, onAnswer),
      onIsrUpdate: (update) => {
        this.isrUpdates[update]++;
      },
    };
  }

  #createFetcher(leaderId: number, fetcherId: number): FetcherHost {
    const { config, logs, brokerEpoch, clock, random, dialer, frameMemory, logger } = this.#options;
    const { current } = config;
    const requestTimeoutMs = current.get('replica.socket.timeout.ms');
    const channel = new NodeChannel({
      nodeId: leaderId,
      address: () => this.#addressOf(leaderId),
      clientId: `broker-${current.nodeId}-fetcher-${fetcherId}`,
      dialer,
      maxInFlight: MAX_IN_FLIGHT,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      setupTimeout: {
        initialMs: current.get('socket.connection.setup.timeout.ms'),
        maxMs: current.get('socket.connection.setup.timeout.max.ms'),
      },
      // Fetchers wait for replica.fetch.backoff.ms after a failure; that is enough.
      reconnect: { initialMs: 0, maxMs: 0 },
      requestTimeoutMs,
      clock,
      random,
      frameMemory,
    });
    return new FetcherHost({
      nodeId: current.nodeId,
      brokerEpoch,
      channel,
      maxWaitMs: current.get('replica.fetch.wait.max.ms'),
      minBytes: current.get('replica.fetch.min.bytes'),
      maxBytes: current.get('replica.fetch.response.max.bytes'),
      requestTimeoutMs,
      maxPartitionBytes: () => config.current.get('replica.fetch.max.bytes'),
      backoffMs: () => config.current.get('replica.fetch.backoff.ms'),
      quota: this.quotas.follower,
      flushStaged: () => logs.host.writer.flushStaged(),
      clock,
      logger: logger.child({ component: 'fetcher', leader: leaderId }),
    });
  }

  /** Also of a fenced broker: it may be on its way back. */
  #addressOf(brokerId: number): Address | undefined {
    const { config, image } = this.#options;
    return image().cluster.brokers.get(brokerId)?.listeners.get(config.current.listeners.interBroker.name);
  }
}
