/**
 * Fetch: replicas get the log from the leader, and tell it by the offset what they have on disk.
 *
 * The leader compares the end of the replica's log with its own before it counts or sends anything. What a replica has to cut or to replace
 * by a snapshot first is in the answer. A fetch that has nothing to get waits. Source: KafkaRaftClient (handleFetchRequest,
 * tryCompleteFetchRequest, handleFetchResponse); KIP-595, KIP-630, KIP-853; the replica's high watermark: KIP-1166.
 */
import { METADATA_TOPIC_ID, ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  ErrorCode,
  type FetchRequest,
  type FetchRequestFetchPartition,
  type FetchResponse,
  type FetchResponsePartitionData,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchResponse,
  newFetchResponseNodeEndpoint,
  newFetchResponsePartitionData,
} from '@skarab/protocol';
import { CLUSTER_METADATA_TOPIC } from '../describe-quorum.ts';
import { endpointsOf, leaderAddresses } from '../endpoints.ts';
import { truncationOffset, validateEnd } from '../log-view.ts';
import { compareOffsetAndEpoch } from '../offset-and-epoch.ts';
import type { ParkedFetch } from '../parked-fetches.ts';
import type { Quorum } from '../quorum.ts';
import { FETCH_MAX_WAIT_MS } from '../quorum-config.ts';
import { type RaftRequest, type RequestContext, receivedBytes } from '../raft-messages.ts';
import { replicaKey } from '../replica-key.ts';
import type { FollowerRole } from '../roles/follower.ts';
import type { LeaderRole } from '../roles/leader.ts';
import { onVotersCommitted } from '../voter-change.ts';
import { handleCommonResponse, type Outcome } from './common.ts';

/** Answers a request, or has it wait. */
export function handleFetchRequest(
  quorum: Quorum,
  request: FetchRequest,
  context: RequestContext,
  token: number,
): void {
  const partition = fetchPartition(request);
  if (partition === null || !quorum.isClusterId(request.clusterId)) {
    const errorCode = partition === null ? ErrorCode.INVALID_REQUEST : ErrorCode.INCONSISTENT_CLUSTER_ID;
    quorum.respond(token, { apiKey: ApiKey.FETCH, message: newFetchResponse({ errorCode }) });
    return;
  }
  const { currentLeaderEpoch, lastFetchedEpoch } = partition;
  const { replicaState, replicaId, maxBytes, maxWaitMs } = request;
  const fetchOffset = Number(partition.fetchOffset);
  const isImpossible = fetchOffset < 0 || lastFetchedEpoch < 0 || lastFetchedEpoch > currentLeaderEpoch;
  if (maxWaitMs < 0 || isImpossible) {
    respondEmpty(quorum, token, context, ErrorCode.INVALID_REQUEST);
    return;
  }
  const id = replicaState.replicaId === -1 ? replicaId : replicaState.replicaId;
  const fetch: ParkedFetch = {
    token,
    context,
    replica: replicaKey(id, partition.replicaDirectoryId),
    epoch: currentLeaderEpoch,
    fetchOffset,
    lastFetchedEpoch,
    highWatermark: Number(partition.highWatermark),
    maxBytes,
    deadlineMs: quorum.nowMs + maxWaitMs,
  };
  if (!tryComplete(quorum, fetch, maxWaitMs === 0 || quorum.parked.isFull)) park(quorum, fetch);
}

/** Answers the fetches that there is something for now, and those that have waited long enough. */
export function completeParkedFetches(quorum: Quorum): void {
  const { role, log, nowMs } = quorum;
  if (role.kind !== 'leader') return;
  const highWatermark = role.highWatermark ?? -1;
  const isDue = (fetch: ParkedFetch): boolean =>
    fetch.deadlineMs <= nowMs || fetch.fetchOffset < log.endOffset || fetch.highWatermark < highWatermark;
  for (const fetch of quorum.parked.take(isDue)) tryComplete(quorum, fetch, true);
}

/** Answers the fetches that wait for a leader that is none any more. */
export function refuseParkedFetches(quorum: Quorum): void {
  for (const { token, context } of quorum.parked.take(() => true)) {
    respondEmpty(quorum, token, context, ErrorCode.NOT_LEADER_OR_FOLLOWER);
  }
}

