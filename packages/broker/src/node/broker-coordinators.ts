/**
 * The coordinators of a broker, wired to its replicas: groups, transactions, share state, and what holds them together.
 */
import type { Clock, Logger, Random } from '@skarab/base';
import type { DynamicBrokerConfig } from '@skarab/config';
import {
  GroupCoordinator,
  newTransactionCoordinatorConfig,
  ShareCoordinator,
  shareCoordinatorConfigFrom,
  type TopicPartition,
  TransactionCoordinator,
} from '@skarab/coordinator';
import type { MetadataDelta, MetadataImage } from '@skarab/metadata';
import type { Dialer } from '@skarab/network';
import { compressionTypeOf } from '@skarab/records';
import { MAX_ITEMS } from '../channel/batch-per-broker.ts';
import { BrokerPeers } from '../channel/broker-peers.ts';
import type { ProducerIds } from '../controller/producer-ids.ts';
import { clusterChangeOf, clusterImageOf } from '../coordinator/cluster-image.ts';
import type { CoordinatorDriver } from '../coordinator/coordinator-driver.ts';
import { groupConfigsOf, groupCoordinatorConfigOf } from '../coordinator/group-configs.ts';
import { GroupCoordinatorHost } from '../coordinator/group-coordinator-host.ts';
import { compileLinearPattern } from '../coordinator/linear-pattern.ts';
import { LocalMarkers } from '../coordinator/local-markers.ts';
import { MarkerSender } from '../coordinator/marker-sender.ts';
import { remoteMarkers } from '../coordinator/remote-markers.ts';
import { remoteTransactions } from '../coordinator/remote-transactions.ts';
import { ReplicaCoordinatorLog } from '../coordinator/replica-coordinator-log.ts';
import { ShareCoordinatorHost } from '../coordinator/share-coordinator-host.ts';
import { TransactionCoordinatorHost } from '../coordinator/transaction-coordinator-host.ts';
import type { TransactionMarkers } from '../coordinator/transaction-markers.ts';
import { TransactionVerification } from '../coordinator/transaction-verification.ts';
import type { AutoTopicCreation } from '../metadata/auto-topic-creation.ts';
import {
  CONSUMER_OFFSETS_TOPIC,
  SHARE_GROUP_STATE_TOPIC,
  TRANSACTION_STATE_TOPIC,
} from '../metadata/internal-topics.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { Purgatory } from '../replica/purgatory.ts';
import type { PartitionListener, ReplicaManager } from '../replica/replica-manager.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';
import { EndOffsets } from '../share/end-offsets.ts';
import { remoteShareState } from '../share/remote-share-state.ts';
import { ShareConsumers } from '../share/share-consumers.ts';
import { shareGroupSettings } from '../share/share-group-settings.ts';
import { SharePartitionManager } from '../share/share-partition-manager.ts';
import { SharePersister } from '../share/share-persister.ts';
import { NodeLinks } from './node-links.ts';

/** What coordinators work on. */
export interface CoordinatorParts {
  readonly config: DynamicBrokerConfig;
  readonly metadata: MetadataCache;
  /** The newest metadata, even if clients do not see it yet. */
  readonly newestImage: () => MetadataImage;
  readonly replicas: ReplicaSet;
  readonly replicaManager: ReplicaManager;
  readonly purgatory: Purgatory;
  readonly producerIds: ProducerIds;
  readonly autoTopicCreation: AutoTopicCreation;
  /** How other brokers are reached. */
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const TRANSACTION_VERSION_FEATURE = 'transaction.version';
const SHARE_VERSION_FEATURE = 'share.version';
/** Between attempts to connect; who asks waits between requests as well. */
const RECONNECT = { initialMs: 50, maxMs: 50 };
/** A request for each group of a batch, of every kind of request. */
const SHARE_STATE_REQUESTS_IN_FLIGHT = 5 * MAX_ITEMS;

export class BrokerCoordinators {
  readonly groups: GroupCoordinatorHost;
  readonly transactions: TransactionCoordinatorHost;
  /** Ends transactions in the partitions that are led here. */
  readonly markers: TransactionMarkers;
  readonly verification: TransactionVerification;
  readonly shares: ShareCoordinatorHost;
  readonly shareConsumers: ShareConsumers;
  readonly sharePersister: SharePersister;
  /** For the lag of share groups. */
  readonly endOffsets: EndOffsets;
  readonly #markerPeers: BrokerPeers;
  readonly #verificationPeers: BrokerPeers;
  readonly #sharePeers: BrokerPeers;
  readonly #endOffsetPeers: BrokerPeers;

