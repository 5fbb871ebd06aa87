/** Metadata of the cluster: images, the controller that decides about them, formatting of directories. */

// Who may do what
export { StandardAuthorizer, type StandardAuthorizerOptions } from './core/authorizer/standard-authorizer.ts';
// A cluster's beginning
export {
  type BootstrapMetadata,
  bootstrapFromLevels,
  bootstrapFromRecords,
  defaultBootstrap,
  describeBootstrap,
} from './core/bootstrap/bootstrap-metadata.ts';
// The controller
export { describeAcls } from './core/controller/acl-control.ts';
export type { BrokerIdAndEpoch } from './core/controller/broker-heartbeats.ts';
export { describeClientQuotas } from './core/controller/client-quota-control.ts';
export {
  type ConfigLayers,
  type ConfigSchema,
  ConfigSource,
  type EffectiveConfig,
} from './core/controller/config-schema.ts';
export type { ErrorValue } from './core/controller/decision.ts';
export {
  type DelegationTokenSettings,
  type TokenHmac,
  tokenOwner,
  tokenParties,
} from './core/controller/delegation-token-control.ts';
export { describeDelegationTokens } from './core/controller/delegation-token-descriptions.ts';
export {
  type AlterConfigsAccess,
  type ControllerRequestContext,
  type CreateTopicsAccess,
  type DeleteTopicsAccess,
  type TopicPredicate,
  UNRESTRICTED,
} from './core/controller/request-context.ts';
export { describeScramCredentials } from './core/controller/scram-control.ts';
export type { TopicDefaults } from './core/controller/topic-creation.ts';
// Deltas and publishers
export { ClientQuotasDelta } from './core/delta/client-quotas-delta.ts';
export { ClusterDelta } from './core/delta/cluster-delta.ts';
export { ConfigurationsDelta } from './core/delta/configurations-delta.ts';
export { FeaturesDelta } from './core/delta/features-delta.ts';
export { KeyedDelta } from './core/delta/keyed-delta.ts';
export {
  type LocalPartition,
  type LocalReplica,
  type LocalReplicaChanges,
  localReplicaChanges,
} from './core/delta/local-replica-changes.ts';
export { MetadataDelta } from './core/delta/metadata-delta.ts';
export { TopicDelta } from './core/delta/topic-delta.ts';
export { TopicsDelta } from './core/delta/topics-delta.ts';
// Features, names and ids
export {
  compareDirectories,
  isOnlineDirectory,
  isReservedDirectory,
  LOST_DIRECTORY,
  MIGRATING_DIRECTORY,
  UNASSIGNED_DIRECTORY,
} from './core/directory-id.ts';
export {
  defaultLevel,
  type Feature,
  KRAFT_VERSION_FEATURE,
  PRODUCTION_FEATURES,
  supportedFeatureRanges,
} from './core/feature/feature.ts';
export {
  isProductionMetadataVersion,
  LATEST_PRODUCTION_METADATA_VERSION,
  METADATA_VERSION_FEATURE,
  MINIMUM_METADATA_VERSION,
  metadataVersionName,
  parseMetadataVersion,
} from './core/feature/metadata-version.ts';
export type { VersionRange } from './core/feature/version-range.ts';
export type { FormatRequest, InitialController } from './core/format/format-request.ts';
export { initialLevels } from './core/format/initial-levels.ts';
// Images and look-ups
export { type AclsImage, aclKey, type StandardAcl } from './core/image/acls-image.ts';
export {
  type ClientQuotaImage,
  type ClientQuotasImage,
  type QuotaEntity,
  QuotaEntityType,
  quotaEntityKey,
  quotaEntityOf,
} from './core/image/client-quotas-image.ts';
export { brokerEpochOf, type ClusterImage, isActiveBroker } from './core/image/cluster-image.ts';
export {
  type ConfigResource,
  ConfigResourceType,
  type ConfigurationImage,
  type ConfigurationsImage,
  configResourceTypeOf,
} from './core/image/configurations-image.ts';
export type { DelegationToken, DelegationTokensImage } from './core/image/delegation-tokens-image.ts';
export { type FeaturesImage, featureLevel, isElrEnabled, metadataVersionOrThrow } from './core/image/features-image.ts';
export { EMPTY_IMAGE, imageRecords, type MetadataImage, type ProducerIdsImage } from './core/image/metadata-image.ts';
export type { MetadataProvenance } from './core/image/provenance.ts';
export { type ScramCredential, type ScramImage, ScramMechanismId, scramKey } from './core/image/scram-image.ts';
export { findPartition, type TopicIdPartition, type TopicImage, type TopicsImage } from './core/image/topics-image.ts';
export { PersistentMap } from './core/persistent-map.ts';
export type { LeaderAndEpoch, LoaderManifest, MetadataPublisher } from './core/publisher.ts';
// Records
export { ClientQuotaLimits, type QuotaClient } from './core/quota/client-quota-limits.ts';
export type { MetadataRecord, MetadataRecordOf, MetadataRecordType } from './core/record/metadata-record.ts';
export { decodeMetadataRecord, encodeMetadataRecord } from './core/record/serde.ts';
export {
  type BrokerRegistration,
  hasOnlineDirectory,
  hasUncordonedDirectory,
} from './core/registration/broker-registration.ts';
export type { ControllerRegistration } from './core/registration/controller-registration.ts';
export { type RegisteredEndpoint, SecurityProtocolId } from './core/registration/endpoint.ts';
export {
  hasPreferredLeader,
  isReassigning,
  LeaderRecoveryState,
  NO_LEADER,
  type PartitionRegistration,
  replicaDirectory,
} from './core/registration/partition-registration.ts';
export {
  CLUSTER_METADATA_TOPIC,
  hasCollisionCharacters,
  reasonInvalidTopicName,
  unifyCollisionCharacters,
} from './core/topic-name.ts';
// The hosts
export { BOOTSTRAP_FILE, readBootstrap, writeBootstrap } from './host/bootstrap-file.ts';
export type { ControllerTimes } from './host/controller.ts';
export type { ControllerApi } from './host/controller-api.ts';
export { type FormatEnvironment, formatDirectories } from './host/format-directories.ts';
export { MetadataNode, type MetadataNodeOptions, type StaticVoter, type VoterAddress } from './host/metadata-node.ts';
export { scramKeys } from './host/scram-keys.ts';
export type { SnapshotLimits } from './host/snapshot-generator.ts';
export { tokenHmac } from './host/token-hmac.ts';
