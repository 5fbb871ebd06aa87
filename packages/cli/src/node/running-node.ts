/**
 * What this package needs from the server: to format log directories and to start a node. The implementations come from the server's
 * packages and are loaded when they are needed, so that `--help` and the storage tool start fast.
 */
import type { Logger } from '@skarab/base';
import type { BrokerConfig } from '@skarab/config';
import type { FormatRequest } from '@skarab/metadata';

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

/** Beside its configuration, which is Kafka's. */
export interface StartNodeOptions {
  /** Address of `/metrics`, `/healthz` and `/readyz`; none unless given. */
  readonly observability?: { readonly host: string; readonly port: number };
}

/** Starts the node that a configuration describes. Errors: rejects when it cannot; nothing is left running. */
export type StartNode = (config: BrokerConfig, logger: Logger, options?: StartNodeOptions) => Promise<RunningNode>;

/** Formats directories, saying line by line what it does. Errors: rejects with Kafka's text; what was formatted before stays. */
export type FormatDirectories = (request: FormatRequest, print: (line: string) => void) => Promise<void>;
