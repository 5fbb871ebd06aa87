/**
 * What changed since an image: records are replayed into it, and `apply` makes the next image.
 *
 * The parts exist only once a record touched them, so that a publisher sees at a glance what concerns it. Replaying is the only way in
 * which metadata changes, on the controller and on every broker, while loading and live.
 * Shape: replayer. Source: org.apache.kafka.image.MetadataDelta.
 */
import { aclFromRecord, type StandardAcl } from '../image/acls-image.ts';
import { type DelegationToken, tokenFromRecord } from '../image/delegation-tokens-image.ts';
import type { MetadataImage } from '../image/metadata-image.ts';
import type { MetadataProvenance } from '../image/provenance.ts';
import { type ScramCredential, scramFromRecord, scramKey } from '../image/scram-image.ts';
import { toNumber } from '../int64.ts';
import type { MetadataRecord, MetadataRecordFields, MetadataRecordType } from '../record/metadata-record.ts';
import { ClientQuotasDelta } from './client-quotas-delta.ts';
import { ClusterDelta } from './cluster-delta.ts';
import { ConfigurationsDelta } from './configurations-delta.ts';
import { FeaturesDelta } from './features-delta.ts';
import { KeyedDelta } from './keyed-delta.ts';
import { TopicsDelta } from './topics-delta.ts';

/** Changes of all metadata; a part is null while nothing of it changed. */
export class MetadataDelta {
  /** The image before. */
  readonly image: MetadataImage;
  features: FeaturesDelta | null = null;
  cluster: ClusterDelta | null = null;
  topics: TopicsDelta | null = null;
  configs: ConfigurationsDelta | null = null;
  clientQuotas: ClientQuotasDelta | null = null;
  acls: KeyedDelta<StandardAcl> | null = null;
  scram: KeyedDelta<ScramCredential> | null = null;
  delegationTokens: KeyedDelta<DelegationToken> | null = null;
  /** The new first free producer id, or null when it did not change. */
  nextProducerId: number | null = null;

  constructor(image: MetadataImage) {
    this.image = image;
  }

  /** Takes in one record. Errors: `CorruptDataError` for records that do not fit what came before. */
  replay(record: MetadataRecord): void {
    (replayers[record.type] as Replayer<MetadataRecordType>)(this, record.data);
  }

  /** Ends a snapshot that was replayed over an older image: what the snapshot did not mention is gone. */
  finishSnapshot(): void {
    this.featuresDelta().finishSnapshot();
    this.clusterDelta().finishSnapshot();
    this.topicsDelta().finishSnapshot();
    this.configsDelta().finishSnapshot();
    this.clientQuotasDelta().finishSnapshot();
    this.aclsDelta().finishSnapshot();
    this.scramDelta().finishSnapshot();
    this.delegationTokensDelta().finishSnapshot();
    this.nextProducerId ??= -1;
  }

  /** The image after the replayed records. */
  apply(provenance: MetadataProvenance): MetadataImage {
    const { image } = this;
    return {
      provenance,
      features: this.features?.apply() ?? image.features,
      cluster: this.cluster?.apply() ?? image.cluster,
      topics: this.topics?.apply() ?? image.topics,
      configs: this.configs?.apply() ?? image.configs,
      clientQuotas: this.clientQuotas?.apply() ?? image.clientQuotas,
      producerIds: this.nextProducerId === null ? image.producerIds : { nextProducerId: this.nextProducerId },
      acls: this.acls === null ? image.acls : { acls: this.acls.apply() },
      scram: this.scram === null ? image.scram : { credentials: this.scram.apply() },
      delegationTokens:
        this.delegationTokens === null ? image.delegationTokens : { tokens: this.delegationTokens.apply() },
    };
  }

  /** The changes of this part, which exist from now on. */
  featuresDelta(): FeaturesDelta {
    this.features ??= new FeaturesDelta(this.image.features);
    return this.features;
  }

  /** The changes of this part, which exist from now on. */
  clusterDelta(): ClusterDelta {
    this.cluster ??= new ClusterDelta(this.image.cluster);
    return this.cluster;
  }

  /** The changes of this part, which exist from now on. */
  topicsDelta(): TopicsDelta {
    this.topics ??= new TopicsDelta(this.image.topics);
    return this.topics;
  }

