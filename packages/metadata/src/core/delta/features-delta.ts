/**
 * Features finalized since an image.
 *
 * Source: org.apache.kafka.image.FeaturesDelta.
 */
import { CorruptDataError } from '@skarab/base';
import type { FeatureLevelRecord } from '@skarab/protocol';
import { KRAFT_VERSION_FEATURE } from '../feature/feature.ts';
import { isKnownMetadataVersion, METADATA_VERSION_FEATURE } from '../feature/metadata-version.ts';
import type { FeaturesImage } from '../image/features-image.ts';
import { applyChanges, type Changes, removeUnmentioned } from './map-changes.ts';

/** Changes of finalized features. */
export class FeaturesDelta {
  /** The features before. */
  readonly image: FeaturesImage;
  readonly changes: Changes<string, number> = new Map();
  /** The new metadata version, or null when it did not change. */
  metadataVersionChange: number | null = null;

  constructor(image: FeaturesImage) {
    this.image = image;
  }

  replayFeatureLevel(record: FeatureLevelRecord): void {
    const { name, featureLevel } = record;
    if (name === METADATA_VERSION_FEATURE) {
      if (!isKnownMetadataVersion(featureLevel)) {
        throw new CorruptDataError(`Metadata version level ${featureLevel} is not supported by this software`);
      }
      this.metadataVersionChange = featureLevel;
    } else if (name !== KRAFT_VERSION_FEATURE) {
      // kraft.version is finalized by control records; a FeatureLevelRecord for it is a mistake of older versions.
      this.changes.set(name, featureLevel === 0 ? null : featureLevel);
    }
  }

  finishSnapshot(): void {
    removeUnmentioned(this.image.finalizedVersions.keys(), this.changes);
  }

  /** The features as they are now. */
  apply(): FeaturesImage {
    return {
      finalizedVersions: applyChanges(this.image.finalizedVersions, this.changes),
      metadataVersion: this.metadataVersionChange ?? this.image.metadataVersion,
    };
  }
}
