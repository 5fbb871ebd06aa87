/**
 * Requests and answers of the transcripts, from a line.
 */
import { METADATA_TOPIC_ID, ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  ErrorCode,
  newAddRaftVoterRequest,
  newApiVersionsResponse,
  newBeginQuorumEpochRequest,
  newBeginQuorumEpochRequestPartitionData,
  newBeginQuorumEpochResponse,
  newBeginQuorumEpochResponsePartitionData,
  newEndQuorumEpochRequest,
  newEndQuorumEpochRequestPartitionData,
  newEndQuorumEpochResponse,
  newEndQuorumEpochResponsePartitionData,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchResponse,
  newFetchResponseNodeEndpoint,
  newFetchResponsePartitionData,
  newFetchSnapshotRequest,
  newFetchSnapshotRequestPartitionSnapshot,
  newFetchSnapshotResponse,
  newFetchSnapshotResponsePartitionSnapshot,
  newRemoveRaftVoterRequest,
  newUpdateRaftVoterRequest,
  newUpdateRaftVoterResponse,
  newVoteRequest,
  newVoteRequestPartitionData,
  newVoteResponse,
  newVoteResponsePartitionData,
} from '@skarab/protocol';
import { errorResponse, type RaftApiKey, type RaftRequest, type RaftResponse } from '../src/core/raft-messages.ts';
import { type Arguments, directoryOf } from './script-arguments.ts';

export const LISTENER = 'CONTROLLER';
const TOPIC = '__cluster_metadata';

const endpointsOf = (id: number, port: number) => [{ name: LISTENER, host: `host${id}`, port }];

/** A request of another node; null for a command that is none. */
export function parseRequest(command: string, args: Arguments): RaftRequest | null {
  const clusterId = args.text('cluster', 'cluster');
  const epoch = args.number('epoch');
  const topicName = args.text('topic', TOPIC);
  switch (command) {
    case 'vote': {
      const last = args.place('last');
      const partition = newVoteRequestPartitionData({
        replicaEpoch: epoch,
        replicaId: args.number('from'),
        replicaDirectoryId: directoryOf(args.number('from')),
        voterDirectoryId: args.text('directory', ZERO_UUID),
        lastOffset: BigInt(last.offset),
        lastOffsetEpoch: last.epoch,
        preVote: args.text('pre') === 'true',
      });
      const topics = [{ topicName, partitions: [partition] }];
      return { apiKey: ApiKey.VOTE, message: newVoteRequest({ clusterId, voterId: args.number('to'), topics }) };
    }
    case 'begin': {
      const leaderId = args.number('leader');
      const partition = newBeginQuorumEpochRequestPartitionData({
        leaderId,
        leaderEpoch: epoch,
        voterDirectoryId: args.text('directory', ZERO_UUID),
      });
      const message = newBeginQuorumEpochRequest({
        clusterId,
        voterId: args.number('to'),
        topics: [{ topicName, partitions: [partition] }],
        leaderEndpoints: endpointsOf(leaderId, 9093),
      });
      return { apiKey: ApiKey.BEGIN_QUORUM_EPOCH, message };
    }
    case 'end': {
      const candidates = args.ids('successors');
      const partition = newEndQuorumEpochRequestPartitionData({
        leaderId: args.number('leader'),
        leaderEpoch: epoch,
        preferredCandidates: candidates.map((id) => ({ candidateId: id, candidateDirectoryId: directoryOf(id) })),
      });
      const topics = [{ topicName, partitions: [partition] }];
      return { apiKey: ApiKey.END_QUORUM_EPOCH, message: newEndQuorumEpochRequest({ clusterId, topics }) };
    }
    case 'fetch': {
      const id = args.number('id');
      const partition = newFetchRequestFetchPartition({
        currentLeaderEpoch: args.number('epoch', 1),
        lastFetchedEpoch: args.number('last', args.number('epoch', 1)),
        fetchOffset: BigInt(args.number('offset')),
        replicaDirectoryId: args.text('directory', directoryOf(id)),
        highWatermark: BigInt(args.text('committed', '9223372036854775807')),
      });
      const message = newFetchRequest({
        clusterId,
        replicaState: { replicaId: id, replicaEpoch: -1n },
        maxWaitMs: args.number('wait', 0),
        maxBytes: 1000,
        topics: [{ topic: TOPIC, topicId: METADATA_TOPIC_ID, partitions: [partition] }],
      });
      return { apiKey: ApiKey.FETCH, message };
    }
    case 'snapshot': {
      const { offset, epoch: snapshotEpoch } = args.place('at');
      const partition = newFetchSnapshotRequestPartitionSnapshot({
        currentLeaderEpoch: epoch,
        snapshotId: { endOffset: BigInt(offset), epoch: snapshotEpoch },
        position: BigInt(args.number('position', 0)),
        replicaDirectoryId: directoryOf(args.number('id')),
      });
      const topics = [{ name: topicName, partitions: [partition] }];
      const message = newFetchSnapshotRequest({ clusterId, replicaId: args.number('id'), maxBytes: 64, topics });
      return { apiKey: ApiKey.FETCH_SNAPSHOT, message };
    }
    default:
      return parseVoterRequest(command, args, clusterId);
  }
}

