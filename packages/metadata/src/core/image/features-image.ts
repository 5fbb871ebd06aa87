/**
 * Finalized features: the metadata version, and the levels of the others.
 *
 * Source: org.apache.kafka.image.FeaturesImage.
 */
import { StateError } from '@skarab/base';
import { newFeatureLevelRecord } from '@skarab/protocol';
import { ELR_VERSION_FEATURE } from '../feature/feature.ts';
import { METADATA_VERSION_FEATURE } from '../feature/metadata-version.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';

/** The finalized features of the cluster. */
export interface FeaturesImage {
  /** Levels above 0 of all features but `metadata.version` and `kraft.version`. */
  readonly finalizedVersions: ReadonlyMap<string, number>;
  /** Level of `metadata.version`; null before the bootstrap records. */
  readonly metadataVersion: number | null;
}

/** Nothing finalized. */
export const EMPTY_FEATURES: FeaturesImage = { finalizedVersions: new Map(), metadataVersion: null };

/** The metadata version. Errors: `StateError` before the bootstrap records. */
export function metadataVersionOrThrow(features: FeaturesImage): number {
  if (features.metadataVersion === null) throw new StateError('The metadata version is not known yet');
  return features.metadataVersion;
}

/** The level of a feature, 0 when it is not finalized. */
export function featureLevel(features: FeaturesImage, name: string): number {
  return features.finalizedVersions.get(name) ?? 0;
}

/** True when eligible leader replicas are kept (KIP-966). */
export function isElrEnabled(features: FeaturesImage): boolean {
  return featureLevel(features, ELR_VERSION_FEATURE) >= 1;
}

/** The record that finalizes a feature at a level. */
export function featureLevelRecord(name: string, level: number): MetadataRecord {
  return { type: 'FeatureLevelRecord', version: 0, data: newFeatureLevelRecord({ name, featureLevel: level }) };
}

/** The records of the image; the metadata version comes first, since it decides how the rest is read. */
export function* featureRecords(features: FeaturesImage): Generator<MetadataRecord> {
  yield featureLevelRecord(METADATA_VERSION_FEATURE, metadataVersionOrThrow(features));
  for (const [name, level] of features.finalizedVersions) yield featureLevelRecord(name, level);
}
