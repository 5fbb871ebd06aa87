/**
 * What becomes of the states of a share group's partitions: initialized, given up, deleted with the group.
 *
 * Source: GroupMetadataManager (initializeShareGroupState, uninitializeShareGroupState, initializedShareGroupPartitions,
 * shareGroupBuildPartitionDeleteRequest).
 */
import type { Uuid } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { type Decision, decided } from '../../runtime/decision.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { shareStatePartitionsRecord } from '../records/share-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import { ShareGroup } from './share-group.ts';
import { combined, NO_STATES, type TopicPartitions, withInitialized, withoutInitializing } from './state-partitions.ts';

/** Partitions by topic, as lists. */
export type StateList = readonly { readonly topicId: Uuid; readonly partitions: readonly number[] }[];

/** The share coordinator has made states, or has not. */
export function onStatesInitialized(
  parts: ShardParts,
  groupId: string,
  list: StateList,
  isDone: boolean,
): Decision<null, GroupRecord> {
  parts.initializationsSinceMs.delete(groupId);
  const group = parts.registry.get(groupId);
  if (!(group instanceof ShareGroup)) return decided([], null);
  const ended: TopicPartitions = new Map(list.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));
  const { image } = parts.topics;
  const states = isDone
    ? withInitialized(group.statePartitions, ended, image)
    : withoutInitializing(group.statePartitions, ended);
  return decided([shareStatePartitionsRecord(groupId, states, image)], null);
}

/** The partitions that have a state, as of the last commit. */
export function initializedStates({ registry }: ShardParts, groupId: string): StateList {
  const group = registry.getCommitted(groupId);
  if (!(group instanceof ShareGroup)) return [];
  const { initialized } = group.states.getCommitted() ?? NO_STATES;
  return [...initialized].map(([topicId, { partitions }]) => ({ topicId, partitions: [...partitions] }));
}

/** What must be deleted at the share coordinator before the group can be; or why it cannot be. */
export interface StatesToDelete {
  readonly errorCode: ErrorCode;
  readonly states: StateList;
}

/** Begins the deletion of a share group's states; nothing is to be done for groups of other types. */
export function beginStateDeletion(parts: ShardParts, groupId: string): Decision<StatesToDelete, GroupRecord> {
  const group = parts.registry.get(groupId);
  if (!(group instanceof ShareGroup)) return decided([], { errorCode: ErrorCode.NONE, states: [] });
  const errorCode = group.validateDeleteGroup();
  const known = group.states.get();
  if (errorCode !== ErrorCode.NONE || known === null) return decided([], { errorCode, states: [] });
  const { image } = parts.topics;
  const candidates = combined(known.initialized, known.initializing);
  const deleting = new Set([...candidates.keys(), ...known.deleting]);
  const states = [...deleting].flatMap((topicId) => {
    const topic = image.topicById(topicId);
    const partitions = candidates.get(topicId)?.partitions ?? (topic && Array(topic.partitionCount).keys());
    return partitions === undefined ? [] : [{ topicId, partitions: [...partitions] }];
  });
  const record = shareStatePartitionsRecord(groupId, { ...NO_STATES, deleting }, image);
  return decided([record], { errorCode, states });
}
