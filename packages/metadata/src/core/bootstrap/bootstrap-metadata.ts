/**
 * What a cluster begins with: the records that formatting chose, written by the first active controller.
 *
 * Source: org.apache.kafka.metadata.bootstrap.BootstrapMetadata.
 */
import { StateError } from '@skarab/base';
import { KRAFT_VERSION_FEATURE } from '../feature/feature.ts';
import { LATEST_PRODUCTION_METADATA_VERSION, METADATA_VERSION_FEATURE } from '../feature/metadata-version.ts';
import { featureLevelRecord } from '../image/features-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';

/** Records with where they come from. */
export interface BootstrapMetadata {
  readonly records: readonly MetadataRecord[];
  readonly metadataVersion: number;
  /** For humans. */
  readonly source: string;
}

/** The records of feature levels: the metadata version first, the others by name, and none for `kraft.version`, which is raft's. */
export function bootstrapFromLevels(
  metadataVersion: number,
  levels: ReadonlyMap<string, number>,
  source: string,
): BootstrapMetadata {
  const others = [...levels]
    .filter(([name, level]) => name !== METADATA_VERSION_FEATURE && name !== KRAFT_VERSION_FEATURE && level > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const levelsInOrder: [string, number][] = [[METADATA_VERSION_FEATURE, metadataVersion], ...others];
  return { records: levelsInOrder.map(([name, level]) => featureLevelRecord(name, level)), metadataVersion, source };
}

/** What a cluster begins with whose directories were formatted by something that wrote no bootstrap file. */
export function defaultBootstrap(): BootstrapMetadata {
  return bootstrapFromLevels(LATEST_PRODUCTION_METADATA_VERSION, new Map(), 'the default bootstrap');
}

/** Errors: `StateError` when the records name no metadata version. */
export function bootstrapFromRecords(records: readonly MetadataRecord[], source: string): BootstrapMetadata {
  const metadataVersion = bootstrapLevel(records, METADATA_VERSION_FEATURE);
  if (metadataVersion === 0) {
    throw new StateError(
      `No FeatureLevelRecord for ${METADATA_VERSION_FEATURE} was found in the bootstrap metadata from ${source}`,
    );
  }
  return { records, metadataVersion, source };
}

/** The level that the records give a feature; 0 when they do not mention it. */
export function bootstrapLevel(records: readonly MetadataRecord[], name: string): number {
  let level = 0;
  for (const record of records) {
    if (record.type === 'FeatureLevelRecord' && record.data.name === name) level = record.data.featureLevel;
  }
  return level;
}

/** The metadata in the words of Kafka's storage tool. */
export function describeBootstrap({ records, metadataVersion, source }: BootstrapMetadata): string {
  const texts = records.map((record) => `ApiMessageAndVersion(${describeRecord(record)} at version ${record.version})`);
  return `BootstrapMetadata(records=[${texts.join(', ')}], metadataVersionLevel=${metadataVersion}, source=${source})`;
}

function describeRecord(record: MetadataRecord): string {
  const fields = Object.entries(record.data)
    .filter(([name]) => name !== 'unknownTaggedFields')
    .map(([name, value]) => `${name}=${describeValue(value)}`);
  return `${record.type}(${fields.join(', ')})`;
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (value instanceof Uint8Array) return `[${[...value].map((byte) => (byte << 24) >> 24).join(', ')}]`;
  return String(value);
}