function parseVoterRequest(command: string, args: Arguments, clusterId: string): RaftRequest | null {
  const voterId = args.number('id');
  const voterDirectoryId = args.text('directory', directoryOf(voterId));
  const [endpoint] = endpointsOf(voterId, args.number('port', 9093));
  const listeners = [{ ...endpoint!, name: args.text('listener', LISTENER) }];
  switch (command) {
    case 'add': {
      const ackWhenCommitted = args.text('ack', 'committed') === 'committed';
      const message = newAddRaftVoterRequest({ clusterId, voterId, voterDirectoryId, listeners, ackWhenCommitted });
      return { apiKey: ApiKey.ADD_RAFT_VOTER, message };
    }
    case 'remove': {
      const message = newRemoveRaftVoterRequest({ clusterId, voterId, voterDirectoryId });
      return { apiKey: ApiKey.REMOVE_RAFT_VOTER, message };
    }
    case 'update': {
      const message = newUpdateRaftVoterRequest({
        clusterId,
        voterId,
        voterDirectoryId,
        listeners,
        currentLeaderEpoch: args.number('epoch'),
        kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: args.number('max', 1) },
      });
      return { apiKey: ApiKey.UPDATE_RAFT_VOTER, message };
    }
    default:
      return null;
  }
}

/** An answer to a request; `top=ERROR` for one that says nothing else. */
export function parseAnswer(apiKey: RaftApiKey, args: Arguments, records: Uint8Array): RaftResponse {
  if (args.has('top')) return errorResponse(apiKey, codeOf(args.text('top')));
  const errorCode = codeOf(args.text('error', 'NONE'));
  const leaderId = args.number('leader');
  const leaderEpoch = args.number('epoch');
  const nodeEndpoints = leaderId < 0 ? [] : [{ nodeId: leaderId, host: `host${leaderId}`, port: 9093 }];
  switch (apiKey) {
    case ApiKey.VOTE: {
      const voteGranted = args.text('granted') === 'true';
      const partition = newVoteResponsePartitionData({ errorCode, leaderId, leaderEpoch, voteGranted });
      const topics = [{ topicName: TOPIC, partitions: [partition] }];
      return { apiKey, message: newVoteResponse({ topics, nodeEndpoints }) };
    }
    case ApiKey.BEGIN_QUORUM_EPOCH: {
      const partition = newBeginQuorumEpochResponsePartitionData({ errorCode, leaderId, leaderEpoch });
      const topics = [{ topicName: TOPIC, partitions: [partition] }];
      return { apiKey, message: newBeginQuorumEpochResponse({ topics, nodeEndpoints }) };
    }
    case ApiKey.END_QUORUM_EPOCH: {
      const partition = newEndQuorumEpochResponsePartitionData({ errorCode, leaderId, leaderEpoch });
      const topics = [{ topicName: TOPIC, partitions: [partition] }];
      return { apiKey, message: newEndQuorumEpochResponse({ topics, nodeEndpoints }) };
    }
    case ApiKey.FETCH: {
      const data = newFetchResponsePartitionData({
        errorCode,
        highWatermark: BigInt(args.number('committed')),
        currentLeader: { leaderId, leaderEpoch },
        records,
      });
      if (args.has('diverging')) {
        const { offset, epoch } = args.place('diverging');
        data.divergingEpoch = { epoch, endOffset: BigInt(offset) };
      }
      if (args.has('snapshot')) {
        const { offset, epoch } = args.place('snapshot');
        data.snapshotId = { epoch, endOffset: BigInt(offset) };
      }
      const message = newFetchResponse({
        responses: [{ topic: TOPIC, topicId: METADATA_TOPIC_ID, partitions: [data] }],
        nodeEndpoints: nodeEndpoints.map((node) => newFetchResponseNodeEndpoint(node)),
      });
      return { apiKey, message };
    }
    case ApiKey.FETCH_SNAPSHOT: {
      const { offset, epoch } = args.place('snapshot', '-1@-1');
      const data = newFetchSnapshotResponsePartitionSnapshot({
        errorCode,
        currentLeader: { leaderId, leaderEpoch },
        snapshotId: { endOffset: BigInt(offset), epoch },
        size: BigInt(args.number('size', 0)),
        position: BigInt(args.number('position', 0)),
        unalignedRecords: new Uint8Array(args.number('bytes', 0)),
      });
      const topics = [{ name: TOPIC, partitions: [data] }];
      return { apiKey, message: newFetchSnapshotResponse({ topics, nodeEndpoints }) };
    }
    case ApiKey.API_VERSIONS: {
      const maxVersion = args.number('max', 1);
      const supportedFeatures = [{ name: 'kraft.version', minVersion: 0, maxVersion }];
      return { apiKey, message: newApiVersionsResponse({ errorCode, supportedFeatures }) };
    }
    case ApiKey.UPDATE_RAFT_VOTER: {
      const currentLeader = { leaderId, leaderEpoch, host: `host${leaderId}`, port: 9093 };
      return { apiKey, message: newUpdateRaftVoterResponse({ errorCode, currentLeader }) };
    }
    default:
      return errorResponse(apiKey, errorCode);
  }
}

function codeOf(name: string): ErrorCode {
  return ErrorCode[name as keyof typeof ErrorCode];
}
