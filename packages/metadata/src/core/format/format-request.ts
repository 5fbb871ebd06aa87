/**
 * What is to be formatted, and how. Source: org.apache.kafka.metadata.storage.Formatter.
 */
import { StateError, type Uuid } from '@skarab/base';

/** One of the first controllers of a dynamic quorum. */
export interface InitialController {
  readonly id: number;
  readonly directoryId: Uuid;
  readonly host: string;
  readonly port: number;
}

/** The directories of a node and what they shall hold. */
export interface FormatRequest {
  readonly directories: readonly string[];
  /** One of the directories; formatted as a log directory like the others when it is not given. */
  readonly metadataLogDir?: string;
  readonly nodeId: number;
  readonly clusterId: string;
  /** Name of the listener that the initial controllers are reached by. */
  readonly controllerListenerName: string;
  /** Undefined without a dynamic quorum, or when the node is told no controllers. */
  readonly initialControllers?: readonly InitialController[];
  /** True when `controller.quorum.voters` is empty: `kraft.version` is 1. */
  readonly hasDynamicQuorum: boolean;
  readonly ignoreFormatted: boolean;
  /** A release or metadata version such as 4.3 or 4.3-IV0; the newest stable one by default. */
  readonly releaseVersion?: string;
  /** Feature levels that differ from the release's defaults. */
  readonly featureLevels: ReadonlyMap<string, number>;
  readonly unstableFeatureVersionsEnabled: boolean;
  /** Credentials to begin with, each as `SCRAM-SHA-256=[name=alice,password=secret]`. */
  readonly scramArguments?: readonly string[];
}

/** What a directory will be. */
export type DirectoryKind = 'data' | 'metadata' | 'dynamic metadata' | 'dynamic metadata voter';

/** Errors: `StateError` when the request makes no sense. */
export function checkFormatRequest({ nodeId, clusterId, directories, metadataLogDir }: FormatRequest): void {
  if (nodeId < 0) throw new StateError('You must specify a valid non-negative node ID.');
  if (clusterId === '') throw new StateError('You must specify the cluster id.');
  if (directories.length === 0) throw new StateError('You must specify at least one directory to format');
  if (metadataLogDir !== undefined && !directories.includes(metadataLogDir)) {
    throw new StateError(
      `The specified metadata log directory, ${metadataLogDir} was not one of the given directories: [${[...directories].sort().join(', ')}]`,
    );
  }
}

/** What `directory` will be. */
export function directoryKind(directory: string, request: FormatRequest): DirectoryKind {
  const { metadataLogDir, initialControllers, nodeId } = request;
  if (directory !== metadataLogDir) return 'data';
  if (initialControllers === undefined) return 'metadata';
  return initialControllers.some(({ id }) => id === nodeId) ? 'dynamic metadata voter' : 'dynamic metadata';
}
