/**
 * Answers OffsetFetch for one group.
 *
 * A stable fetch reads the newest state, refuses partitions under an open transaction, and its answer waits for the writes it saw; any other
 * fetch reads the committed state. An unknown group has no offsets, which is not an error. Source: OffsetMetadataManager.fetchOffsets, fetchAllOffsets.
 */
import { type Uuid, ZERO_UUID } from '@skarab/base';
import {
  ErrorCode,
  newOffsetFetchResponseGroup,
  newOffsetFetchResponsePartitions,
  newOffsetFetchResponseTopics,
  type OffsetFetchResponseGroup,
  type OffsetFetchResponsePartitions,
  type OffsetFetchResponseTopics,
} from '@skarab/protocol';
import { answered, refused, type Verdict } from '../../runtime/decision.ts';
import type { GroupOffsetFetch } from '../group-requests.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { OffsetAndMetadata } from './offset-and-metadata.ts';
import type { ByTopic } from './partition-table.ts';

type GroupOffsets = ByTopic<OffsetAndMetadata> | undefined;

/** Answers the fetch, or refuses it when the member may not ask. */
export function fetchOffsets(parts: ShardParts, fetch: GroupOffsetFetch): Verdict<OffsetFetchResponseGroup, never> {
  const { group: request, requireStable } = fetch;
  const { groupId } = request;
  const group = requireStable ? parts.registry.get(groupId) : parts.registry.getCommitted(groupId);
  const error =
    group?.validateOffsetFetch(request.memberId, request.memberEpoch, !requireStable) ?? ErrorCode.GROUP_ID_NOT_FOUND;
  if (error !== ErrorCode.NONE && error !== ErrorCode.GROUP_ID_NOT_FOUND) return refused(error);
  const { committed } = parts.offsets;
  const known = error === ErrorCode.NONE;
  const offsets = known
    ? requireStable
      ? committed.ofGroup(groupId)
      : committed.ofGroupCommitted(groupId)
    : undefined;
  const topics = request.topics === null ? allTopics(parts, fetch, offsets) : requestedTopics(parts, fetch, offsets);
  return answered(newOffsetFetchResponseGroup({ groupId, topics }));
}

function requestedTopics(
  parts: ShardParts,
  { group, requireStable }: GroupOffsetFetch,
  offsets: GroupOffsets,
): OffsetFetchResponseTopics[] {
  return (group.topics ?? []).map(({ name, topicId, partitionIndexes }) => {
    const byPartition = requireStable ? offsets?.get(name) : offsets?.getCommitted(name);
    const partitions = partitionIndexes.map((index) => {
      if (requireStable && parts.offsets.hasPending(group.groupId, name, index)) return unstable(index);
      const offset = requireStable ? byPartition?.get(index) : byPartition?.getCommitted(index);
      return offset === undefined || isOfOtherTopic(offset, topicId) ? absent(index) : present(index, offset);
    });
    return newOffsetFetchResponseTopics({ topicId, name, partitions });
  });
}

function allTopics(
  parts: ShardParts,
  { group, requireStable }: GroupOffsetFetch,
  offsets: GroupOffsets,
): OffsetFetchResponseTopics[] {
  const topics: OffsetFetchResponseTopics[] = [];
  for (const [name, byPartition] of (requireStable ? offsets : offsets?.committedEntries()) ?? []) {
    const partitions: OffsetFetchResponsePartitions[] = [];
    for (const [index, offset] of requireStable ? byPartition : byPartition.committedEntries()) {
      const isUnstable = requireStable && parts.offsets.hasPending(group.groupId, name, index);
      partitions.push(isUnstable ? unstable(index) : present(index, offset));
    }
    // The handler fills in the topic's id, where its version needs one.
    topics.push(newOffsetFetchResponseTopics({ topicId: ZERO_UUID, name, partitions }));
  }
  return topics;
}

/** A commit with the id of an earlier topic of the same name is not the asked topic's. */
function isOfOtherTopic(offset: OffsetAndMetadata, topicId: Uuid): boolean {
  return offset.topicId !== ZERO_UUID && topicId !== ZERO_UUID && offset.topicId !== topicId;
}

function present(partitionIndex: number, offset: OffsetAndMetadata): OffsetFetchResponsePartitions {
  return newOffsetFetchResponsePartitions({
    partitionIndex,
    committedOffset: offset.committedOffset,
    committedLeaderEpoch: offset.leaderEpoch ?? -1,
    metadata: offset.metadata,
  });
}

function absent(partitionIndex: number): OffsetFetchResponsePartitions {
  return newOffsetFetchResponsePartitions({
    partitionIndex,
    committedOffset: -1n,
    committedLeaderEpoch: -1,
    metadata: '',
  });
}

function unstable(partitionIndex: number): OffsetFetchResponsePartitions {
  return { ...absent(partitionIndex), errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT };
}
