/**
 * The controller role's listeners: what Kafka answers there to admins and to other nodes.
 *
 * Source: kafka.server.ControllerApis.
 */
import type { Clock, LevelledLogger } from '@skarab/base';
import type { DynamicBrokerConfig } from '@skarab/config';
import { type AclsImage, type MetadataNode, type RegisteredEndpoint, supportedFeatureRanges } from '@skarab/metadata';
import { FramePool, type ListenerOptions, type ServerListener } from '@skarab/network';
import type { Authorizer } from '@skarab/security';
import type { MetricsRegistry } from '@skarab/telemetry';
import { nodeAuthorizer } from '../config/node-authorizer.ts';
import { BrokerConnections, DOUBT_GRACE_MS } from '../controller/broker-connections.ts';
import type { AnyApiHandler } from '../dispatch/api-handler.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import { ServedApis } from '../dispatch/served-apis.ts';
import { apiVersionsHandler } from '../handlers/18-api-versions.ts';
import { createTopicsHandler } from '../handlers/19-create-topics.ts';
import { deleteTopicsHandler } from '../handlers/20-delete-topics.ts';
import { describeAclsHandler } from '../handlers/29-describe-acls.ts';
import { createAclsHandler } from '../handlers/30-create-acls.ts';
import { deleteAclsHandler } from '../handlers/31-delete-acls.ts';
import { describeConfigsHandler } from '../handlers/32-describe-configs.ts';
import { alterConfigsHandler } from '../handlers/33-alter-configs.ts';
import { createPartitionsHandler } from '../handlers/37-create-partitions.ts';
import { createDelegationTokenHandler } from '../handlers/38-create-delegation-token.ts';
import { renewDelegationTokenHandler } from '../handlers/39-renew-delegation-token.ts';
import { expireDelegationTokenHandler } from '../handlers/40-expire-delegation-token.ts';
import { electLeadersHandler } from '../handlers/43-elect-leaders.ts';
import { incrementalAlterConfigsHandler } from '../handlers/44-incremental-alter-configs.ts';
import { alterPartitionReassignmentsHandler } from '../handlers/45-alter-partition-reassignments.ts';
import { listPartitionReassignmentsHandler } from '../handlers/46-list-partition-reassignments.ts';
import { alterClientQuotasHandler } from '../handlers/49-alter-client-quotas.ts';
import { alterUserScramCredentialsHandler } from '../handlers/51-alter-user-scram-credentials.ts';
import { describeQuorumHandler } from '../handlers/55-describe-quorum.ts';
import { alterPartitionHandler } from '../handlers/56-alter-partition.ts';
import { updateFeaturesHandler } from '../handlers/57-update-features.ts';
import { envelopeHandler } from '../handlers/58-envelope.ts';
import { describeClusterHandler } from '../handlers/60-describe-cluster.ts';
import { brokerRegistrationHandler } from '../handlers/62-broker-registration.ts';
import { brokerHeartbeatHandler } from '../handlers/63-broker-heartbeat.ts';
import { unregisterBrokerHandler } from '../handlers/64-unregister-broker.ts';
import { allocateProducerIdsHandler } from '../handlers/67-allocate-producer-ids.ts';
import { controllerRegistrationHandler } from '../handlers/70-controller-registration.ts';
import { assignReplicasToDirsHandler } from '../handlers/73-assign-replicas-to-dirs.ts';
import { addRaftVoterHandler } from '../handlers/80-add-raft-voter.ts';
import { removeRaftVoterHandler } from '../handlers/81-remove-raft-voter.ts';
import { fetchMetadataHandler } from '../handlers/quorum/01-fetch.ts';
import { voteHandler } from '../handlers/quorum/52-vote.ts';
import { beginQuorumEpochHandler } from '../handlers/quorum/53-begin-quorum-epoch.ts';
import { endQuorumEpochHandler } from '../handlers/quorum/54-end-quorum-epoch.ts';
import { fetchSnapshotHandler } from '../handlers/quorum/59-fetch-snapshot.ts';
import { updateRaftVoterHandler } from '../handlers/quorum/82-update-raft-voter.ts';
import type { QuorumReplica } from '../handlers/quorum/quorum-handler.ts';
import { finalizedLevels } from '../metadata/finalized-levels.ts';
import type { NodeEndpoint } from '../metadata/metadata-cache.ts';
import { ClientQuotas } from '../quota/client-quotas.ts';
import { quotaWindowsOf } from '../quota/quota-windows.ts';
import { NodeListeners } from './node-listeners.ts';

/** What the controller role needs of its node. */
export interface ControllerServerOptions {
  readonly clusterId: string;
  readonly config: DynamicBrokerConfig;
  /** There once the listeners are opened. */
  readonly metadata: () => MetadataNode;
  /** How it is reached; by TCP unless given. */
  readonly listen?: (options: ListenerOptions) => ServerListener;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
  readonly logger: LevelledLogger;
}

/** The quorum's own APIs, answered by the replica of the metadata log. */
const quorumHandlers: readonly ((replica: QuorumReplica) => AnyApiHandler)[] = [
  fetchMetadataHandler,
  voteHandler,
  beginQuorumEpochHandler,
  endQuorumEpochHandler,
  fetchSnapshotHandler,
  updateRaftVoterHandler,
];

const FRAME_POOL_BYTES = 1 << 20;
const DRAIN_MS = 200;

export class ControllerServer {
  readonly #options: ControllerServerOptions;
  readonly #framePool = new FramePool(FRAME_POOL_BYTES);
  readonly #listeners: NodeListeners;
  readonly #brokerConnections: BrokerConnections;
  #dispatcher: Dispatcher | undefined;

