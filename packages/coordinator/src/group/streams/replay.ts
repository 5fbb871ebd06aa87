/**
 * Replays the records of streams groups: the only code that changes their hard state.
 *
 * A tombstone of what is not there changes nothing. What cannot follow from a history of records that were decided one after the other is corrupt.
 * Source: GroupMetadataManager.replay.
 */
import { CorruptDataError } from '@skarab/base';
import { ClassicGroup } from '../classic/classic-group.ts';
import type {
  StreamsGroupCurrentMemberAssignmentRecord,
  StreamsGroupMemberMetadataRecord,
  StreamsGroupMetadataRecord,
  StreamsGroupRecord,
  StreamsGroupTargetAssignmentMetadataRecord,
} from '../records/streams-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import { NO_STREAMS_TARGET, StreamsGroup } from './streams-group.ts';
import { newStreamsMember, STREAMS_LEAVE_EPOCH, withCurrentTasks, withStreamsMetadata } from './streams-member.ts';
import { NO_EPOCH_TASKS, taskSetOf } from './tasks.ts';
import { requiredTopics, type Topology, topologyOf } from './topology.ts';

/** Applies one record. Errors: `CorruptDataError`. */
export function replayStreamsGroupRecord(parts: ShardParts, record: StreamsGroupRecord): void {
  const group = persistedGroup(parts, record.key.groupId, record.value !== null);
  if (group === null) return;
  switch (record.type) {
    case 'streamsGroupMetadata':
      replayEpoch(parts, group, record);
      break;
    case 'streamsGroupTopology':
      replayTopology(parts, group, record.value === null ? null : topologyOf(record.value));
      break;
    case 'streamsGroupMemberMetadata':
      replayMember(group, record);
      break;
    case 'streamsGroupTargetAssignmentMetadata':
      replayTargetEpoch(group, record);
      break;
    case 'streamsGroupTargetAssignmentMember': {
      const { key, value } = record;
      if (value === null) group.targets.delete(key.memberId);
      else
        group.targets.set(key.memberId, {
          active: taskSetOf(value.activeTasks),
          standby: taskSetOf(value.standbyTasks),
          warmup: taskSetOf(value.warmupTasks),
        });
      break;
    }
    case 'streamsGroupCurrentMemberAssignment':
      replayCurrentTasks(group, record);
      break;
  }
}

/** The group that a record is about; made in the place of one that only holds offsets. Null: there is none, and the record needs none. */
function persistedGroup({ registry, timeline }: ShardParts, groupId: string, isNeeded: boolean): StreamsGroup | null {
  const group = registry.get(groupId);
  if (group instanceof StreamsGroup) return group;
  if (group === undefined && !isNeeded) return null;
  const isReplaceable =
    group === undefined || (group instanceof ClassicGroup && group.protocolType === null && group.isEmpty);
  if (!isReplaceable) throw new CorruptDataError(`group ${groupId} is not a streams group`);
  const fresh = new StreamsGroup(groupId, timeline);
  registry.put(fresh);
  return fresh;
}

function corrupt(group: StreamsGroup, what: string): CorruptDataError {
  return new CorruptDataError(`streams group ${group.groupId}: ${what}`);
}

function replayEpoch(
  { registry, topics }: ShardParts,
  group: StreamsGroup,
  { value }: StreamsGroupMetadataRecord,
): void {
  if (value !== null) {
    const { epoch, metadataHash, validatedTopologyEpoch, lastAssignmentConfigs } = value;
    const assignmentConfigs = new Map((lastAssignmentConfigs ?? []).map((config) => [config.key, config.value]));
    group.epoch.set({ epoch, metadataHash, validatedTopologyEpoch, assignmentConfigs });
    return;
  }
  if (!group.isEmpty) throw corrupt(group, `is deleted with ${group.members.size} members`);
  if (group.target.get().epoch !== NO_STREAMS_TARGET.epoch)
    throw corrupt(group, 'is deleted before its target assignment');
  // The topology's own tombstone follows, and finds no group any more.
  topics.onSubscriptionChanged(group.groupId, topicsOf(group.topology.get()), new Set());
  registry.delete(group.groupId);
}

function replayTopology({ topics }: ShardParts, group: StreamsGroup, topology: Topology | null): void {
  const before = group.topology.get();
  group.topology.set(topology);
  topics.onSubscriptionChanged(group.groupId, topicsOf(before), topicsOf(topology));
}

function topicsOf(topology: Topology | null): Set<string> {
  return new Set(topology === null ? [] : requiredTopics(topology));
}

function replayMember(group: StreamsGroup, { key, value }: StreamsGroupMemberMetadataRecord): void {
  const { memberId } = key;
  const member = group.members.get(memberId);
  if (value !== null) {
    group.putMember(withStreamsMetadata(member ?? newStreamsMember(memberId), value));
    return;
  }
  if (member === undefined) return;
  if (member.memberEpoch !== STREAMS_LEAVE_EPOCH) throw corrupt(group, `member ${memberId} is deleted with tasks`);
  if (group.targets.has(memberId)) throw corrupt(group, `member ${memberId} is deleted with a target assignment`);
  group.removeMember(memberId);
}

function replayTargetEpoch(group: StreamsGroup, { value }: StreamsGroupTargetAssignmentMetadataRecord): void {
  if (value !== null)
    group.target.set({ epoch: value.assignmentEpoch, timestampMs: Number(value.assignmentTimestamp) });
  else if (group.targets.size > 0) throw corrupt(group, `target is deleted with ${group.targets.size} assignments`);
  else group.target.set(NO_STREAMS_TARGET);
}

function replayCurrentTasks(group: StreamsGroup, { key, value }: StreamsGroupCurrentMemberAssignmentRecord): void {
  const { memberId } = key;
  const member = group.members.get(memberId);
  if (value !== null) group.putMember(withCurrentTasks(member ?? newStreamsMember(memberId), value));
  else if (member !== undefined)
    group.putMember({
      ...member,
      memberEpoch: STREAMS_LEAVE_EPOCH,
      previousMemberEpoch: STREAMS_LEAVE_EPOCH,
      assigned: NO_EPOCH_TASKS,
      pendingRevocation: NO_EPOCH_TASKS,
    });
}
