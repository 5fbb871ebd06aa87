/**
 * The metadata of a node, made of its configuration: its replica of the metadata log, as a voter or as an observer.
 */
import type { Clock, Logger, Random } from '@skarab/base';
import type { BrokerConfig, DynamicBrokerConfig } from '@skarab/config';
import { LogHost, type Storage } from '@skarab/log';
import {
  type ControllerApi,
  type DelegationTokenSettings,
  MetadataNode,
  type RegisteredEndpoint,
  readBootstrap,
  tokenHmac,
} from '@skarab/metadata';
import { openRaftLog, type RaftTransport, raftLogDirectory } from '@skarab/raft';
import { configSchemaOf } from '../config/config-schema.ts';

/** What it is made of. */
export interface NodeMetadataOptions {
  readonly clusterId: string;
  readonly config: DynamicBrokerConfig;
  readonly storage: Storage;
  /** Of each directory by its path. */
  readonly directoryIds: ReadonlyMap<string, string>;
  /** The advertised controller listeners; none for a node with the broker's role alone. */
  readonly endpoints: readonly RegisteredEndpoint[];
  readonly transport: RaftTransport;
  /** Wherever the active controller is. */
  readonly controller: ControllerApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly onFault: (error: unknown) => void;
}

/** Opens the log; nothing is loaded before `start`. Errors: CorruptDataError, StorageError. */
export async function openNodeMetadata(options: NodeMetadataOptions): Promise<MetadataNode> {
  const { clusterId, storage, directoryIds, endpoints, transport, controller, clock, random, logger, onFault } =
    options;
  const { current: config } = options.config;
  const host = new LogHost({
    storage,
    clock,
    random,
    logger,
    tailCacheBytes: 0,
    onLogDirFailure: (_directory, error) => onFault(error),
  });
  const fileDeleteDelayMs = config.get('internal.metadata.delete.delay.millis');
  const log = await openRaftLog(host, config.metadataLogDir, {
    segmentBytes: config.get('internal.metadata.log.segment.bytes') ?? config.get('metadata.log.segment.bytes'),
    segmentMs: config.get('metadata.log.segment.ms'),
    fileDeleteDelayMs,
  });
  const [controllerListener] = config.get('controller.listener.names');
  return new MetadataNode({
    nodeId: config.nodeId,
    clusterId,
    directoryId: directoryIds.get(config.metadataLogDir) ?? '',
    isController: config.processRoles.has('controller'),
    endpoints,
    ...(controllerListener !== undefined && { controllerListener }),
    staticVoters: [...config.quorumVoters].map(([id, { host: voterHost, port }]) => ({ id, host: voterHost, port })),
    bootstrapServers: config.quorumBootstrapServers,
    ...quorumSettings(options.config),
    transport,
    activeController: controller,
    log,
    storage,
    directory: raftLogDirectory(config.metadataLogDir),
    bootstrap: readBootstrap(storage, config.metadataLogDir),
    configSchema: configSchemaOf(options.config),
    staticConfig: config.originals,
    topicDefaults: {
      numPartitions: config.get('num.partitions'),
      replicationFactor: config.get('default.replication.factor'),
    },
    isTopicDeletionEnabled: config.get('delete.topic.enable'),
    delegationTokens: delegationTokenSettings(config),
    areUnstableFeaturesEnabled: config.get('unstable.feature.versions.enable'),
    times: {
      brokerSessionTimeoutMs: config.get('broker.session.timeout.ms'),
      maxIdleIntervalMs: config.metadataMaxIdleIntervalMs ?? 0,
      leaderImbalanceCheckIntervalMs: config.get('auto.leader.rebalance.enable')
        ? config.get('leader.imbalance.check.interval.seconds') * 1000
        : null,
      uncleanElectionCheckIntervalMs: config.get('unclean.leader.election.interval.ms'),
      tokenExpiryCheckIntervalMs: config.get('delegation.token.expiry.check.interval.ms'),
    },
    mutationBurstSeconds:
      config.get('controller.quota.window.num') * config.get('controller.quota.window.size.seconds'),
    snapshots: {
      maxBytes: config.get('metadata.log.max.record.bytes.between.snapshots'),
      maxIntervalMs: config.get('metadata.log.max.snapshot.interval.ms'),
    },
    retention: { maxBytes: config.get('metadata.max.retention.bytes'), maxMs: config.get('metadata.max.retention.ms') },
    fileDeleteDelayMs,
    clock,
    random,
    logger,
    onFault,
  });
}

/** `controller.quorum.*`. Unless a linger is asked for, a leader gathers the appends of a turn, which costs no waiting. */
function quorumSettings({ current: config }: DynamicBrokerConfig) {
  const linger = 'controller.quorum.append.linger.ms';
  return {
    quorum: {
      electionTimeoutMs: config.get('controller.quorum.election.timeout.ms'),
      electionBackoffMaxMs: config.get('controller.quorum.election.backoff.max.ms'),
      fetchTimeoutMs: config.get('controller.quorum.fetch.timeout.ms'),
      requestTimeoutMs: config.get('controller.quorum.request.timeout.ms'),
      retryBackoffMs: config.get('controller.quorum.retry.backoff.ms'),
      fetchMaxBytes: config.get('controller.quorum.fetch.max.bytes'),
      fetchSnapshotMaxBytes: config.get('controller.quorum.fetch.snapshot.max.bytes'),
      autoJoin: config.get('controller.quorum.auto.join.enable'),
    },
    ...(config.originals.has(linger) && { appendLingerMs: config.get(linger) }),
  };
}

/** `delegation.token.*`. */
function delegationTokenSettings(config: BrokerConfig): DelegationTokenSettings {
  return {
    hmac: tokenHmac(config.get('delegation.token.secret.key')),
    maxLifetimeMs: config.get('delegation.token.max.lifetime.ms'),
    expiryTimeMs: config.get('delegation.token.expiry.time.ms'),
  };
}
