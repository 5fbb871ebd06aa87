/**
 * FetchSnapshot: a replica that is far behind gets a snapshot of the leader, piece by piece.
 *
 * Source: KafkaRaftClient (handleFetchSnapshotRequest, handleFetchSnapshotResponse); KIP-630, KIP-853.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  ErrorCode,
  type FetchSnapshotRequest,
  type FetchSnapshotResponse,
  type FetchSnapshotResponsePartitionSnapshot,
  newFetchSnapshotRequest,
  newFetchSnapshotRequestPartitionSnapshot,
  newFetchSnapshotResponse,
  newFetchSnapshotResponsePartitionSnapshot,
} from '@skarab/protocol';
import { CLUSTER_METADATA_TOPIC } from '../describe-quorum.ts';
import { endpointsOf, leaderAddresses } from '../endpoints.ts';
import { BOOTSTRAP_SNAPSHOT_ID, compareOffsetAndEpoch } from '../offset-and-epoch.ts';
import type { Quorum } from '../quorum.ts';
import type { ResponseBytes } from '../raft-effect.ts';
import { type RaftRequest, type RequestContext, receivedBytes } from '../raft-messages.ts';
import { replicaKey } from '../replica-key.ts';
import type { FetchingSnapshot, FollowerRole } from '../roles/follower.ts';
import { handleCommonResponse, type Outcome } from './common.ts';

/** An answer and the bytes that belong into it. */
export interface FetchSnapshotAnswer {
  readonly message: FetchSnapshotResponse;
  readonly bytes: ResponseBytes | null;
}

/** Answers a request. */
export function handleFetchSnapshotRequest(
  quorum: Quorum,
  request: FetchSnapshotRequest,
  context: RequestContext,
): FetchSnapshotAnswer {
  const refuse = (errorCode: ErrorCode) => ({ message: newFetchSnapshotResponse({ errorCode }), bytes: null });
  if (!quorum.isClusterId(request.clusterId)) return refuse(ErrorCode.INCONSISTENT_CLUSTER_ID);
  const [topic] = request.topics;
  const [asked] = topic?.partitions ?? [];
  if (topic === undefined || asked === undefined || request.topics.length !== 1 || topic.partitions.length !== 1) {
    return refuse(ErrorCode.INVALID_REQUEST);
  }
  const answer = (data: FetchSnapshotResponsePartitionSnapshot, bytes: FetchSnapshotAnswer['bytes'] = null) => ({
    message: snapshotResponse(quorum, context, topic.name, data),
    bytes,
  });
  if (topic.name !== CLUSTER_METADATA_TOPIC || asked.partition !== 0) {
    const data = newFetchSnapshotResponsePartitionSnapshot({
      index: asked.partition,
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      unalignedRecords: new Uint8Array(0),
    });
    return answer(data);
  }
  const data = partitionSnapshot(quorum, 0);
  const fail = (errorCode: ErrorCode) => answer({ ...data, errorCode });
  const error = quorum.leaderRequestError(asked.currentLeaderEpoch);
  const { role, log } = quorum;
  if (error !== ErrorCode.NONE || role.kind !== 'leader') return fail(error);
  const id = { offset: Number(asked.snapshotId.endOffset), epoch: asked.snapshotId.epoch };
  const size = log.snapshotSizeInBytes(id);
  // What formatting wrote is in the log of the first leader; every replica has its own.
  if (size === null || compareOffsetAndEpoch(id, BOOTSTRAP_SNAPSHOT_ID) === 0)
    return fail(ErrorCode.SNAPSHOT_NOT_FOUND);
  const position = Number(asked.position);
  if (position < 0 || position >= size) return fail(ErrorCode.POSITION_OUT_OF_RANGE);
  if (request.replicaId >= 0) role.onVoterHeard(replicaKey(request.replicaId, asked.replicaDirectoryId), quorum.nowMs);
  data.snapshotId = { endOffset: asked.snapshotId.endOffset, epoch: id.epoch };
  data.size = BigInt(size);
  data.position = asked.position;
  return answer(data, { kind: 'snapshot', id, position, maxBytes: request.maxBytes });
}

