// The group coordinator, as its host sees it
export { errorResponse } from './group/front/error-response.ts';
export type { ConsumerGroupConfig, GroupConfigs, ShareGroupConfig, StreamsGroupConfig } from './group/group-configs.ts';
export {
  GroupCoordinator,
  type GroupCoordinatorEffect,
  type GroupCoordinatorOptions,
  type GroupEffect,
  type InitializeShareStatesEffect,
  type RespondEffect,
  type TransactionEndedEffect,
} from './group/group-coordinator.ts';
export {
  type GroupCoordinatorConfig,
  groupCoordinatorConfigFrom,
  groupCoordinatorOptions,
  newGroupCoordinatorConfig,
  type OptionValue,
} from './group/group-coordinator-config.ts';
export type {
  GroupOffsetFetch,
  GroupRequest,
  GroupRequestContext,
  GroupRequestKind,
  GroupRequests,
  GroupResponse,
  StreamsHeartbeatResult,
} from './group/group-requests.ts';
export { clientHostOf, partitionForGroup } from './group/java-string.ts';
export {
  type ClusterChange,
  type ClusterImage,
  EMPTY_CLUSTER,
  type TopicMetadata,
} from './group/metadata/cluster-image.ts';
export type { DeletedTopic } from './group/offsets/delete-offsets.ts';
// Requests before and after the coordinator
export { type OffsetCommitPlan, planOffsetCommit } from './group/request/offset-commit-plan.ts';
export { type OffsetDeletePlan, planOffsetDelete } from './group/request/offset-delete-plan.ts';
export {
  type OffsetFetchPlan,
  offsetFetchGroups,
  offsetFetchResponse,
  planOffsetFetch,
} from './group/request/offset-fetch-plan.ts';
export type { TopicPermission, TopicsView } from './group/request/topics-view.ts';
export { planTxnOffsetCommit, type TxnOffsetCommitPlan } from './group/request/txn-offset-commit-plan.ts';
export type { StatesToInitialize } from './group/share/heartbeat.ts';
export type { AlteredOffsets, ForgottenTopics, OffsetsToDelete, StatesToBegin } from './group/share/offsets.ts';
export type { StatesToDelete } from './group/share/states.ts';
export { writeErrorToResponse } from './group/write-error.ts';
// The runtime's effects
export type {
  AppendEffect,
  AppendMarkerEffect,
  BatchProducer,
  LoadEffect,
  RuntimeEffect,
  TransactionEnd,
} from './runtime/effects.ts';
export type { PartitionLoad } from './runtime/partition-load.ts';
// The share coordinator, as its host sees it
export {
  type PruneEffect,
  ShareCoordinator,
  type ShareCoordinatorEffect,
  type ShareCoordinatorOptions,
} from './share/share-coordinator.ts';
export {
  newShareCoordinatorConfig,
  type ShareCoordinatorConfig,
  shareCoordinatorConfigFrom,
  shareCoordinatorOptions,
} from './share/share-coordinator-config.ts';
export type {
  SharePartitionRequest,
  SharePartitionResult,
  ShareStateRequest,
  ShareStateRequestKind,
  ShareStateRequests,
  ShareStateResponse,
} from './share/share-coordinator-requests.ts';
export { parseSharePartitionKey, type SharePartitionKey, sharePartitionKeyText } from './share/share-partition-key.ts';
export { refuseShareStateRequest } from './share/share-state-operations.ts';
export type { ShareTopicsView } from './share/share-state-shard.ts';
export type { StateBatch } from './share/state/state-batch.ts';
// Share partitions
export type { AcknowledgementBatch } from './share-partition/acknowledge.ts';
export type { AcquiredRecords } from './share-partition/acquired-records.ts';
export type { Acquired, Acquisition } from './share-partition/acquisition.ts';
export type { AbortedTransaction, FetchedBatch, FetchedRecords } from './share-partition/fetched-records.ts';
export type { PersistedBatch, PersistedState } from './share-partition/persisted-state.ts';
export { AcknowledgeType, RecordState } from './share-partition/record-state.ts';
export type { SharePartitionSettings } from './share-partition/share-ledger.ts';
export {
  SharePartition,
  type SharePartitionEffect,
  type SharePartitionOptions,
  type WriteStateEffect,
} from './share-partition/share-partition.ts';
export type { ShareProblem } from './share-partition/share-problem.ts';
// The transaction coordinator, as its host sees it
export type { TopicPartition } from './transaction/partition-set.ts';
export { TransactionCoordinator, type TransactionCoordinatorOptions } from './transaction/transaction-coordinator.ts';
export {
  newTransactionCoordinatorConfig,
  type TransactionCoordinatorConfig,
} from './transaction/transaction-coordinator-config.ts';
export type {
  MarkerResult,
  TransactionCoordinatorEffect,
  TransactionRespondEffect,
  WriteMarkersEffect,
} from './transaction/transaction-effects.ts';
export type {
  AddPartitionsCall,
  EndTransactionCall,
  InitProducerIdCall,
  PartitionErrors,
  ProducerIdAndEpoch,
  ProducerResult,
  TransactionRequest,
  TransactionRequestKind,
  TransactionResponse,
  VerifyPartitionsCall,
} from './transaction/transaction-requests.ts';
