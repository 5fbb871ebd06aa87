/**
 * What was done to a test host, as lines for the JVM's group coordinator (java/GroupCoordinatorOracle.java).
 */
import { Buffer } from 'node:buffer';
import {
  encodeConsumerGroupDescribeRequest,
  encodeConsumerGroupHeartbeatRequest,
  encodeDeleteGroupsRequest,
  encodeDescribeGroupsRequest,
  encodeHeartbeatRequest,
  encodeJoinGroupRequest,
  encodeLeaveGroupRequest,
  encodeListGroupsRequest,
  encodeOffsetCommitRequest,
  encodeOffsetDeleteRequest,
  encodeOffsetFetchRequest,
  encodeShareGroupDescribeRequest,
  encodeShareGroupHeartbeatRequest,
  encodeStreamsGroupDescribeRequest,
  encodeStreamsGroupHeartbeatRequest,
  encodeSyncGroupRequest,
  encodeTxnOffsetCommitRequest,
  errorName,
  newOffsetFetchRequest,
  Writer,
} from '@skarab/protocol';
import { groupCoordinatorOptions } from '../../src/index.ts';
import type { GroupHost, HostInput, RequestInput } from '../group-host.ts';

/** The command for one input of `host`. */
export function commandOf(input: HostInput, { config }: GroupHost): string {
  switch (input.type) {
    case 'start': {
      // One batch per write: the oracle cannot see two failures in one batch otherwise.
      const linger = 'group.coordinator.append.linger.ms';
      const options = Object.entries(groupCoordinatorOptions).map(
        ([field, { name }]) => `${name}=${name === linger ? 0 : config[field as keyof typeof config]}`,
      );
      return ['start', ...options].join(' ');
    }
    case 'advance':
      return `advance ${input.ms}`;
    case 'fail-next':
      return `fail-next ${errorName(input.error)}`;
    case 'topics-deleted':
      return ['topics-deleted', ...input.topics.map(({ name, id }) => `${name}:${id}`)].join(' ');
    case 'topics': {
      const topics = input.topics.map(({ name, id, partitionCount, racks }) =>
        [name, id, partitionCount, racks.join('+')].join(':'),
      );
      return ['topics', input.version, ...topics].join(' ');
    }
    case 'end-transaction': {
      const { producerId, producerEpoch, isCommit } = input.end;
      return `end-transaction ${input.token} ${producerId} ${producerEpoch} ${isCommit}`;
    }
    case 'request':
      return requestCommand(input);
    default:
      return input.type;
  }
}

function requestCommand(input: RequestInput): string {
  const { token, kind, context } = input;
  const head = ['request', token, kind, context.apiVersion, context.clientId].join(' ');
  return `${head} ${bytesOf(input)}`;
}

function hex(write: (writer: Writer) => void): string {
  const writer = new Writer();
  write(writer);
  return Buffer.from(writer.toBytes()).toString('hex');
}

/** The request's bytes at the version that has the most, and beside it what that version lacks. */
function bytesOf(input: RequestInput): string {
  switch (input.kind) {
    case 'joinGroup':
      return hex((writer) => encodeJoinGroupRequest(writer, input.request, 9));
    case 'syncGroup':
      return hex((writer) => encodeSyncGroupRequest(writer, input.request, 5));
    case 'shareGroupHeartbeat':
      return hex((writer) => encodeShareGroupHeartbeatRequest(writer, input.request, 1));
    case 'shareGroupDescribe':
      return hex((writer) => encodeShareGroupDescribeRequest(writer, input.request, 1));
    case 'heartbeat':
      return hex((writer) => encodeHeartbeatRequest(writer, input.request, 4));
    case 'leaveGroup': {
      const { apiVersion } = input.context;
      const request = apiVersion < 3 ? { ...input.request, members: [] } : { ...input.request, memberId: '' };
      return hex((writer) => encodeLeaveGroupRequest(writer, request, apiVersion));
    }
    case 'offsetCommit': {
      const { request } = input;
      const ids = request.topics.map(({ topicId }) => topicId).join(',');
      const bytes = hex((writer) => encodeOffsetCommitRequest(writer, { ...request, retentionTimeMs: -1n }, 9));
      return `${bytes} ${ids === '' ? '-' : ids} ${request.retentionTimeMs}`;
    }
    case 'txnOffsetCommit':
      return hex((writer) => encodeTxnOffsetCommitRequest(writer, input.request.commit, 5));
    case 'offsetFetch': {
      const { group, requireStable } = input.request;
      const ids = (group.topics ?? []).map(({ topicId }) => topicId).join(',');
      const request = newOffsetFetchRequest({ groups: [group], requireStable });
      return `${hex((writer) => encodeOffsetFetchRequest(writer, request, 9))} ${ids === '' ? '-' : ids}`;
    }
    case 'offsetDelete':
      return hex((writer) => encodeOffsetDeleteRequest(writer, input.request, 0));
    case 'describeGroups':
      return hex((writer) => encodeDescribeGroupsRequest(writer, input.request, 6));
    case 'listGroups':
      return hex((writer) => encodeListGroupsRequest(writer, input.request, 5));
    case 'consumerGroupHeartbeat':
      return hex((writer) => encodeConsumerGroupHeartbeatRequest(writer, input.request, 1));
    case 'consumerGroupDescribe':
      return hex((writer) => encodeConsumerGroupDescribeRequest(writer, input.request, 1));
    case 'streamsGroupHeartbeat':
      return hex((writer) => encodeStreamsGroupHeartbeatRequest(writer, input.request, 0));
    case 'streamsGroupDescribe':
      return hex((writer) => encodeStreamsGroupDescribeRequest(writer, input.request, 0));
    case 'deleteGroups':
      return hex((writer) => encodeDeleteGroupsRequest(writer, input.request, 2));
  }
}