/** Answers a fetch unless there is nothing to say and it may wait. */
function tryComplete(quorum: Quorum, fetch: ParkedFetch, mustAnswer: boolean): boolean {
  const { token, context, replica, fetchOffset, maxBytes } = fetch;
  const error = quorum.leaderRequestError(fetch.epoch);
  const { role, log } = quorum;
  if (error !== ErrorCode.NONE || role.kind !== 'leader' || replica.id === quorum.local.key.id) {
    respondEmpty(quorum, token, context, error === ErrorCode.NONE ? ErrorCode.INVALID_REQUEST : error);
    return true;
  }
  const validity = validateEnd(log, fetchOffset, fetch.lastFetchedEpoch);
  if (validity.kind === 'valid' && replica.id >= 0) onReplicaFetched(quorum, role, fetch);
  const data = partitionData(quorum, ErrorCode.NONE, role.highWatermark);
  if (validity.kind === 'diverging') {
    const { epoch, offset } = validity.end;
    data.divergingEpoch = { epoch, endOffset: BigInt(offset) };
  } else if (validity.kind === 'snapshot') {
    const { epoch, offset } = validity.id;
    data.snapshotId = { epoch, endOffset: BigInt(offset) };
  }
  const hasRecords = validity.kind === 'valid' && fetchOffset < log.endOffset;
  const hasNews = hasRecords || validity.kind !== 'valid' || fetch.highWatermark < (role.highWatermark ?? -1);
  if (!hasNews && !mustAnswer) return false;
  const bytes = hasRecords ? { kind: 'log' as const, offset: fetchOffset, maxBytes } : null;
  quorum.respond(token, { apiKey: ApiKey.FETCH, message: fetchResponse(quorum, context, data) }, bytes);
  return true;
}

function onReplicaFetched(quorum: Quorum, role: LeaderRole, { replica, fetchOffset }: ParkedFetch): void {
  if (!role.updateReplica(replica, quorum.nowMs, fetchOffset)) return;
  onLeaderHighWatermark(quorum, role);
}

/** The leader's high watermark has moved. */
export function onLeaderHighWatermark(quorum: Quorum, role: LeaderRole): void {
  quorum.advanceHighWatermark(role.highWatermark ?? -1);
  onVotersCommitted(quorum, role);
}

function park(quorum: Quorum, fetch: ParkedFetch): void {
  const { id, directoryId } = fetch.replica;
  const isBefore = ({ replica }: ParkedFetch): boolean =>
    id >= 0 && replica.id === id && replica.directoryId === directoryId;
  for (const before of quorum.parked.take(isBefore)) {
    respondEmpty(quorum, before.token, before.context, ErrorCode.NONE);
  }
  quorum.parked.add(fetch);
}

/** Takes in an answer: cuts the log, begins a snapshot, or appends. */
export function handleFetchResponse(quorum: Quorum, response: FetchResponse): Outcome {
  const [topic] = response.responses;
  const [partition] = topic?.partitions ?? [];
  if (response.errorCode !== ErrorCode.NONE || topic?.topicId !== METADATA_TOPIC_ID || partition === undefined) {
    return 'backOff';
  }
  const { leaderId, leaderEpoch } = partition.currentLeader;
  const addresses = response.nodeEndpoints.map(({ nodeId, host, port }) => ({ nodeId, host, port }));
  const endpoints = endpointsOf(addresses, leaderId, quorum.options.listener);
  const errorCode = partition.errorCode as ErrorCode;
  const outcome = handleCommonResponse(quorum, errorCode, { leaderId, epoch: leaderEpoch, endpoints });
  if (outcome !== null) return outcome;
  const { role } = quorum;
  if (errorCode !== ErrorCode.NONE || role.kind !== 'follower') return 'backOff';
  const isDone = followLeaderLog(quorum, role, partition);
  if (isDone) role.onFetched(quorum.nowMs);
  return isDone ? 'retry' : 'backOff';
}

function followLeaderLog(quorum: Quorum, role: FollowerRole, partition: FetchResponsePartitionData): boolean {
  const { divergingEpoch, snapshotId, records, highWatermark } = partition;
  if (divergingEpoch.epoch >= 0) {
    return truncate(quorum, { epoch: divergingEpoch.epoch, offset: Number(divergingEpoch.endOffset) });
  }
  if (snapshotId.epoch >= 0 || snapshotId.endOffset >= 0n) {
    if (snapshotId.epoch < 0 || snapshotId.endOffset < 0n) return false;
    return fetchSnapshot(quorum, role, { epoch: snapshotId.epoch, offset: Number(snapshotId.endOffset) });
  }
  if (highWatermark >= 0n) role.leaderHighWatermark = Math.max(role.leaderHighWatermark ?? 0, Number(highWatermark));
  const bytes = receivedBytes(records);
  if (bytes.length > 0) quorum.emit({ kind: 'appendFetched', epoch: role.epoch, records: bytes });
  return true;
}

