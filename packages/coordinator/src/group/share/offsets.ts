/**
 * Where share groups begin, as an administrator sets or forgets it.
 *
 * Source: GroupMetadataManager (alterShareGroupOffsets, sharePartitionsEligibleForOffsetDeletion, completeDeleteShareGroupOffsets),
 * GroupCoordinatorShard.initiateDeleteShareGroupOffsets.
 */
import type { Uuid } from '@skarab/base';
import {
  type AlterShareGroupOffsetsRequestTopic as AlteredTopic,
  type AlterShareGroupOffsetsResponseTopic as AlteredTopicResponse,
  type AlterShareGroupOffsetsRequest,
  type DeleteShareGroupOffsetsResponseTopic as DeletedTopicResponse,
  type DeleteShareGroupOffsetsRequest,
  ErrorCode,
  newAlterShareGroupOffsetsResponsePartition as newAlteredPartition,
  newAlterShareGroupOffsetsResponseTopic as newAlteredTopic,
  newDeleteShareGroupOffsetsResponseTopic as newDeletedTopic,
} from '@skarab/protocol';
import { answered, type Decision, decided, type Refusal, refused, type Verdict } from '../../runtime/decision.ts';
import type { TopicMetadata } from '../metadata/cluster-image.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { shareStatePartitionsRecord } from '../records/share-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import { ShareGroup } from './share-group.ts';
import { NO_STATES, type StatePartitions, withInitializing } from './state-partitions.ts';
import type { StateList } from './states.ts';

/** States that begin at given offsets. */
export interface StatesToBegin {
  readonly groupId: string;
  readonly stateEpoch: number;
  readonly topics: readonly {
    readonly topicId: Uuid;
    readonly partitions: readonly { readonly partition: number; readonly startOffset: bigint }[];
  }[];
}

/** What is answered once the share coordinator has begun the states. */
export interface AlteredOffsets {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string | null;
  readonly topics: readonly AlteredTopicResponse[];
  readonly states: StatesToBegin | null;
}

/** Sets where an empty group begins; makes the group when there is none. */
export function alterShareOffsets(
  parts: ShardParts,
  { groupId, topics }: AlterShareGroupOffsetsRequest,
): Verdict<AlteredOffsets, GroupRecord> {
  const group = parts.registry.get(groupId) ?? new ShareGroup(groupId, parts.timeline);
  if (!(group instanceof ShareGroup)) return notShareGroup(groupId);
  if (!group.isEmpty) return refused(ErrorCode.NON_EMPTY_GROUP);
  const { image } = parts.topics;
  const begun = new Map<Uuid, StatePartitions>();
  const states = topics.flatMap((asked) => {
    const topic = image.topicByName(asked.topicName);
    if (topic === undefined) return [];
    const partitions = asked.partitions
      .filter(({ partitionIndex }) => partitionIndex < topic.partitionCount)
      .map(({ partitionIndex, startOffset }) => ({ partition: partitionIndex, startOffset }));
    begun.set(topic.id, { name: topic.name, partitions: new Set(partitions.map(({ partition }) => partition)) });
    return partitions.length === 0 ? [] : [{ topicId: topic.id, partitions }];
  });
  const response: AlteredOffsets = {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    topics: topics.map((asked) => alteredTopic(asked, image.topicByName(asked.topicName))),
    states: states.length === 0 ? null : { groupId, stateEpoch: group.groupEpoch, topics: states },
  };
  if (begun.size === 0) return answered(response);
  return decided(
    [shareStatePartitionsRecord(groupId, withInitializing(group.statePartitions, begun), image)],
    response,
  );
}

function alteredTopic({ topicName, partitions }: AlteredTopic, topic: TopicMetadata | undefined): AlteredTopicResponse {
  const partitionCount = topic?.partitionCount ?? Number.NEGATIVE_INFINITY;
  const altered = partitions.map(({ partitionIndex }) => {
    const errorCode = partitionIndex < partitionCount ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    return newAlteredPartition({ partitionIndex, errorCode });
  });
  return newAlteredTopic({ topicName, ...(topic && { topicId: topic.id }), partitions: altered });
}

