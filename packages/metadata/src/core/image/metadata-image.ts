/**
 * All cluster metadata at one offset, immutable.
 *
 * Readers keep a reference and look things up; a newer image shares what did not change. `imageRecords` turns it back into the records
 * of a snapshot. Source: org.apache.kafka.image.MetadataImage.
 */
import { newProducerIdsRecord } from '@skarab/protocol';
import { isDelegationTokenSupported, isScramSupported } from '../feature/metadata-version.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ImageWriterOptions } from '../registration/partition-registration.ts';
import { type AclsImage, aclRecords, EMPTY_ACLS } from './acls-image.ts';
import { type ClientQuotasImage, clientQuotaRecords, EMPTY_CLIENT_QUOTAS } from './client-quotas-image.ts';
import { type ClusterImage, clusterRecords, EMPTY_CLUSTER } from './cluster-image.ts';
import { ConfigurationsImage, configRecords } from './configurations-image.ts';
import { type DelegationTokensImage, EMPTY_DELEGATION_TOKENS, tokenRecords } from './delegation-tokens-image.ts';
import {
  EMPTY_FEATURES,
  type FeaturesImage,
  featureRecords,
  isElrEnabled,
  metadataVersionOrThrow,
} from './features-image.ts';
import { EMPTY_PROVENANCE, type MetadataProvenance } from './provenance.ts';
import { EMPTY_SCRAM, type ScramImage, scramRecords } from './scram-image.ts';
import { EMPTY_TOPICS, type TopicsImage, topicRecords } from './topics-image.ts';

/** The first producer id that has not been given out. */
export interface ProducerIdsImage {
  /** -1 before the first block. */
  readonly nextProducerId: number;
}

/** All cluster metadata at one offset. */
export interface MetadataImage {
  readonly provenance: MetadataProvenance;
  readonly features: FeaturesImage;
  readonly cluster: ClusterImage;
  readonly topics: TopicsImage;
  readonly configs: ConfigurationsImage;
  readonly clientQuotas: ClientQuotasImage;
  readonly producerIds: ProducerIdsImage;
  readonly acls: AclsImage;
  readonly scram: ScramImage;
  readonly delegationTokens: DelegationTokensImage;
}

/** The image before the first record. */
export const EMPTY_IMAGE: MetadataImage = {
  provenance: EMPTY_PROVENANCE,
  features: EMPTY_FEATURES,
  cluster: EMPTY_CLUSTER,
  topics: EMPTY_TOPICS,
  configs: new ConfigurationsImage(),
  clientQuotas: EMPTY_CLIENT_QUOTAS,
  producerIds: { nextProducerId: -1 },
  acls: EMPTY_ACLS,
  scram: EMPTY_SCRAM,
  delegationTokens: EMPTY_DELEGATION_TOKENS,
};

/** What writers of this image's records need to know. */
export function writerOptionsOf(image: MetadataImage): ImageWriterOptions {
  return { metadataVersion: metadataVersionOrThrow(image.features), elrEnabled: isElrEnabled(image.features) };
}

/** The records that rebuild `image` from nothing, in Kafka's order. */
export function* imageRecords(image: MetadataImage): Generator<MetadataRecord> {
  const options = writerOptionsOf(image);
  yield* featureRecords(image.features);
  yield* clusterRecords(image.cluster, options);
  yield* topicRecords(image.topics, options);
  yield* configRecords(image.configs);
  yield* clientQuotaRecords(image.clientQuotas);
  if (image.producerIds.nextProducerId >= 0) yield nextProducerIdRecord(image.producerIds.nextProducerId, -1, -1);
  yield* aclRecords(image.acls);
  if (isScramSupported(options.metadataVersion)) yield* scramRecords(image.scram);
  if (isDelegationTokenSupported(options.metadataVersion)) yield* tokenRecords(image.delegationTokens);
}

/** The record that moves the first free producer id, on behalf of a broker. */
export function nextProducerIdRecord(nextProducerId: number, brokerId: number, brokerEpoch: number): MetadataRecord {
  const data = newProducerIdsRecord({
    brokerId,
    brokerEpoch: BigInt(brokerEpoch),
    nextProducerId: BigInt(nextProducerId),
  });
  return { type: 'ProducerIdsRecord', version: 0, data };
}