  /** The changes of this part, which exist from now on. */
  configsDelta(): ConfigurationsDelta {
    this.configs ??= new ConfigurationsDelta(this.image.configs);
    return this.configs;
  }

  /** The changes of this part, which exist from now on. */
  clientQuotasDelta(): ClientQuotasDelta {
    this.clientQuotas ??= new ClientQuotasDelta(this.image.clientQuotas);
    return this.clientQuotas;
  }

  /** The changes of this part, which exist from now on. */
  aclsDelta(): KeyedDelta<StandardAcl> {
    this.acls ??= new KeyedDelta(this.image.acls.acls);
    return this.acls;
  }

  /** The changes of this part, which exist from now on. */
  scramDelta(): KeyedDelta<ScramCredential> {
    this.scram ??= new KeyedDelta(this.image.scram.credentials);
    return this.scram;
  }

  /** The changes of this part, which exist from now on. */
  delegationTokensDelta(): KeyedDelta<DelegationToken> {
    this.delegationTokens ??= new KeyedDelta(this.image.delegationTokens.tokens);
    return this.delegationTokens;
  }
}

/** How a record of type `T` enters a delta. */
type Replayer<T extends MetadataRecordType> = (delta: MetadataDelta, data: MetadataRecordFields[T]) => void;

/** Records that say nothing about the state: idle ones, leftovers of ZooKeeper, and transactions, which the state machine minds. */
const ignore = (): void => {};

const replayers: { readonly [T in MetadataRecordType]: Replayer<T> } = {
  TopicRecord: (delta, data) => delta.topicsDelta().replayTopic(data),
  PartitionRecord: (delta, data) => delta.topicsDelta().replayPartition(data),
  PartitionChangeRecord: (delta, data) => delta.topicsDelta().replayPartitionChange(data),
  ClearElrRecord: (delta, data) => delta.topicsDelta().replayClearElr(data),
  RemoveTopicRecord: (delta, data) =>
    delta.configsDelta().replayRemoveTopic(delta.topicsDelta().replayRemoveTopic(data)),
  ConfigRecord: (delta, data) => delta.configsDelta().replayConfig(data),
  FeatureLevelRecord: (delta, data) => delta.featuresDelta().replayFeatureLevel(data),
  RegisterBrokerRecord: (delta, data) => delta.clusterDelta().replayRegisterBroker(data),
  UnregisterBrokerRecord: (delta, data) => delta.clusterDelta().replayUnregisterBroker(data),
  BrokerRegistrationChangeRecord: (delta, data) => delta.clusterDelta().replayBrokerRegistrationChange(data),
  FenceBrokerRecord: (delta, data) => delta.clusterDelta().replayChange(data.id, data.epoch, { fenced: true }),
  UnfenceBrokerRecord: (delta, data) => delta.clusterDelta().replayChange(data.id, data.epoch, { fenced: false }),
  RegisterControllerRecord: (delta, data) => delta.clusterDelta().replayRegisterController(data),
  ClientQuotaRecord: (delta, data) => delta.clientQuotasDelta().replayClientQuota(data),
  ProducerIdsRecord: (delta, data) => {
    delta.nextProducerId = toNumber(data.nextProducerId);
  },
  AccessControlEntryRecord: (delta, data) => delta.aclsDelta().replaySet(data.id, aclFromRecord(data)),
  RemoveAccessControlEntryRecord: (delta, data) => delta.aclsDelta().replayRemove(data.id),
  UserScramCredentialRecord: (delta, data) =>
    delta.scramDelta().replaySet(scramKey(data.mechanism, data.name), scramFromRecord(data)),
  RemoveUserScramCredentialRecord: (delta, data) =>
    delta.scramDelta().replayRemove(scramKey(data.mechanism, data.name)),
  DelegationTokenRecord: (delta, data) => delta.delegationTokensDelta().replaySet(data.tokenId, tokenFromRecord(data)),
  RemoveDelegationTokenRecord: (delta, data) => delta.delegationTokensDelta().replayRemove(data.tokenId),
  NoOpRecord: ignore,
  ZkMigrationStateRecord: ignore,
  BeginTransactionRecord: ignore,
  EndTransactionRecord: ignore,
  AbortTransactionRecord: ignore,
};
