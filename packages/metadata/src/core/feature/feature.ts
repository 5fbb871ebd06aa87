/**
 * The production features next to `metadata.version`: their levels, what each level depends on, and from which metadata version a new
 * cluster gets it by default.
 *
 * Source: org.apache.kafka.server.common.Feature and its FeatureVersion enums of 4.3.1; KIP-584, KIP-1022.
 */
import { KafkaError } from '@skarab/base';
import {
  LATEST_PRODUCTION_METADATA_VERSION,
  LATEST_TESTING_METADATA_VERSION,
  METADATA_VERSION_FEATURE,
  MINIMUM_METADATA_VERSION,
  metadataVersionName,
} from './metadata-version.ts';
import type { VersionRange } from './version-range.ts';

/** The feature of the quorum's own protocol; finalized by control records of the raft log, never by a FeatureLevelRecord. */
export const KRAFT_VERSION_FEATURE = 'kraft.version';
/** Eligible leader replicas (KIP-966). */
export const ELR_VERSION_FEATURE = 'eligible.leader.replicas.version';

/** One level of a feature. */
export interface FeatureLevel {
  readonly level: number;
  /** The metadata version from which a new cluster has this level by default. */
  readonly bootstrapMetadataVersion: number;
  /** Levels of other features that must be reached first. */
  readonly dependencies: Readonly<Record<string, number>>;
}

/** A feature with its levels in ascending order; all of them are stable in 4.3.1. */
export interface Feature {
  readonly name: string;
  readonly levels: readonly FeatureLevel[];
}

const level = (n: number, bootstrap: number, dependencies: Record<string, number> = {}): FeatureLevel => ({
  level: n,
  bootstrapMetadataVersion: bootstrap,
  dependencies,
});

/** All production features but `metadata.version`, in Kafka's order. */
export const PRODUCTION_FEATURES: readonly Feature[] = [
  { name: KRAFT_VERSION_FEATURE, levels: [level(0, 7), level(1, 21)] },
  { name: 'transaction.version', levels: [level(0, 7), level(1, 24), level(2, 24)] },
  { name: 'group.version', levels: [level(0, 7), level(1, 22)] },
  { name: ELR_VERSION_FEATURE, levels: [level(0, 7), level(1, 26, { [METADATA_VERSION_FEATURE]: 23 })] },
  { name: 'share.version', levels: [level(0, 7), level(1, 28)] },
  { name: 'streams.version', levels: [level(0, 7), level(1, 29)] },
];

/** The feature named `name`, if it is a production feature other than `metadata.version`. */
export function findFeature(name: string): Feature | undefined {
  return PRODUCTION_FEATURES.find((feature) => feature.name === name);
}

/** The newest level of `feature`. */
export function latestLevel(feature: Feature): number {
  return feature.levels.at(-1)?.level ?? 0;
}

/** The level that a new cluster of `metadataVersion` starts with. */
export function defaultLevel(feature: Feature, metadataVersion: number): number {
  let result = 0;
  for (const entry of feature.levels) {
    if (entry.bootstrapMetadataVersion > metadataVersion) break;
    result = entry.level;
  }
  return result;
}

/**
 * Checks that `feature` may be at `wanted` next to the other `finalized` levels.
 * Errors: `KafkaError` INVALID_FEATURE_LEVEL with Kafka's text.
 */
export function validateFeatureLevel(feature: Feature, wanted: number, finalized: ReadonlyMap<string, number>): void {
  const entry = feature.levels.find((candidate) => candidate.level === wanted);
  if (entry === undefined) {
    throw new KafkaError('INVALID_FEATURE_LEVEL', `No feature:${feature.name} with feature level ${wanted}`);
  }
  const prefix = `${feature.name} could not be set to ${wanted} because it depends on`;
  const metadataVersion = finalized.get(METADATA_VERSION_FEATURE);
  if (wanted >= 1 && (metadataVersion === undefined || metadataVersion < MINIMUM_METADATA_VERSION)) {
    const minimum = `${MINIMUM_METADATA_VERSION} (${metadataVersionName(MINIMUM_METADATA_VERSION)})`;
    throw new KafkaError('INVALID_FEATURE_LEVEL', `${prefix} metadata.version=${minimum}`);
  }
  for (const [name, minimum] of Object.entries(entry.dependencies)) {
    const current = finalized.get(name);
    if (current === undefined || current < minimum) {
      throw new KafkaError('INVALID_FEATURE_LEVEL', `${prefix} ${name} level ${minimum}`);
    }
  }
}

/** What this software supports: the ranges a broker or controller registers with and ApiVersions advertises. */
export function supportedFeatureRanges(unstableEnabled = false): ReadonlyMap<string, VersionRange> {
  const ranges = new Map<string, VersionRange>();
  ranges.set(METADATA_VERSION_FEATURE, {
    min: MINIMUM_METADATA_VERSION,
    max: unstableEnabled ? LATEST_TESTING_METADATA_VERSION : LATEST_PRODUCTION_METADATA_VERSION,
  });
  for (const feature of PRODUCTION_FEATURES) ranges.set(feature.name, { min: 0, max: latestLevel(feature) });
  return ranges;
}
