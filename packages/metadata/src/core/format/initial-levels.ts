/**
 * The levels of all features that a new cluster begins with.
 *
 * Source: org.apache.kafka.metadata.storage.Formatter (calculateEffectiveReleaseVersion, calculateEffectiveFeatureLevels).
 */
import { StateError } from '@skarab/base';
import {
  defaultLevel,
  findFeature,
  KRAFT_VERSION_FEATURE,
  PRODUCTION_FEATURES,
  validateFeatureLevel,
} from '../feature/feature.ts';
import {
  isKnownMetadataVersion,
  isProductionMetadataVersion,
  LATEST_PRODUCTION_METADATA_VERSION,
  LATEST_TESTING_METADATA_VERSION,
  METADATA_VERSION_FEATURE,
  metadataVersionName,
  parseMetadataVersion,
} from '../feature/metadata-version.ts';
import type { FormatRequest } from './format-request.ts';

type LevelRequest = Pick<
  FormatRequest,
  'releaseVersion' | 'featureLevels' | 'hasDynamicQuorum' | 'unstableFeatureVersionsEnabled'
>;

/** All levels, `metadata.version` and `kraft.version` among them. Errors: `KafkaError` with Kafka's text. */
export function initialLevels(request: LevelRequest): ReadonlyMap<string, number> {
  const known = [...PRODUCTION_FEATURES.map(({ name }) => name)].sort();
  for (const name of request.featureLevels.keys()) {
    if (name === METADATA_VERSION_FEATURE || known.includes(name)) continue;
    throw new StateError(`Unsupported feature: ${name}. Supported features are: ${known.join(', ')}`);
  }
  const metadataVersion = releaseLevel(request);
  const levels = new Map(request.featureLevels).set(METADATA_VERSION_FEATURE, metadataVersion);
  for (const feature of PRODUCTION_FEATURES) {
    if (feature.name === KRAFT_VERSION_FEATURE) levels.set(feature.name, kraftLevel(request));
    else if (!levels.has(feature.name)) levels.set(feature.name, defaultLevel(feature, metadataVersion));
  }
  for (const name of known) validateFeatureLevel(findFeature(name)!, levels.get(name) ?? 0, levels);
  return levels;
}

function releaseLevel({ releaseVersion, featureLevels, unstableFeatureVersionsEnabled }: LevelRequest): number {
  const asFeature = featureLevels.get(METADATA_VERSION_FEATURE);
  if (asFeature !== undefined) {
    if (releaseVersion !== undefined) {
      throw new StateError(
        `Use --release-version instead of --feature ${METADATA_VERSION_FEATURE}=X to avoid ambiguity.`,
      );
    }
    if (!isKnownMetadataVersion(asFeature)) {
      throw new StateError(`No MetadataVersion with feature level ${asFeature}.`);
    }
    return stable(asFeature, unstableFeatureVersionsEnabled);
  }
  if (releaseVersion !== undefined) {
    return parseMetadataVersion(releaseVersion, unstableFeatureVersionsEnabled);
  }
  return unstableFeatureVersionsEnabled ? LATEST_TESTING_METADATA_VERSION : LATEST_PRODUCTION_METADATA_VERSION;
}

function stable(level: number, isUnstableEnabled: boolean): number {
  if (isUnstableEnabled || isProductionMetadataVersion(level)) return level;
  throw new StateError(`${METADATA_VERSION_FEATURE} ${metadataVersionName(level)} is not yet stable.`);
}

/** `kraft.version` follows from how the quorum is told, unless it is given, which must agree. */
function kraftLevel({ featureLevels, hasDynamicQuorum }: LevelRequest): number {
  const level = featureLevels.get(KRAFT_VERSION_FEATURE);
  if (level === undefined) return hasDynamicQuorum ? 1 : 0;
  if (level === 0 && hasDynamicQuorum) {
    throw new StateError(
      'Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags --standalone, ' +
        '--initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try removing the ' +
        '--feature flag for kraft.version.',
    );
  }
  if (level !== 0 && !hasDynamicQuorum) {
    throw new StateError(
      `Cannot set kraft.version to ${level} unless controller.quorum.voters is empty and one of the flags --standalone, ` +
        '--initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try using one of ' +
        '--standalone, --initial-controllers, or --no-initial-controllers and removing controller.quorum.voters.',
    );
  }
  return level;
}
