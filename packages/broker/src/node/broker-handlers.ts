/**
 * The APIs of a broker listener: one line per handler file.
 */
import type { Clock, LogLevels } from '@skarab/base';
import type { DynamicBrokerConfig } from '@skarab/config';
import type { LogManager } from '@skarab/log';
import { type ControllerApi, supportedFeatureRanges, tokenHmac } from '@skarab/metadata';
import type { Authorizer } from '@skarab/security';
import type { ProducerIds } from '../controller/producer-ids.ts';
import { groupConfigsOf } from '../coordinator/group-configs.ts';
import type { AnyApiHandler } from '../dispatch/api-handler.ts';
import type { FetchSessionCache } from '../fetch/fetch-session-cache.ts';
import { produceHandler } from '../handlers/00-produce.ts';
import { fetchHandler } from '../handlers/01-fetch.ts';
import { listOffsetsHandler } from '../handlers/02-list-offsets.ts';
import { metadataHandler } from '../handlers/03-metadata.ts';
import { offsetCommitHandler } from '../handlers/08-offset-commit.ts';
import { offsetFetchHandler } from '../handlers/09-offset-fetch.ts';
import { findCoordinatorHandler } from '../handlers/10-find-coordinator.ts';
import { joinGroupHandler } from '../handlers/11-join-group.ts';
import { heartbeatHandler } from '../handlers/12-heartbeat.ts';
import { leaveGroupHandler } from '../handlers/13-leave-group.ts';
import { syncGroupHandler } from '../handlers/14-sync-group.ts';
import { describeGroupsHandler } from '../handlers/15-describe-groups.ts';
import { listGroupsHandler } from '../handlers/16-list-groups.ts';
import { apiVersionsHandler } from '../handlers/18-api-versions.ts';
import { createTopicsHandler } from '../handlers/19-create-topics.ts';
import { deleteTopicsHandler } from '../handlers/20-delete-topics.ts';
import { deleteRecordsHandler } from '../handlers/21-delete-records.ts';
import { initProducerIdHandler } from '../handlers/22-init-producer-id.ts';
import { offsetForLeaderEpochHandler } from '../handlers/23-offset-for-leader-epoch.ts';
import { addPartitionsToTxnHandler } from '../handlers/24-add-partitions-to-txn.ts';
import { addOffsetsToTxnHandler } from '../handlers/25-add-offsets-to-txn.ts';
import { endTxnHandler } from '../handlers/26-end-txn.ts';
import { writeTxnMarkersHandler } from '../handlers/27-write-txn-markers.ts';
import { txnOffsetCommitHandler } from '../handlers/28-txn-offset-commit.ts';
import { describeAclsHandler } from '../handlers/29-describe-acls.ts';
import { createAclsHandler } from '../handlers/30-create-acls.ts';
import { deleteAclsHandler } from '../handlers/31-delete-acls.ts';
import { describeConfigsHandler } from '../handlers/32-describe-configs.ts';
import { alterConfigsHandler } from '../handlers/33-alter-configs.ts';
import { alterReplicaLogDirsHandler } from '../handlers/34-alter-replica-log-dirs.ts';
import { describeLogDirsHandler } from '../handlers/35-describe-log-dirs.ts';
import { createPartitionsHandler } from '../handlers/37-create-partitions.ts';
import { createDelegationTokenHandler } from '../handlers/38-create-delegation-token.ts';
import { renewDelegationTokenHandler } from '../handlers/39-renew-delegation-token.ts';
import { expireDelegationTokenHandler } from '../handlers/40-expire-delegation-token.ts';
import { describeDelegationTokenHandler } from '../handlers/41-describe-delegation-token.ts';
import { deleteGroupsHandler } from '../handlers/42-delete-groups.ts';
import { electLeadersHandler } from '../handlers/43-elect-leaders.ts';
import { incrementalAlterConfigsHandler } from '../handlers/44-incremental-alter-configs.ts';
import { alterPartitionReassignmentsHandler } from '../handlers/45-alter-partition-reassignments.ts';
import { listPartitionReassignmentsHandler } from '../handlers/46-list-partition-reassignments.ts';
import { offsetDeleteHandler } from '../handlers/47-offset-delete.ts';
import { describeClientQuotasHandler } from '../handlers/48-describe-client-quotas.ts';
import { alterClientQuotasHandler } from '../handlers/49-alter-client-quotas.ts';
import { describeUserScramCredentialsHandler } from '../handlers/50-describe-user-scram-credentials.ts';
import { alterUserScramCredentialsHandler } from '../handlers/51-alter-user-scram-credentials.ts';
import { describeQuorumHandler } from '../handlers/55-describe-quorum.ts';
import { updateFeaturesHandler } from '../handlers/57-update-features.ts';
import { describeClusterHandler } from '../handlers/60-describe-cluster.ts';
import { describeProducersHandler } from '../handlers/61-describe-producers.ts';
import { unregisterBrokerHandler } from '../handlers/64-unregister-broker.ts';
import { describeTransactionsHandler } from '../handlers/65-describe-transactions.ts';
import { listTransactionsHandler } from '../handlers/66-list-transactions.ts';
import { consumerGroupHeartbeatHandler } from '../handlers/68-consumer-group-heartbeat.ts';
import { consumerGroupDescribeHandler } from '../handlers/69-consumer-group-describe.ts';
import { listConfigResourcesHandler } from '../handlers/74-list-config-resources.ts';
import { describeTopicPartitionsHandler } from '../handlers/75-describe-topic-partitions.ts';
import { shareGroupHeartbeatHandler } from '../handlers/76-share-group-heartbeat.ts';
import { shareGroupDescribeHandler } from '../handlers/77-share-group-describe.ts';
import { shareFetchHandler } from '../handlers/78-share-fetch.ts';
import { shareAcknowledgeHandler } from '../handlers/79-share-acknowledge.ts';
import { addRaftVoterHandler } from '../handlers/80-add-raft-voter.ts';
import { removeRaftVoterHandler } from '../handlers/81-remove-raft-voter.ts';
import { initializeShareGroupStateHandler } from '../handlers/83-initialize-share-group-state.ts';
import { readShareGroupStateHandler } from '../handlers/84-read-share-group-state.ts';
import { writeShareGroupStateHandler } from '../handlers/85-write-share-group-state.ts';
import { deleteShareGroupStateHandler } from '../handlers/86-delete-share-group-state.ts';
import { readShareGroupStateSummaryHandler } from '../handlers/87-read-share-group-state-summary.ts';
import { streamsGroupHeartbeatHandler } from '../handlers/88-streams-group-heartbeat.ts';
import { streamsGroupDescribeHandler } from '../handlers/89-streams-group-describe.ts';
import { describeShareGroupOffsetsHandler } from '../handlers/90-describe-share-group-offsets.ts';
import { alterShareGroupOffsetsHandler } from '../handlers/91-alter-share-group-offsets.ts';
import { deleteShareGroupOffsetsHandler } from '../handlers/92-delete-share-group-offsets.ts';
import type { AutoTopicCreation } from '../metadata/auto-topic-creation.ts';
import { cacheTopicsView } from '../metadata/cache-topics-view.ts';
import { finalizedLevels } from '../metadata/finalized-levels.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { StreamsTopicCreation } from '../metadata/streams-topic-creation.ts';
import type { ClientQuotas } from '../quota/client-quotas.ts';
import type { DirectoryMover } from '../replica/directory-mover.ts';
import type { Purgatory } from '../replica/purgatory.ts';
import { replicaSelectorOf } from '../replica/replica-selector.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';
import type { ReplicationQuota } from '../replica/replication-quota.ts';
import type { BrokerCoordinators } from './broker-coordinators.ts';