  constructor(parts: CoordinatorParts) {
    this.#markerPeers = peersFor(parts, 'transaction-markers');
    this.#verificationPeers = peersFor(parts, 'transaction-verification');
    this.#sharePeers = peersFor(parts, 'share-state', SHARE_STATE_REQUESTS_IN_FLIGHT);
    this.#endOffsetPeers = peersFor(parts, 'end-offsets');
    this.shares = createShares(parts);
    this.sharePersister = createPersister(parts, this.shares, this.#sharePeers);
    this.endOffsets = createEndOffsets(parts, this.#endOffsetPeers);
    this.groups = createGroups(parts, this.sharePersister);
    this.markers = this.#createMarkers(parts);
    this.transactions = this.#createTransactions(parts);
    this.verification = this.#createVerification(parts);
    this.shareConsumers = createShareConsumers(parts, this.sharePersister);
    parts.replicaManager.listen(CONSUMER_OFFSETS_TOPIC, listenerOf(this.groups.driver));
    parts.replicaManager.listen(TRANSACTION_STATE_TOPIC, listenerOf(this.transactions.driver));
    parts.replicaManager.listen(SHARE_GROUP_STATE_TOPIC, listenerOf(this.shares.driver));
  }

  /** Clients see an image now. */
  onPublished(image: MetadataImage, delta: MetadataDelta): void {
    this.groups.onMetadataUpdate(clusterImageOf(image), clusterChangeOf(delta, image));
    this.shares.onFeatureChanged(hasShareGroups(image));
    this.shareConsumers.onFeatureChanged(hasShareGroups(image));
  }

  /** Topics are gone, and with them what groups kept of them. */
  onTopicsDeleted(topics: readonly { readonly id: string; readonly name: string }[]): void {
    this.groups.onTopicsDeleted(topics);
    this.shares.onTopicsDeleted(topics);
  }

  /** Answers everybody who waits and stops. */
  stop(): void {
    this.transactions.driver.stop();
    this.shareConsumers.partitions.removeAll();
    this.shares.driver.stop();
    this.groups.driver.stop();
    this.closePeers();
  }

  /** Asks nothing of other brokers any more. */
  closePeers(): void {
    this.#markerPeers.close();
    this.#verificationPeers.close();
    this.#sharePeers.close();
    this.#endOffsetPeers.close();
  }

  #createMarkers({ replicas, purgatory, config, clock }: CoordinatorParts): TransactionMarkers {
    return new LocalMarkers({
      replicas,
      endInOffsets: (partition, end) => this.groups.endTransaction(partition, end),
      purgatory,
      timeoutMs: () => config.current.get('request.timeout.ms'),
      clock,
    });
  }

  #createTransactions(parts: CoordinatorParts): TransactionCoordinatorHost {
    const { config, replicas, producerIds, metadata, newestImage, clock, logger } = parts;
    const { current } = config;
    const log = new ReplicaCoordinatorLog(
      TRANSACTION_STATE_TOPIC,
      replicas,
      clock,
      current.get('transaction.state.log.load.buffer.size'),
    );
    const transactions = new TransactionCoordinator({
      config: newTransactionCoordinatorConfig({
        idExpirationMs: current.get('transactional.id.expiration.ms'),
        maxTimeoutMs: current.get('transaction.max.timeout.ms'),
        abortTimedOutIntervalMs: current.get('transaction.abort.timed.out.transaction.cleanup.interval.ms'),
        removeExpiredIntervalMs: current.get('transaction.remove.expired.transaction.cleanup.interval.ms'),
        isTwoPhaseCommitEnabled: current.get('transaction.two.phase.commit.enable'),
        writeTimeoutMs: current.get('request.timeout.ms'),
      }),
      partitionCount: () =>
        newestImage().topics.byName.get(TRANSACTION_STATE_TOPIC)?.partitions.length ??
        current.get('transaction.state.log.num.partitions'),
      maxBatchBytes: () => log.maxBatchBytes(),
      takeProducerId: () => producerIds.takeNow(),
      compilePattern: compileLinearPattern,
      transactionVersion: () => metadata.image.features.finalizedVersions.get(TRANSACTION_VERSION_FEATURE) ?? 0,
      logger: logger.child({ component: 'transactions' }),
    });
    const markers = new MarkerSender({
      nodeId: current.nodeId,
      replicas,
      local: this.markers,
      remote: remoteMarkers(this.#markerPeers, logger),
      leaderOf: (at) => leaderOf(newestImage(), at),
    });
    return new TransactionCoordinatorHost({ transactions, log, markers, producerIds, clock, logger });
  }

  #createVerification({ config, replicas, metadata, clock, logger }: CoordinatorParts): TransactionVerification {
    return new TransactionVerification({
      nodeId: config.current.nodeId,
      remote: remoteTransactions(this.#verificationPeers, logger),
      replicas,
      metadata,
      transactions: this.transactions,
      isEnabled: () => config.current.get('transaction.partition.verification.enable'),
      retryBackoffMs: () => config.current.get('add.partitions.to.txn.retry.backoff.ms'),
      retryMaxMs: () =>
        Math.min(
          config.current.get('add.partitions.to.txn.retry.backoff.max.ms'),
          config.current.get('request.timeout.ms'),
        ),
      clock,
    });
  }
}

function createGroups(parts: CoordinatorParts, persister: SharePersister): GroupCoordinatorHost {
  const { config, replicas, newestImage, random, clock, logger } = parts;
  const log = new ReplicaCoordinatorLog(
    CONSUMER_OFFSETS_TOPIC,
    replicas,
    clock,
    config.current.get('offsets.load.buffer.size'),
  );
  return new GroupCoordinatorHost({
    groups: new GroupCoordinator({
      config: groupCoordinatorConfigOf(config.current),
      groupConfigs: groupConfigsOf(config, newestImage),
      partitionCount: config.current.get('offsets.topic.num.partitions'),
      maxBatchBytes: () => log.maxBatchBytes(),
      random,
      logger: logger.child({ component: 'groups' }),
    }),
    log,
    compression: compressionTypeOf(config.current.get('offsets.topic.compression.codec')),
    initializeShareStates: (states) => persister.initializeAll(states),
    clock,
    logger,
  });
}

function createShares({ config, replicas, metadata, clock, logger }: CoordinatorParts): ShareCoordinatorHost {
  const { current } = config;
  const log = new ReplicaCoordinatorLog(
    SHARE_GROUP_STATE_TOPIC,
    replicas,
    clock,
    current.get('share.coordinator.load.buffer.size'),
  );
  const shares = new ShareCoordinator({
    config: shareCoordinatorConfigFrom((name) => {
      const value = current.values.raw(name);
      return typeof value === 'number' ? value : undefined;
    }),
    partitionCount: current.get('share.coordinator.state.topic.num.partitions'),
    maxBatchBytes: () => log.maxBatchBytes(),
    topics: { partitionCountOf: (topicId) => metadata.topicById(topicId)?.partitions.length ?? null },
    logger: logger.child({ component: 'share state' }),
  });
  const codec = current.get('share.coordinator.state.topic.compression.codec');
  return new ShareCoordinatorHost({
    shares,
    log,
    prune: (partition, offset) => log.deleteBefore(partition, offset),
    compression: compressionTypeOf(codec),
    clock,
    logger,
  });
}

function createPersister(
  { config, metadata, newestImage, autoTopicCreation, clock, logger }: CoordinatorParts,
  local: ShareCoordinatorHost,
  peers: BrokerPeers,
): SharePersister {
  const ensureTopic = (): void => {
    if (metadata.topic(SHARE_GROUP_STATE_TOPIC) === undefined) autoTopicCreation.request(SHARE_GROUP_STATE_TOPIC);
  };
  return new SharePersister({
    nodeId: config.current.nodeId,
    local,
    remote: remoteShareState(peers, logger),
    leaderOf: (partition) => leaderOf(newestImage(), { topic: SHARE_GROUP_STATE_TOPIC, partition }),
    ensureTopic,
    clock,
  });
}

function createEndOffsets({ config, replicas, newestImage }: CoordinatorParts, peers: BrokerPeers): EndOffsets {
  const { nodeId } = config.current;
  return new EndOffsets({ nodeId, replicas, peers, leaderOf: (at) => leaderOf(newestImage(), at) });
}

function createShareConsumers(parts: CoordinatorParts, persister: SharePersister): ShareConsumers {
  const { config, metadata, newestImage, replicas, purgatory, clock } = parts;
  return new ShareConsumers({
    partitions: new SharePartitionManager({
      replicas,
      settings: shareGroupSettings(config, newestImage),
      persister,
      clock,
    }),
    metadata,
    purgatory,
    maxSessions: config.current.get('group.share.max.share.sessions'),
    maxBytes: () => config.current.get('fetch.max.bytes'),
    isEnabled: () => hasShareGroups(metadata.image),
  });
}

/** Whether the feature is enabled in the cluster. */
function hasShareGroups(image: MetadataImage): boolean {
  return (image.features.finalizedVersions.get(SHARE_VERSION_FEATURE) ?? 0) >= 1;
}

function peersFor(
  { config, newestImage, dialer, clock, random }: CoordinatorParts,
  name: string,
  maxInFlight = 1,
): BrokerPeers {
  const { current } = config;
  const links = new NodeLinks({ config: () => config.current, dialer, clock, random });
  const requestTimeoutMs = current.get('request.timeout.ms');
  const purpose = { name, maxInFlight, requestTimeoutMs, reconnect: RECONNECT };
  return new BrokerPeers({
    channelTo: (brokerId, address) => links.channelTo(purpose, brokerId, address),
    requestTimeoutMs,
    image: newestImage,
    listenerName: current.listeners.interBroker.name,
  });
}

/** As `MarkerSenderOptions.leaderOf`. */
function leaderOf(image: MetadataImage, { topic, partition }: TopicPartition): number | undefined {
  const leader = image.topics.byName.get(topic)?.partitions[partition]?.leader;
  const isUnavailable = leader !== undefined && image.cluster.brokers.get(leader)?.fenced !== false;
  return isUnavailable ? -1 : leader;
}

function listenerOf(
  driver: Pick<CoordinatorDriver<never>, 'onElected' | 'onResigned' | 'onCommitted'>,
): PartitionListener {
  return {
    onElected: (partition) => driver.onElected(partition.index, partition.leaderEpoch),
    onResigned: (partition) => driver.onResigned(partition.index, null),
    onHighWatermark: (partition) => driver.onCommitted(partition.index, partition.log.highWatermark),
  };
}