/** Cuts the log where it parts from the leader's. What is committed is never cut: who asks for that is not to be believed. */
function truncate(quorum: Quorum, end: { readonly epoch: number; readonly offset: number }): boolean {
  const offset = truncationOffset(quorum.log, end);
  if (offset < committedOffset(quorum)) return false;
  quorum.durableOffset = Math.min(quorum.durableOffset, offset);
  quorum.emit({ kind: 'truncate', offset });
  return true;
}

/** Up to here the log is committed for sure: a log that does not begin at 0 begins behind a snapshot. */
function committedOffset({ highWatermark, log }: Quorum): number {
  return Math.max(highWatermark ?? 0, log.startOffset);
}

function fetchSnapshot(
  quorum: Quorum,
  role: FollowerRole,
  id: { readonly epoch: number; readonly offset: number },
): boolean {
  const { latestSnapshot } = quorum.log;
  if (id.offset < committedOffset(quorum)) return false;
  if (latestSnapshot !== null && compareOffsetAndEpoch(latestSnapshot, id) === 0) return false;
  role.fetchingSnapshot = { id, position: 0 };
  quorum.emit({ kind: 'beginSnapshot', id });
  return true;
}

/** The request for what comes after the end of the log. */
export function buildFetchRequest(quorum: Quorum): RaftRequest {
  const { local, log, options } = quorum;
  const partition = newFetchRequestFetchPartition({
    currentLeaderEpoch: quorum.epoch,
    lastFetchedEpoch: log.lastEpoch,
    fetchOffset: BigInt(log.endOffset),
    replicaDirectoryId: local.key.directoryId ?? ZERO_UUID,
    highWatermark: BigInt(quorum.highWatermark ?? -1),
  });
  const message = newFetchRequest({
    clusterId: options.clusterId,
    replicaState: { replicaId: local.key.id, replicaEpoch: -1n },
    maxWaitMs: FETCH_MAX_WAIT_MS,
    maxBytes: options.config.fetchMaxBytes,
    topics: [{ topic: CLUSTER_METADATA_TOPIC, topicId: METADATA_TOPIC_ID, partitions: [partition] }],
  });
  return { apiKey: ApiKey.FETCH, message };
}

/** Up to version 12 topics have names, later ones ids. */
function fetchPartition({ topics }: FetchRequest): FetchRequestFetchPartition | null {
  const [topic] = topics;
  const [partition] = topic?.partitions ?? [];
  if (topic === undefined || partition === undefined || topics.length !== 1) return null;
  const isMetadata = topic.topicId === METADATA_TOPIC_ID;
  return isMetadata && topic.partitions.length === 1 && partition.partition === 0 ? partition : null;
}

function respondEmpty(quorum: Quorum, token: number, context: RequestContext, errorCode: ErrorCode): void {
  const { role } = quorum;
  const highWatermark = errorCode === ErrorCode.NONE && role.kind === 'leader' ? role.highWatermark : null;
  const data = partitionData(quorum, errorCode, highWatermark);
  quorum.respond(token, { apiKey: ApiKey.FETCH, message: fetchResponse(quorum, context, data) });
}

function partitionData(
  { log, role }: Quorum,
  errorCode: ErrorCode,
  highWatermark: number | null,
): FetchResponsePartitionData {
  return newFetchResponsePartitionData({
    errorCode,
    highWatermark: BigInt(highWatermark ?? -1),
    logStartOffset: BigInt(log.startOffset),
    currentLeader: { leaderId: role.leaderId ?? -1, leaderEpoch: role.epoch },
    records: new Uint8Array(0),
  });
}

function fetchResponse({ role }: Quorum, context: RequestContext, data: FetchResponsePartitionData): FetchResponse {
  const { leaderId, leaderEndpoints } = role;
  return newFetchResponse({
    responses: [{ topic: CLUSTER_METADATA_TOPIC, topicId: METADATA_TOPIC_ID, partitions: [data] }],
    nodeEndpoints: leaderAddresses(leaderId, leaderEndpoints, context, 17).map((node) =>
      newFetchResponseNodeEndpoint(node),
    ),
  });
}