/** Everything the handlers work with. */
export interface BrokerHandlerParts {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly config: DynamicBrokerConfig;
  readonly metadata: MetadataCache;
  readonly replicas: ReplicaSet;
  readonly purgatory: Purgatory;
  readonly sessions: FetchSessionCache;
  readonly logs: LogManager;
  readonly mover: DirectoryMover;
  readonly leaderQuota: ReplicationQuota;
  readonly quotas: ClientQuotas;
  readonly controller: ControllerApi;
  readonly coordinators: BrokerCoordinators;
  readonly producerIds: ProducerIds;
  readonly authorizer: Authorizer;
  readonly autoTopicCreation: AutoTopicCreation;
  readonly streamsTopicCreation: StreamsTopicCreation;
  /** Level of kraft.version, which the raft log itself keeps. */
  readonly kraftVersion: () => number;
  readonly advertisedApis: () => { apiKey: number; minVersion: number; maxVersion: number }[];
  readonly logLevels: LogLevels;
  readonly clock: Clock;
}

/** All handlers of a broker. */
export function brokerHandlers(parts: BrokerHandlerParts): AnyApiHandler[] {
  const {
    clusterId,
    config,
    metadata,
    replicas,
    purgatory,
    sessions,
    logs,
    controller,
    autoTopicCreation,
    clock,
    nodeId,
    logLevels,
    quotas,
  } = parts;
  const { groups, transactions, markers, verification } = parts.coordinators;
  const { shares, shareConsumers, sharePersister, endOffsets } = parts.coordinators;
  const partitionForGroup = (group: string): number => groups.partitionFor(group);
  const topics = cacheTopicsView(metadata);
  const stored = (name: string): ReadonlyMap<string, string> =>
    name === '' ? config.clusterConfigs : config.brokerConfigs;
  const isCordonedDirectory = (directory: string): boolean => isCordoned(config, directory);
  const isConsumerProtocolEnabled = (): boolean =>
    config.current.get('group.coordinator.rebalance.protocols').includes('consumer') &&
    (metadata.image.features.finalizedVersions.get('group.version') ?? 0) >= 1;
  const isStreamsProtocolEnabled = (): boolean =>
    config.current.get('group.coordinator.rebalance.protocols').includes('streams') &&
    (metadata.image.features.finalizedVersions.get('streams.version') ?? 0) >= 1;
  const alterations = { nodeId, broker: config, stored };
  return [
    produceHandler({ metadata, replicas, purgatory, verification, quotas }),
    fetchHandler({
      metadata,
      replicas,
      purgatory,
      sessions,
      clock,
      nodeId,
      quota: parts.leaderQuota,
      quotas,
      selectReplica: replicaSelectorOf(config.current.get('replica.selector.class')),
      maxBytes: () => config.current.get('fetch.max.bytes'),
    }),
    listOffsetsHandler(metadata, replicas),
    metadataHandler({ clusterId, metadata, autoTopicCreation }),
    offsetCommitHandler(groups, topics),
    offsetFetchHandler(groups, topics),
    findCoordinatorHandler({
      metadata,
      autoTopicCreation,
      partitionForGroup,
      partitionForTransaction: (transactionalId) => transactions.partitionFor(transactionalId),
      partitionForShare: (key) => shares.partitionFor(key),
    }),
    joinGroupHandler(groups),
    heartbeatHandler(groups),
    leaveGroupHandler(groups),
    syncGroupHandler(groups),
    describeGroupsHandler(groups),
    listGroupsHandler(groups),
    apiVersionsHandler({
      advertised: parts.advertisedApis,
      supportedFeatures: [...supportedFeatureRanges()].map(([name, { min, max }]) => ({
        name,
        minVersion: min,
        maxVersion: max,
      })),
      finalized: () => ({
        epoch: metadata.image.provenance.lastContainedOffset,
        levels: finalizedLevels(metadata.image.features, parts.kraftVersion()),
      }),
    }),
    createTopicsHandler(controller),
    deleteTopicsHandler(controller),
    deleteRecordsHandler({ metadata, replicas, purgatory }),
    initProducerIdHandler(parts.producerIds, transactions),
    offsetForLeaderEpochHandler(metadata, replicas),
    addPartitionsToTxnHandler({ transactions, metadata }),
    addOffsetsToTxnHandler(transactions, partitionForGroup),
    endTxnHandler(transactions),
    writeTxnMarkersHandler(markers),
    txnOffsetCommitHandler({ groups, partitionFor: partitionForGroup, topics, verification }),
    describeAclsHandler(metadata, parts.authorizer),
    createAclsHandler(controller, parts.authorizer),
    deleteAclsHandler(controller, parts.authorizer),
    describeConfigsHandler({ nodeId, metadata, broker: config, logLevels }),
    alterConfigsHandler(alterations, controller),
    alterReplicaLogDirsHandler({ logs, metadata, replicas, mover: parts.mover, isCordoned: isCordonedDirectory }),
    describeLogDirsHandler({ logs, replicas, isCordoned: isCordonedDirectory }),
    createPartitionsHandler(controller),
    createDelegationTokenHandler(controller),
    renewDelegationTokenHandler(controller),
    expireDelegationTokenHandler(controller),
    describeDelegationTokenHandler(metadata, tokenHmac(config.current.get('delegation.token.secret.key'))),
    deleteGroupsHandler(groups, sharePersister),
    electLeadersHandler(controller),
    incrementalAlterConfigsHandler({ ...alterations, logLevels }, controller),
    alterPartitionReassignmentsHandler(controller),
    listPartitionReassignmentsHandler(controller),
    offsetDeleteHandler(groups, topics),
    describeClientQuotasHandler(metadata),
    alterClientQuotasHandler(controller),
    describeUserScramCredentialsHandler(metadata),
    alterUserScramCredentialsHandler(controller),
    describeQuorumHandler(controller),
    updateFeaturesHandler(controller),
    describeClusterHandler({
      clusterId,
      describes: 'brokers',
      endpoints: (listener, includeFenced) => metadata.endpoints(listener, includeFenced),
      controllerId: () => metadata.anyAliveBrokerId(),
    }),
    describeProducersHandler(metadata, replicas),
    unregisterBrokerHandler(controller),
    describeTransactionsHandler(transactions),
    listTransactionsHandler(transactions),
    consumerGroupHeartbeatHandler(groups, isConsumerProtocolEnabled),
    consumerGroupDescribeHandler(groups, isConsumerProtocolEnabled),
    streamsGroupHeartbeatHandler({
      groups,
      isEnabled: isStreamsProtocolEnabled,
      topicCreation: parts.streamsTopicCreation,
      heartbeatIntervalMs: (groupId) =>
        groupConfigsOf(config, () => metadata.image).streams(groupId).heartbeatIntervalMs,
    }),
    streamsGroupDescribeHandler(groups, isStreamsProtocolEnabled),
    listConfigResourcesHandler(metadata),
    shareGroupHeartbeatHandler(groups, shareConsumers),
    shareGroupDescribeHandler(groups, shareConsumers),
    shareFetchHandler(shareConsumers, quotas),
    shareAcknowledgeHandler(shareConsumers),
    initializeShareGroupStateHandler(shares),
    readShareGroupStateHandler(shares),
    writeShareGroupStateHandler(shares),
    deleteShareGroupStateHandler(shares),
    readShareGroupStateSummaryHandler(shares),
    describeShareGroupOffsetsHandler({ groups, consumers: shareConsumers, persister: sharePersister, endOffsets }),
    alterShareGroupOffsetsHandler({ groups, consumers: shareConsumers, persister: sharePersister }),
    deleteShareGroupOffsetsHandler({ groups, consumers: shareConsumers, persister: sharePersister }),
    addRaftVoterHandler(controller),
    removeRaftVoterHandler(controller),
    describeTopicPartitionsHandler(metadata, () => config.current.get('max.request.partition.size.limit')),
  ];
}

function isCordoned(config: DynamicBrokerConfig, directory: string): boolean {
  const cordoned = config.current.cordonedLogDirs;
  return cordoned.includes('*') || cordoned.includes(directory);
}
