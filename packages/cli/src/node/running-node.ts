/**
 * What this package needs from the server: to format log directories and to start a node. The implementations come from the server's
 * packages and are loaded when they are needed, so that `--help` and the storage tool start fast.
 */
import type { Logger } from '@skarab/base';
import type { BrokerConfig } from '@skarab/config';

/** A started broker, controller, or both. */
export interface RunningNode {
  /** Where clients connect, as it really is: with the port that was bound when 0 was asked for. */
  readonly bootstrapServers: string;
  readonly clusterId: string;
  /** Controlled shutdown. */
  stop(): Promise<void>;
  /** Settles when the node has ended by itself, rejecting when it failed. */
  readonly ended: Promise<void>;
}

/** Starts the node that a configuration describes. Errors: rejects when it cannot; nothing is left running. */
export type StartNode = (config: BrokerConfig, logger: Logger) => Promise<RunningNode>;

/** One of the first controllers of a dynamic quorum. */
export interface InitialController {
  readonly id: number;
  readonly directoryId: string;
  readonly host: string;
  readonly port: number;
}

/** What is to be formatted, and how. */
export interface FormatRequest {
  readonly directories: readonly string[];
  readonly metadataLogDir: string;
  readonly nodeId: number;
  readonly clusterId: string;
  /** Name of the listener that the initial controllers are reached by. */
  readonly controllerListenerName: string;
  /** Undefined without a dynamic quorum, or when the node is told no controllers. */
  readonly initialControllers?: readonly InitialController[];
  /** True when controller.quorum.voters is empty: kraft.version is 1. */
  readonly hasDynamicQuorum: boolean;
  readonly ignoreFormatted: boolean;
  /** A release or metadata version such as 4.3 or 4.3-IV0; the newest stable one by default. */
  readonly releaseVersion?: string;
  /** Feature levels that differ from the release's defaults. */
  readonly featureLevels: ReadonlyMap<string, number>;
  readonly unstableFeatureVersionsEnabled: boolean;
}

/** Formats directories, saying line by line what it does. Errors: rejects with Kafka's text; what was formatted before stays. */
export type FormatDirectories = (request: FormatRequest, print: (line: string) => void) => Promise<void>;