/** Takes in an answer: a piece of the snapshot that is being fetched. */
export function handleFetchSnapshotResponse(quorum: Quorum, response: FetchSnapshotResponse): Outcome {
  const [topic] = response.topics;
  const [data] = topic?.partitions ?? [];
  if (response.errorCode !== ErrorCode.NONE || topic?.name !== CLUSTER_METADATA_TOPIC || data?.index !== 0) {
    return 'backOff';
  }
  const { leaderId, leaderEpoch } = data.currentLeader;
  const errorCode = data.errorCode as ErrorCode;
  const endpoints = endpointsOf(response.nodeEndpoints, leaderId, quorum.options.listener);
  const outcome = handleCommonResponse(quorum, errorCode, { leaderId, epoch: leaderEpoch, endpoints });
  if (outcome !== null) return outcome;
  const { role } = quorum;
  if (role.kind !== 'follower' || role.fetchingSnapshot === null) return 'retry';
  const isGone =
    errorCode === ErrorCode.SNAPSHOT_NOT_FOUND || data.snapshotId.endOffset < 0n || data.snapshotId.epoch < 0;
  if (errorCode !== ErrorCode.NONE && !isGone) return 'backOff';
  if (isGone || !isExpected(role.fetchingSnapshot, data)) {
    // The leader has a newer one by now: the next fetch tells which.
    role.fetchingSnapshot = null;
    quorum.emit({ kind: 'abortSnapshot' });
  } else {
    takePiece(quorum, role, role.fetchingSnapshot, data);
  }
  role.onFetched(quorum.nowMs);
  return 'retry';
}

function isExpected({ id, position }: FetchingSnapshot, data: FetchSnapshotResponsePartitionSnapshot): boolean {
  const { endOffset, epoch } = data.snapshotId;
  return Number(endOffset) === id.offset && epoch === id.epoch && Number(data.position) === position;
}

function takePiece(
  quorum: Quorum,
  role: FollowerRole,
  { id, position }: FetchingSnapshot,
  { unalignedRecords, size }: FetchSnapshotResponsePartitionSnapshot,
): void {
  const bytes = receivedBytes(unalignedRecords);
  quorum.emit({ kind: 'appendSnapshot', position, bytes });
  const end = position + bytes.length;
  if (end < Number(size)) {
    role.fetchingSnapshot = { id, position: end };
  } else {
    role.fetchingSnapshot = null;
    quorum.emit({ kind: 'finishSnapshot', id });
  }
}

/** The request for the next piece. */
export function buildFetchSnapshotRequest(quorum: Quorum, { id, position }: FetchingSnapshot): RaftRequest {
  const { key } = quorum.local;
  const partition = newFetchSnapshotRequestPartitionSnapshot({
    partition: 0,
    currentLeaderEpoch: quorum.epoch,
    snapshotId: { endOffset: BigInt(id.offset), epoch: id.epoch },
    position: BigInt(position),
    replicaDirectoryId: key.directoryId ?? ZERO_UUID,
  });
  const message = newFetchSnapshotRequest({
    clusterId: quorum.options.clusterId,
    replicaId: key.id,
    maxBytes: quorum.options.config.fetchSnapshotMaxBytes,
    topics: [{ name: CLUSTER_METADATA_TOPIC, partitions: [partition] }],
  });
  return { apiKey: ApiKey.FETCH_SNAPSHOT, message };
}

function partitionSnapshot({ role }: Quorum, index: number): FetchSnapshotResponsePartitionSnapshot {
  return newFetchSnapshotResponsePartitionSnapshot({
    index,
    currentLeader: { leaderId: role.leaderId ?? -1, leaderEpoch: role.epoch },
    unalignedRecords: new Uint8Array(0),
  });
}

function snapshotResponse(
  { role }: Quorum,
  context: RequestContext,
  name: string,
  data: FetchSnapshotResponsePartitionSnapshot,
): FetchSnapshotResponse {
  return newFetchSnapshotResponse({
    topics: [{ name, partitions: [data] }],
    nodeEndpoints: leaderAddresses(role.leaderId, role.leaderEndpoints, context, 1),
  });
}
