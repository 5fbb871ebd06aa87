/**
 * What a replica on this node is made of.
 */
import type { Clock, Logger, Random, Uuid } from '@skarab/base';
import type { Storage } from '@skarab/log';
import type { QuorumConfig } from '../core/quorum-config.ts';
import type { VoterEndpoint, VoterSet } from '../core/voter-set.ts';
import type { RaftLog, RaftTransport } from '../ports.ts';
import type { RetentionLimits } from './snapshot-retention.ts';

/** What a replica is made of. */
export interface RaftNodeOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  /** Id of the directory that holds the log. */
  readonly directoryId: Uuid;
  /** The node's controller listeners, as other nodes reach them; the first is the one that replicas use. Empty for a broker. */
  readonly endpoints: readonly VoterEndpoint[];
  /** The controller listener that replicas use, where this node has none itself; default is the first of `endpoints`. */
  readonly listenerName?: string;
  /** Voters of `controller.quorum.voters`; empty for a quorum that the log describes. */
  readonly staticVoters: VoterSet;
  /** `controller.quorum.bootstrap.servers`; without any, the static voters. */
  readonly bootstrapServers?: readonly { readonly host: string; readonly port: number }[];
  /** True for controllers, which may vote one day if they do not now. Default true. */
  readonly canBecomeVoter?: boolean;
  /** `controller.quorum.*`. */
  readonly quorum?: Partial<QuorumConfig>;
  /** `controller.quorum.append.linger.ms`: how long a leader gathers appends for one fsync; by default those of one turn. */
  readonly appendLingerMs?: number;
  /** How long a leader may take to hand over when it stops. */
  readonly shutdownTimeoutMs?: number;
  /** The way to other nodes; a node that is alone needs none. */
  readonly transport?: RaftTransport;
  readonly log: RaftLog;
  readonly storage: Storage;
  /** The folder of the log. */
  readonly directory: string;
  readonly retention: RetentionLimits;
  /** How long files that are gone are kept for those who read them still. */
  readonly fileDeleteDelayMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The log cannot be written any more. Called once. */
  readonly onFault: (error: Error) => void;
}