  /** Errors: ConfigError for listeners that cannot be. */
  constructor(options: ControllerServerOptions) {
    const { config, metrics, clock, logger } = options;
    this.#options = options;
    this.#brokerConnections = new BrokerConnections((brokerId, brokerEpoch) =>
      options.metadata().doubtBroker(brokerId, brokerEpoch, DOUBT_GRACE_MS),
    );
    this.#listeners = new NodeListeners({
      endpoints: config.current.listeners.controller,
      advertised: config.current.listeners.advertisedController,
      config: () => config.current,
      clientQuotas: () => options.metadata().image.clientQuotas,
      handler: {
        overlaps: () => false,
        handle: (connection, frame, respond) => this.#dispatcher?.handle(connection, frame, respond),
        onClosed: (connection) => this.#brokerConnections.onClosed(connection),
      },
      framePool: this.#framePool,
      metrics,
      clock,
      logger: logger.child({ component: 'network' }),
      ...(options.listen !== undefined && { listen: options.listen }),
    });
  }

  /** The listeners as voters and admins are told of them. */
  advertised(): RegisteredEndpoint[] {
    return this.#listeners.advertised();
  }

  /** Binds the ports. Errors: TransportError LISTEN. */
  bind(): Promise<void> {
    return this.#listeners.bind();
  }

  /** Begins to serve. */
  open(): void {
    const { config, metrics, clock, logger } = this.#options;
    const authorizer = nodeAuthorizer(config.current, () => this.#acls());
    const apis: ServedApis = new ServedApis(
      this.#handlers(() => apis, authorizer),
      config.current.get('unstable.api.versions.enable'),
    );
    this.#dispatcher = new Dispatcher({
      apis,
      authorizer,
      framePool: this.#framePool,
      quotas: new ClientQuotas({
        image: () => this.#options.metadata().image.clientQuotas,
        windows: quotaWindowsOf(config.current),
        clock,
      }),
      clock,
      logger,
      metrics,
    });
    this.#listeners.open();
  }

  stop(): Promise<void> {
    return this.#listeners.stop(DRAIN_MS);
  }

  #handlers(apis: () => ServedApis, authorizer: Authorizer): AnyApiHandler[] {
    const { clusterId, config, metadata, clock, logger } = this.#options;
    const { controller } = metadata();
    const stored = (name: string): ReadonlyMap<string, string> =>
      name === '' ? config.clusterConfigs : config.brokerConfigs;
    const alterations = { nodeId: config.current.nodeId, isController: true, broker: config, stored };
    return [
      apiVersionsHandler({
        advertised: () => apis().advertised(),
        supportedFeatures: [...supportedFeatureRanges()].map(([name, { min, max }]) => ({
          name,
          minVersion: min,
          maxVersion: max,
        })),
        finalized: () => ({
          epoch: metadata().image.provenance.lastContainedOffset,
          levels: finalizedLevels(metadata().image.features, metadata().kraftVersion),
        }),
      }),
      createTopicsHandler(controller),
      deleteTopicsHandler(controller),
      describeAclsHandler(metadata(), authorizer),
      createAclsHandler(controller, authorizer),
      deleteAclsHandler(controller, authorizer),
      describeConfigsHandler({
        nodeId: config.current.nodeId,
        metadata: metadata(),
        broker: config,
        logLevels: this.#options.logger.levels,
      }),
      alterConfigsHandler(alterations, controller),
      createPartitionsHandler(controller),
      createDelegationTokenHandler(controller),
      renewDelegationTokenHandler(controller),
      expireDelegationTokenHandler(controller),
      electLeadersHandler(controller),
      incrementalAlterConfigsHandler({ ...alterations, logLevels: this.#options.logger.levels }, controller),
      alterPartitionReassignmentsHandler(controller),
      listPartitionReassignmentsHandler(controller),
      alterClientQuotasHandler(controller),
      alterUserScramCredentialsHandler(controller),
      describeQuorumHandler(controller),
      alterPartitionHandler(controller),
      updateFeaturesHandler(controller),
      envelopeHandler({ apis, authorizer, clock, logger }),
      describeClusterHandler({
        clusterId,
        describes: 'controllers',
        endpoints: (listener) => this.#endpoints(listener),
        controllerId: () => metadata().leader.leaderId ?? -1,
      }),
      brokerRegistrationHandler(controller),
      brokerHeartbeatHandler(controller, this.#brokerConnections),
      unregisterBrokerHandler(controller),
      allocateProducerIdsHandler(controller),
      controllerRegistrationHandler(controller),
      assignReplicasToDirsHandler(controller),
      addRaftVoterHandler(controller),
      removeRaftVoterHandler(controller),
      ...quorumHandlers.map((handler) => handler(metadata())),
    ];
  }

  /** The listeners are open before the metadata is loaded. */
  #acls(): AclsImage | undefined {
    const { image } = this.#options.metadata();
    return image.provenance.lastContainedOffset < 0 ? undefined : image.acls;
  }

  /** The registered controllers that have the listener. */
  #endpoints(listener: string): NodeEndpoint[] {
    const found: NodeEndpoint[] = [];
    for (const registration of this.#options.metadata().image.cluster.controllers.values()) {
      const endpoint = registration.listeners.get(listener);
      if (endpoint === undefined) continue;
      found.push({ nodeId: registration.id, host: endpoint.host, port: endpoint.port, rack: null, isFenced: false });
    }
    return found;
  }
}
