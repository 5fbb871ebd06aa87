/**
 * One record of the metadata log: its kind, the version it is written at, and its fields.
 *
 * The union is discriminated by `type`, so that a `switch` over it is checked for completeness.
 * Source: org.apache.kafka.common.metadata.MetadataRecordType, org.apache.kafka.server.common.ApiMessageAndVersion.
 */
import type {
  AbortTransactionRecord,
  AccessControlEntryRecord,
  BeginTransactionRecord,
  BrokerRegistrationChangeRecord,
  ClearElrRecord,
  ClientQuotaRecord,
  ConfigRecord,
  DelegationTokenRecord,
  EndTransactionRecord,
  FeatureLevelRecord,
  FenceBrokerRecord,
  NoOpRecord,
  PartitionChangeRecord,
  PartitionRecord,
  ProducerIdsRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
  RemoveAccessControlEntryRecord,
  RemoveDelegationTokenRecord,
  RemoveTopicRecord,
  RemoveUserScramCredentialRecord,
  TopicRecord,
  UnfenceBrokerRecord,
  UnregisterBrokerRecord,
  UserScramCredentialRecord,
  ZkMigrationStateRecord,
} from '@skarab/protocol';

/** Kinds of records with the fields of each. */
export interface MetadataRecordFields {
  RegisterBrokerRecord: RegisterBrokerRecord;
  UnregisterBrokerRecord: UnregisterBrokerRecord;
  TopicRecord: TopicRecord;
  PartitionRecord: PartitionRecord;
  ConfigRecord: ConfigRecord;
  PartitionChangeRecord: PartitionChangeRecord;
  FenceBrokerRecord: FenceBrokerRecord;
  UnfenceBrokerRecord: UnfenceBrokerRecord;
  RemoveTopicRecord: RemoveTopicRecord;
  DelegationTokenRecord: DelegationTokenRecord;
  UserScramCredentialRecord: UserScramCredentialRecord;
  FeatureLevelRecord: FeatureLevelRecord;
  ClientQuotaRecord: ClientQuotaRecord;
  ProducerIdsRecord: ProducerIdsRecord;
  BrokerRegistrationChangeRecord: BrokerRegistrationChangeRecord;
  AccessControlEntryRecord: AccessControlEntryRecord;
  RemoveAccessControlEntryRecord: RemoveAccessControlEntryRecord;
  RemoveUserScramCredentialRecord: RemoveUserScramCredentialRecord;
  NoOpRecord: NoOpRecord;
  ZkMigrationStateRecord: ZkMigrationStateRecord;
  BeginTransactionRecord: BeginTransactionRecord;
  EndTransactionRecord: EndTransactionRecord;
  AbortTransactionRecord: AbortTransactionRecord;
  RemoveDelegationTokenRecord: RemoveDelegationTokenRecord;
  RegisterControllerRecord: RegisterControllerRecord;
  ClearElrRecord: ClearElrRecord;
}

/** The name of a kind of record. */
export type MetadataRecordType = keyof MetadataRecordFields;

/** A record of one kind. */
export interface MetadataRecordOf<T extends MetadataRecordType> {
  readonly type: T;
  /** The schema version it is written at. */
  readonly version: number;
  readonly data: MetadataRecordFields[T];
}

/** Any record of the metadata log. */
export type MetadataRecord = { [T in MetadataRecordType]: MetadataRecordOf<T> }[MetadataRecordType];
