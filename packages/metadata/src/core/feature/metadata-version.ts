/**
 * The levels of `metadata.version`, from the oldest this software reads to the newest it writes, and what each one switches on.
 *
 * A level is a plain number everywhere; this file is the only one that knows which number brought what.
 * Source: org.apache.kafka.server.common.MetadataVersion of 4.3.1; KIP-778.
 */
import { KafkaError } from '@skarab/base';

/** Feature name under which the metadata version is finalized. */
export const METADATA_VERSION_FEATURE = 'metadata.version';

/** One row: the level, its release and internal version, and whether it changed the schema of some record. */
interface Row {
  readonly level: number;
  readonly release: string;
  readonly iv: string;
  readonly changedMetadata: boolean;
}

const row = (level: number, release: string, iv: string, changedMetadata: boolean): Row => ({
  level,
  release,
  iv,
  changedMetadata,
});

const ROWS: readonly Row[] = [
  row(7, '3.3', 'IV3', true),
  row(8, '3.4', 'IV0', true),
  row(9, '3.5', 'IV0', false),
  row(10, '3.5', 'IV1', false),
  row(11, '3.5', 'IV2', true),
  row(12, '3.6', 'IV0', false),
  row(13, '3.6', 'IV1', true),
  row(14, '3.6', 'IV2', true),
  row(15, '3.7', 'IV0', true),
  row(16, '3.7', 'IV1', false),
  row(17, '3.7', 'IV2', true),
  row(18, '3.7', 'IV3', false),
  row(19, '3.7', 'IV4', false),
  row(20, '3.8', 'IV0', false),
  row(21, '3.9', 'IV0', false),
  row(22, '4.0', 'IV0', false),
  row(23, '4.0', 'IV1', true),
  row(24, '4.0', 'IV2', false),
  row(25, '4.0', 'IV3', false),
  row(26, '4.1', 'IV0', false),
  row(27, '4.1', 'IV1', false),
  row(28, '4.2', 'IV0', false),
  row(29, '4.2', 'IV1', false),
  row(30, '4.3', 'IV0', true),
  row(31, '4.4', 'IV0', false),
];

/** The oldest level a cluster may be at. */
export const MINIMUM_METADATA_VERSION = 7;
/** The newest level that is stable. */
export const LATEST_PRODUCTION_METADATA_VERSION = 30;
/** The newest level known at all; above the production one only with `unstable.feature.versions.enable`. */
export const LATEST_TESTING_METADATA_VERSION = 31;

const rowOf = (level: number): Row | undefined => ROWS[level - MINIMUM_METADATA_VERSION];
const nameOf = (entry: Row): string => `${entry.release}-${entry.iv}`;

/** True when `level` is one this software knows. */
export function isKnownMetadataVersion(level: number): boolean {
  return rowOf(level) !== undefined;
}

/** The name of a level as Kafka prints it, such as `4.3-IV0`. */
export function metadataVersionName(level: number): string {
  const entry = rowOf(level);
  if (entry === undefined) {
    throw new KafkaError('UNKNOWN_METADATA_VERSION', `No metadata version with feature level ${level}`);
  }
  return nameOf(entry);
}

/** True when a cluster may use `level` without unstable features. */
export function isProductionMetadataVersion(level: number): boolean {
  return level <= LATEST_PRODUCTION_METADATA_VERSION;
}

/**
 * The level meant by a user's text: a full name (`3.7-IV2`) or a release (`4.3`, `4.3.1`), which stands for its newest stable level.
 * Errors: `KafkaError` UNKNOWN_METADATA_VERSION.
 */
export function parseMetadataVersion(text: string, unstableAllowed = false): number {
  const segments = text.split('.');
  const key = segments.length <= 2 ? text : segments.slice(0, 2).join('.');
  const entry = ROWS.find((r) => nameOf(r) === key) ?? ROWS.findLast((r) => r.release === key && r.level <= 30);
  if (entry === undefined || (!unstableAllowed && !isProductionMetadataVersion(entry.level))) {
    const last = unstableAllowed ? LATEST_TESTING_METADATA_VERSION : LATEST_PRODUCTION_METADATA_VERSION;
    const supported = ROWS.filter((r) => r.level <= last).map(nameOf);
    throw new KafkaError(
      'UNKNOWN_METADATA_VERSION',
      `Unknown metadata.version '${text}'. Supported metadata.version are: ${supported.join(', ')}`,
    );
  }
  return entry.level;
}

/** True when some record's schema changed between the two levels, so that going down may lose metadata. */
export function metadataChangedBetween(a: number, b: number): boolean {
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  return ROWS.some((r) => r.level > low && r.level <= high && r.changedMetadata);
}

const atLeast =
  (minimum: number) =>
  (level: number): boolean =>
    level >= minimum;

/** SCRAM credentials in the metadata log (KIP-900). */
export const isScramSupported = atLeast(11);
/** A shrinking ISR no longer bumps the leader epoch. */
export const isIsrShrinkWithoutEpochBump = atLeast(12);
/** Begin, end and abort of metadata transactions (KIP-868). */
export const isMetadataTransactionSupported = atLeast(13);
/** Delegation tokens in the metadata log. */
export const isDelegationTokenSupported = atLeast(14);
/** Controllers register themselves (KIP-919). */
export const isControllerRegistrationSupported = atLeast(15);
/** Replicas are assigned to log directories (KIP-858). */
export const isDirectoryAssignmentSupported = atLeast(17);
/** Eligible leader replicas in partition records (KIP-966). */
export const isElrSupported = atLeast(23);
/** Log directories closed to new replicas (KIP-1066). */
export const isCordonedLogDirsSupported = atLeast(30);

/** Version of RegisterBrokerRecord to write at `level`. */
export function registerBrokerRecordVersion(level: number): number {
  if (isCordonedLogDirsSupported(level)) return 4;
  if (isDirectoryAssignmentSupported(level)) return 3;
  return level >= 8 ? 2 : 1;
}

/** Version of PartitionRecord and PartitionChangeRecord to write at `level`. */
export function partitionRecordVersion(level: number): number {
  if (isElrSupported(level)) return 2;
  return isDirectoryAssignmentSupported(level) ? 1 : 0;
}