/** What the share coordinator must forget; the topics that have nothing to be forgotten. */
export interface OffsetsToDelete {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string | null;
  readonly failed: readonly DeletedTopicResponse[];
  readonly states: StateList;
}

/** Begins to forget where an empty group is in topics. */
export function beginOffsetsDeletion(
  parts: ShardParts,
  { groupId, topics }: DeleteShareGroupOffsetsRequest,
): Verdict<OffsetsToDelete, GroupRecord> {
  const group = parts.registry.get(groupId);
  if (group === undefined) return refused(ErrorCode.GROUP_ID_NOT_FOUND, `Group ${groupId} not found.`);
  if (!(group instanceof ShareGroup)) return notShareGroup(groupId);
  if (!group.isEmpty) return refused(ErrorCode.NON_EMPTY_GROUP);
  const nothing: OffsetsToDelete = { errorCode: ErrorCode.NONE, errorMessage: null, failed: [], states: [] };
  const known = group.states.get();
  if (known === null) return answered(nothing);
  const { image } = parts.topics;
  const initialized = new Map(known.initialized);
  const deleting = new Set(known.deleting);
  const failed: DeletedTopicResponse[] = [];
  const states: StateList[number][] = [];
  for (const { topicName } of topics) {
    const topic = image.topicByName(topicName);
    const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    if (topic === undefined) {
      failed.push(newDeletedTopic({ topicName, errorCode }));
      continue;
    }
    const ended =
      initialized.get(topic.id)?.partitions ?? (deleting.has(topic.id) && Array(topic.partitionCount).keys());
    if (ended === false) {
      const errorMessage = 'There is no offset information to delete.';
      failed.push(newDeletedTopic({ topicName, errorCode, errorMessage }));
      continue;
    }
    states.push({ topicId: topic.id, partitions: [...ended] });
    initialized.delete(topic.id);
    deleting.add(topic.id);
  }
  const record = shareStatePartitionsRecord(groupId, { ...known, initialized, deleting }, image);
  return decided([record], { ...nothing, failed, states });
}

/** Topics whose states have ended. */
export interface ForgottenTopics {
  readonly groupId: string;
  readonly topicIds: readonly Uuid[];
}

/** The share coordinator has forgotten topics. */
export function endOffsetsDeletion(
  parts: ShardParts,
  { groupId, topicIds }: ForgottenTopics,
): Decision<null, GroupRecord> {
  const group = parts.registry.get(groupId);
  const known = group instanceof ShareGroup ? group.states.get() : null;
  if (known === null) return answered(null);
  const deleting = new Set([...known.deleting].filter((topicId) => !topicIds.includes(topicId)));
  return decided([shareStatePartitionsRecord(groupId, { ...known, deleting }, parts.topics.image)], null);
}

/** Records that remove deleted topics from what groups have of states. */
export function withoutDeletedTopics(parts: ShardParts, topicIds: ReadonlySet<Uuid>): GroupRecord[] {
  const records: GroupRecord[] = [];
  for (const group of parts.registry.values()) {
    const known = group instanceof ShareGroup ? (group.states.get() ?? NO_STATES) : NO_STATES;
    const { initializing, initialized, deleting } = known;
    if (![...initializing.keys(), ...initialized.keys(), ...deleting].some((topicId) => topicIds.has(topicId)))
      continue;
    const isLeft = ([topicId]: [Uuid, StatePartitions]): boolean => !topicIds.has(topicId);
    const left = {
      initializing: new Map([...initializing].filter(isLeft)),
      initialized: new Map([...initialized].filter(isLeft)),
      deleting: new Set([...deleting].filter((topicId) => !topicIds.has(topicId))),
    };
    records.push(shareStatePartitionsRecord(group.groupId, left, parts.topics.image));
  }
  return records;
}

function notShareGroup(groupId: string): Refusal {
  return refused(ErrorCode.GROUP_ID_NOT_FOUND, `Group ${groupId} is not a share group.`);
}
