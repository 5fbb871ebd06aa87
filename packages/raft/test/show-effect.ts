/**
 * Effects of the core as lines of a transcript.
 */
import { ApiKey, errorName } from '@skarab/protocol';
import type { ControlMessage } from '../src/core/control-message.ts';
import type { OffsetAndEpoch } from '../src/core/offset-and-epoch.ts';
import type { RaftEffect } from '../src/core/raft-effect.ts';
import type { RaftRequest, RaftResponse } from '../src/core/raft-messages.ts';

/** An effect as a line. */
export function showEffect(effect: RaftEffect): string {
  switch (effect.kind) {
    case 'storeElection': {
      const { epoch, leaderId, votedKey } = effect.election;
      return `storeElection epoch=${epoch} leader=${leaderId} voted=${votedKey?.id ?? null}`;
    }
    case 'appendControl':
      return `appendControl epoch=${effect.epoch} ${effect.messages.map(showMessage).join(', ')}`;
    case 'beginEpoch':
      return `beginEpoch ${effect.epoch} at ${effect.startOffset}`;
    case 'advanceHighWatermark':
      return `advanceHighWatermark ${effect.offset}`;
    case 'changeLeader':
      return `changeLeader leader=${effect.leaderId} epoch=${effect.epoch} after=${effect.epochStartOffset}`;
    case 'appendFetched':
      return `appendFetched epoch=${effect.epoch}`;
    case 'truncate':
      return `truncate ${effect.offset}`;
    case 'beginSnapshot':
    case 'finishSnapshot':
      return `${effect.kind} ${showPlace(effect.id)}`;
    case 'appendSnapshot':
      return `appendSnapshot ${effect.bytes.length} bytes at ${effect.position}`;
    case 'abortSnapshot':
    case 'completeShutdown':
      return effect.kind;
    case 'send':
      return `send #${effect.requestId} to ${effect.destination.nodeId} ${effect.destination.host}:${effect.destination.port} ${showRequest(effect.request)}`;
    case 'respond': {
      const bytes = effect.bytes === null ? '' : ` with ${showBytes(effect.bytes)}`;
      return `respond #${effect.token} ${showResponse(effect.response)}${bytes}`;
    }
  }
}

function showRequest({ apiKey, message }: RaftRequest): string {
  switch (apiKey) {
    case ApiKey.VOTE: {
      const { replicaEpoch, lastOffset, lastOffsetEpoch, preVote } = message.topics[0]!.partitions[0]!;
      return `${preVote ? 'PreVote' : 'Vote'} epoch=${replicaEpoch} last=${lastOffset}@${lastOffsetEpoch}`;
    }
    case ApiKey.BEGIN_QUORUM_EPOCH:
      return `BeginQuorumEpoch epoch=${message.topics[0]!.partitions[0]!.leaderEpoch}`;
    case ApiKey.END_QUORUM_EPOCH: {
      const { leaderEpoch, preferredSuccessors } = message.topics[0]!.partitions[0]!;
      return `EndQuorumEpoch epoch=${leaderEpoch} successors=[${preferredSuccessors}]`;
    }
    case ApiKey.FETCH: {
      const { currentLeaderEpoch, fetchOffset, lastFetchedEpoch, highWatermark } = message.topics[0]!.partitions[0]!;
      return `Fetch epoch=${currentLeaderEpoch} from=${fetchOffset}@${lastFetchedEpoch} committed=${highWatermark}`;
    }
    case ApiKey.FETCH_SNAPSHOT: {
      const { snapshotId, position } = message.topics[0]!.partitions[0]!;
      return `FetchSnapshot ${snapshotId.endOffset}@${snapshotId.epoch} position=${position}`;
    }
    case ApiKey.API_VERSIONS:
      return 'ApiVersions';
    case ApiKey.ADD_RAFT_VOTER:
      return `AddRaftVoter ${message.voterId}/${message.voterDirectoryId}`;
    case ApiKey.REMOVE_RAFT_VOTER:
      return `RemoveRaftVoter ${message.voterId}/${message.voterDirectoryId}`;
    case ApiKey.UPDATE_RAFT_VOTER:
      return `UpdateRaftVoter epoch=${message.currentLeaderEpoch} ${message.listeners.map(({ port }) => port)}`;
  }
}

