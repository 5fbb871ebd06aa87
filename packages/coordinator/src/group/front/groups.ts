/**
 * DescribeGroups, ListGroups and DeleteGroups: each spreads over the shards that the groups live in, and is put together again.
 *
 * Answers come in the order of the request. Source: org.apache.kafka.coordinator.group.GroupCoordinatorService (describeGroups, listGroups, deleteGroups).
 */
import {
  type DeletableGroupResult,
  ErrorCode,
  type ListedGroup,
  newDeletableGroupResult,
  newDeleteGroupsResponse,
  newDescribeGroupsResponse,
  newDescribeGroupsResponseDescribedGroup,
  newListGroupsResponse,
} from '@skarab/protocol';
import { describeGroup } from '../classic/describe-groups.ts';
import { listGroups as listGroupsOfShard } from '../list-groups.ts';
import { writeErrorToResponse } from '../write-error.ts';
import type { Call, Front } from './call.ts';

/** DescribeGroups. */
export function describeGroups(front: Front, { context, request, reply, nowMs }: Call<'describeGroups'>): void {
  const groups = request.groups.map((groupId) => {
    let described = newDescribeGroupsResponseDescribedGroup({ groupId });
    front.runtime.read(
      front.partitionFor(groupId),
      ({ parts }) => describeGroup(parts, groupId, context.apiVersion),
      (error, response) => {
        described = response ?? { ...described, errorCode: writeErrorToResponse(error) };
      },
      nowMs,
    );
    return described;
  });
  reply.send(newDescribeGroupsResponse({ groups }));
}

/** ListGroups of the shards on this broker; while one of them loads, there is no answer. */
export function listGroups(front: Front, { request, reply, nowMs }: Call<'listGroups'>): void {
  const groups: ListedGroup[] = [];
  let errorCode: ErrorCode = ErrorCode.NONE;
  for (const partition of front.runtime.partitions()) {
    front.runtime.read(
      partition,
      ({ parts }) => listGroupsOfShard(parts, request),
      (error, listed) => {
        if (error !== ErrorCode.NONE && error !== ErrorCode.NOT_COORDINATOR) errorCode = writeErrorToResponse(error);
        for (const group of listed ?? []) groups.push(group);
      },
      nowMs,
    );
  }
  reply.send(newListGroupsResponse(errorCode === ErrorCode.NONE ? { groups } : { errorCode }));
}

/** DeleteGroups; answered when every shard has answered. */
export function deleteGroups(front: Front, { request, reply, nowMs }: Call<'deleteGroups'>): void {
  const groupIds = [...new Set(request.groupsNames)];
  const byPartition = Map.groupBy(groupIds, (groupId) => front.partitionFor(groupId));
  const results = new Map<string, DeletableGroupResult>();
  let waiting = byPartition.size;
  const respondWhenComplete = (): void => {
    if (waiting === 0)
      reply.send(newDeleteGroupsResponse({ results: groupIds.map((groupId) => results.get(groupId)!) }));
  };
  for (const [partition, ids] of byPartition) {
    front.runtime.write(
      partition,
      (shard) => shard.deleteGroups(ids),
      (error, deleted) => {
        waiting--;
        const errorCode = writeErrorToResponse(error);
        for (const result of deleted ?? ids.map((groupId) => newDeletableGroupResult({ groupId, errorCode })))
          results.set(result.groupId, result);
        respondWhenComplete();
      },
      nowMs,
    );
  }
  if (byPartition.size === 0) respondWhenComplete();
}
