/** The replicated metadata log: the raft core, its files, and the node that binds them. */

// The core
export type { CommittedBatch } from './core/committed-batch.ts';
export { committedBatch } from './core/committed-batch.ts';
export { type ControlMessage, controlMessages, encodeControlMessage } from './core/control-message.ts';
export { CLUSTER_METADATA_TOPIC } from './core/describe-quorum.ts';
export {
  decodeElectionState,
  type ElectionState,
  encodeElectionState,
  QUORUM_STATE_FILE,
} from './core/election-state.ts';
export { BOOTSTRAP_SNAPSHOT_ID, type OffsetAndEpoch, SNAPSHOT_SUFFIX, snapshotName } from './core/offset-and-epoch.ts';
export { DEFAULT_QUORUM_CONFIG, type QuorumConfig } from './core/quorum-config.ts';
export { RaftCore } from './core/raft-core.ts';
export type { RaftEffect } from './core/raft-effect.ts';
export type { RaftInput } from './core/raft-input.ts';
export {
  errorResponse,
  type NodeAddress,
  type RaftApiKey,
  type RaftApis,
  type RaftRequest,
  type RaftResponse,
  type RequestContext,
} from './core/raft-messages.ts';
export type { ReplicaKey } from './core/replica-key.ts';
export type { RoleKind } from './core/roles/role.ts';
export { MAX_BATCH_SIZE_BYTES, SnapshotBatches, type SnapshotHeader } from './core/snapshot-batches.ts';
export { SUPPORTED_KRAFT_VERSIONS, type VoterEndpoint, type VoterNode, VoterSet } from './core/voter-set.ts';

// The host
export type { LeaderAndEpoch, RaftListener, SnapshotContents } from './host/listener.ts';
export { openRaftLog, type RaftLogOptions, raftLogDirectory } from './host/partition-raft-log.ts';
export { type AppendedBatch, RaftNode } from './host/raft-node.ts';
export type { RaftNodeOptions } from './host/raft-node-options.ts';
export type { SnapshotBuilder } from './host/snapshot-builder.ts';
export { readBatches } from './host/snapshot-files.ts';
export { DEFAULT_RETENTION, type RetentionLimits } from './host/snapshot-retention.ts';
export type { RaftLog, RaftTransport } from './ports.ts';
