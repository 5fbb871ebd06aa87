/**
 * What the cluster knows about one broker: its incarnation and epoch, how to reach it, what it supports, and whether it may serve.
 *
 * Immutable. Built from RegisterBrokerRecord, changed by BrokerRegistrationChangeRecord, written back by snapshots.
 * Source: org.apache.kafka.metadata.BrokerRegistration; KIP-631, KIP-841, KIP-858, KIP-1066.
 */
import { CorruptDataError, type Uuid } from '@skarab/base';
import {
  type BrokerRegistrationChangeRecord,
  newRegisterBrokerRecord,
  type RegisterBrokerRecord,
} from '@skarab/protocol';
import { compareDirectories, isOnlineDirectory } from '../directory-id.ts';
import {
  isCordonedLogDirsSupported,
  isDirectoryAssignmentSupported,
  registerBrokerRecordVersion,
} from '../feature/metadata-version.ts';
import type { VersionRange } from '../feature/version-range.ts';
import { toNumber } from '../int64.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import { endpointOf, type RegisteredEndpoint } from './endpoint.ts';
import type { ImageWriterOptions } from './partition-registration.ts';

/** A registered broker. */
export interface BrokerRegistration {
  readonly id: number;
  /** Offset of the record that registered this incarnation. */
  readonly epoch: number;
  readonly incarnationId: Uuid;
  readonly listeners: ReadonlyMap<string, RegisteredEndpoint>;
  readonly supportedFeatures: ReadonlyMap<string, VersionRange>;
  readonly rack: string | null;
  readonly fenced: boolean;
  readonly inControlledShutdown: boolean;
  /** Ids of the online log directories, in Java's order of UUIDs. */
  readonly directories: readonly Uuid[];
  /** Directories closed to new replicas; null until the broker has reported them. */
  readonly cordonedDirectories: readonly Uuid[] | null;
}

/** Values of BrokerRegistrationChangeRecord.fenced. */
export const FencingChange = { FENCE: 1, NONE: 0, UNFENCE: -1 } as const;
/** Values of BrokerRegistrationChangeRecord.inControlledShutdown. */
export const ControlledShutdownChange = { NONE: 0, IN_CONTROLLED_SHUTDOWN: 1 } as const;

/** What may change about a registered broker; absent fields stay. */
export type BrokerChange = Partial<
  Pick<BrokerRegistration, 'fenced' | 'inControlledShutdown' | 'directories' | 'cordonedDirectories'>
>;

/** The broker that `record` registers. */
export function brokerFromRecord(record: RegisterBrokerRecord): BrokerRegistration {
  return {
    id: record.brokerId,
    epoch: toNumber(record.brokerEpoch),
    incarnationId: record.incarnationId,
    listeners: new Map(record.endPoints.map((endpoint) => [endpoint.name, endpointOf(endpoint)])),
    supportedFeatures: featureRanges(record.features),
    rack: record.rack,
    fenced: record.fenced,
    inControlledShutdown: record.inControlledShutdown,
    directories: [...record.logDirs].sort(compareDirectories),
    cordonedDirectories: record.cordonedLogDirs === null ? null : [...record.cordonedLogDirs],
  };
}

/** Feature ranges from the structs of registrations. */
export function featureRanges(
  features: readonly { name: string; minSupportedVersion: number; maxSupportedVersion: number }[],
): Map<string, VersionRange> {
  return new Map(features.map((f) => [f.name, { min: f.minSupportedVersion, max: f.maxSupportedVersion }]));
}

/** The change that `record` asks for. Errors: `CorruptDataError` for values this version does not know. */
export function brokerChangeOf(record: BrokerRegistrationChangeRecord): BrokerChange {
  const { fenced, inControlledShutdown } = record;
  if (fenced < -1 || fenced > 1 || inControlledShutdown < 0 || inControlledShutdown > 1) {
    throw new CorruptDataError(`Unknown change of broker ${record.brokerId}: ${fenced}, ${inControlledShutdown}`);
  }
  return {
    ...(fenced !== FencingChange.NONE && { fenced: fenced === FencingChange.FENCE }),
    ...(inControlledShutdown !== ControlledShutdownChange.NONE && { inControlledShutdown: true }),
    ...(record.logDirs !== null && record.logDirs.length > 0 && { directories: record.logDirs }),
    ...(record.cordonedLogDirs !== null && { cordonedDirectories: record.cordonedLogDirs }),
  };
}

/** The broker after `change`. */
export function changeBroker(broker: BrokerRegistration, change: BrokerChange): BrokerRegistration {
  const { directories } = change;
  return {
    ...broker,
    ...change,
    ...(directories !== undefined && { directories: [...directories].sort(compareDirectories) }),
  };
}

/** The record that registers `broker` as it is. */
export function brokerToRecord(broker: BrokerRegistration, options: ImageWriterOptions): MetadataRecord {
  const data = newRegisterBrokerRecord();
  data.brokerId = broker.id;
  data.brokerEpoch = BigInt(broker.epoch);
  data.incarnationId = broker.incarnationId;
  data.rack = broker.rack;
  data.fenced = broker.fenced;
  data.inControlledShutdown = broker.inControlledShutdown;
  if (isDirectoryAssignmentSupported(options.metadataVersion)) data.logDirs = [...broker.directories];
  if (isCordonedLogDirsSupported(options.metadataVersion) && broker.cordonedDirectories !== null) {
    data.cordonedLogDirs = [...broker.cordonedDirectories];
  }
  data.endPoints = [...broker.listeners.values()].map((endpoint) => ({ ...endpoint }));
  data.features = featureStructs(broker.supportedFeatures);
  return { type: 'RegisterBrokerRecord', version: registerBrokerRecordVersion(options.metadataVersion), data };
}

/** The structs of registrations from feature ranges. */
export function featureStructs(
  ranges: ReadonlyMap<string, VersionRange>,
): { name: string; minSupportedVersion: number; maxSupportedVersion: number }[] {
  return [...ranges].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max }));
}

/** True when a replica in `directory` can be served. */
export function hasOnlineDirectory(broker: BrokerRegistration, directory: Uuid): boolean {
  return isOnlineDirectory(directory, broker.directories);
}

/** True when new replicas may be placed on the broker. */
export function hasUncordonedDirectory(broker: BrokerRegistration): boolean {
  const { directories, cordonedDirectories } = broker;
  if (directories.length === 0 || cordonedDirectories === null) return true;
  return directories.some((directory) => !cordonedDirectories.includes(directory));
}
