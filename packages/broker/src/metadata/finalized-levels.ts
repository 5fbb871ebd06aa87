/**
 * The finalized feature levels as ApiVersions tells them. Source: org.apache.kafka.metadata.KRaftMetadataCache.features.
 */
import { type FeaturesImage, KRAFT_VERSION_FEATURE, METADATA_VERSION_FEATURE } from '@skarab/metadata';

/** All levels above 0, those of metadata.version and kraft.version included. */
export function finalizedLevels(features: FeaturesImage, kraftVersion: number): ReadonlyMap<string, number> {
  const levels = new Map(features.finalizedVersions);
  if (features.metadataVersion !== null) levels.set(METADATA_VERSION_FEATURE, features.metadataVersion);
  if (kraftVersion > 0) levels.set(KRAFT_VERSION_FEATURE, kraftVersion);
  return levels;
}