function showResponse({ apiKey, message }: RaftResponse): string {
  const error = message.errorCode === 0 ? '' : ` ${errorName(message.errorCode)}`;
  switch (apiKey) {
    case ApiKey.VOTE:
    case ApiKey.BEGIN_QUORUM_EPOCH:
    case ApiKey.END_QUORUM_EPOCH: {
      const partition = message.topics[0]?.partitions[0];
      if (partition === undefined) return `${nameOf(apiKey)}${error}`;
      const granted = 'voteGranted' in partition ? ` granted=${partition.voteGranted}` : '';
      const at = showNodes(message.nodeEndpoints);
      return `${nameOf(apiKey)}${showError(partition.errorCode)}${granted} leader=${partition.leaderId}${at} epoch=${partition.leaderEpoch}`;
    }
    case ApiKey.FETCH: {
      const partition = message.responses[0]?.partitions[0];
      if (partition === undefined) return `Fetch${error}`;
      const { currentLeader, highWatermark, divergingEpoch, snapshotId } = partition;
      const diverging =
        divergingEpoch.epoch < 0 ? '' : ` diverging=${divergingEpoch.endOffset}@${divergingEpoch.epoch}`;
      const snapshot = snapshotId.epoch < 0 ? '' : ` snapshot=${snapshotId.endOffset}@${snapshotId.epoch}`;
      const at = showNodes(message.nodeEndpoints);
      return `Fetch${showError(partition.errorCode)} leader=${currentLeader.leaderId}${at} epoch=${currentLeader.leaderEpoch} committed=${highWatermark}${diverging}${snapshot}`;
    }
    case ApiKey.FETCH_SNAPSHOT: {
      const partition = message.topics[0]?.partitions[0];
      if (partition === undefined) return `FetchSnapshot${error}`;
      const { currentLeader, size, position } = partition;
      return `FetchSnapshot${showError(partition.errorCode)} leader=${currentLeader.leaderId} epoch=${currentLeader.leaderEpoch} size=${size} position=${position}`;
    }
    case ApiKey.UPDATE_RAFT_VOTER:
      return `UpdateRaftVoter${error} leader=${message.currentLeader.leaderId} epoch=${message.currentLeader.leaderEpoch}`;
    case ApiKey.ADD_RAFT_VOTER:
    case ApiKey.REMOVE_RAFT_VOTER:
      return `${nameOf(apiKey)}${error}${message.errorMessage === null ? '' : `: ${message.errorMessage}`}`;
    default:
      return `${nameOf(apiKey)}${error}`;
  }
}

function showBytes(bytes: NonNullable<Extract<RaftEffect, { kind: 'respond' }>['bytes']>): string {
  if (bytes.kind === 'log') return `records from ${bytes.offset}`;
  return `bytes of ${showPlace(bytes.id)} from ${bytes.position}`;
}

function showMessage(message: ControlMessage): string {
  switch (message.type) {
    case 'LeaderChange':
      return `LeaderChange(${message.leaderId} of [${message.voterIds}], by [${message.grantingVoterIds}])`;
    case 'KraftVersion':
      return `KraftVersion(${message.version})`;
    case 'Voters':
      return `Voters(${[...message.voters].map(({ key, endpoints }) => `${key.id}/${key.directoryId}@${endpoints[0]?.port}`).join(' ')})`;
    default:
      return message.type;
  }
}

function showNodes(nodes: readonly { readonly host: string; readonly port: number }[]): string {
  return nodes.map(({ host, port }) => `@${host}:${port}`).join(',');
}

function showPlace({ offset, epoch }: OffsetAndEpoch): string {
  return `${offset}@${epoch}`;
}

function showError(errorCode: number): string {
  return errorCode === 0 ? '' : ` ${errorName(errorCode)}`;
}

function nameOf(apiKey: number): string {
  const name = Object.entries(ApiKey).find(([, key]) => key === apiKey)?.[0] ?? '';
  return name
    .split('_')
    .map((word) => word[0] + word.slice(1).toLowerCase())
    .join('');
}
