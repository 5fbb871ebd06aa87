/**
 * Decides the target assignment of a new group epoch, unless the group waits for more members to join or the last target is too recent.
 *
 * Source: GroupMetadataManager (maybeUpdateStreamsTargetAssignment, computeDelayedTargetAssignment),
 * org.apache.kafka.coordinator.group.streams.TargetAssignmentBuilder.
 */
import { type Decision, decided, nothing } from '../../runtime/decision.ts';
import { canComputeNext } from '../consumer/target-assignment.ts';
import { JavaHashMap } from '../java-hash-order.ts';
import { javaHashCode } from '../java-string.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { streamsTargetEpochRecord, streamsTargetRecord } from '../records/streams-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { ConfiguredTopology } from './configured-topology.ts';
import { StreamsStatus, type TopologyStatus } from './status.ts';
import { assignTasks } from './sticky-assignor.ts';
import { StreamsGroup } from './streams-group.ts';
import type { StreamsMember } from './streams-member.ts';
import { isSameTasks, NO_TASKS, type Tasks } from './tasks.ts';

/** What a member is to have, and as of which epoch. */
export interface TasksTarget {
  readonly epoch: number;
  readonly tasks: Tasks;
}

/** A group on its way to another epoch. */
export interface StreamsChange {
  readonly group: StreamsGroup;
  readonly groupEpoch: number;
  /** The member that changes it; null: time does. */
  readonly member: StreamsMember | null;
  readonly topology: ConfiguredTopology;
  readonly standbyCount: number;
}

/** The name of the configuration that goes into the assignment. */
export const STANDBY_COUNT = 'num.standby.replicas';

function initialRebalanceKey(groupId: string): string {
  return `initial-rebalance-timeout-${groupId}`;
}

/** The member's target after the change, with the records of a new one in `records` and the reason for none in `status`. */
export function maybeUpdateTargetTasks(
  parts: ShardParts,
  change: StreamsChange,
  records: GroupRecord[],
  status: TopologyStatus[],
  nowMs: number,
): TasksTarget {
  const { group, groupEpoch, member } = change;
  const { groupId } = group;
  const { epoch, timestampMs } = group.target.get();
  const delayed = (reason: string): void =>
    void status.push({
      code: StreamsStatus.ASSIGNMENT_DELAYED,
      detail: `Assignment delayed due to the configured ${reason}.`,
    });
  if (parts.timers.isScheduled(initialRebalanceKey(groupId))) {
    delayed('initial rebalance delay');
    return { epoch, tasks: NO_TASKS };
  }
  const last = { epoch, tasks: member === null ? NO_TASKS : group.targetOf(member.memberId) };
  if (epoch >= groupEpoch) return last;
  if (!canComputeNext(timestampMs, parts.groupConfigs.streams(groupId).assignmentIntervalMs, nowMs)) {
    delayed('assignment interval');
    return last;
  }
  const targets = newTargets(change);
  for (const [memberId, tasks] of targets) {
    const old = group.targets.get(memberId);
    if (old === undefined || !isSameTasks(old, tasks)) records.push(streamsTargetRecord(groupId, memberId, tasks));
  }
  records.push(streamsTargetEpochRecord(groupId, groupEpoch, nowMs));
  parts.logger.info({ groupId, groupEpoch }, 'computed a new target assignment');
  return { epoch: groupEpoch, tasks: (member === null ? undefined : targets.get(member.memberId)) ?? NO_TASKS };
}

function newTargets({ group, member, topology, standbyCount }: StreamsChange): Map<string, Tasks> {
  const members = new JavaHashMap<string, StreamsMember>(javaHashCode);
  for (const one of group.orderedMembers()) members.put(one.memberId, one);
  if (member !== null) members.put(member.memberId, member);
  const memberIds = members.keys();
  if (topology.problem !== null || topology.subtopologies === null)
    return new Map(memberIds.map((memberId) => [memberId, NO_TASKS]));
  return assignTasks(
    memberIds.map((memberId) => ({
      memberId,
      processId: members.get(memberId)!.processId,
      target: group.targetOf(memberId),
    })),
    [...topology.subtopologies].map(([subtopologyId, { taskCount, stateChangelogTopics }]) => ({
      subtopologyId,
      taskCount,
      isStateful: stateChangelogTopics.length > 0,
    })),
    standbyCount,
  );
}

/** A new group waits for more members before it gives tasks out. */
export function awaitInitialMembers(parts: ShardParts, group: StreamsGroup, nowMs: number): void {
  const { groupId } = group;
  const key = initialRebalanceKey(groupId);
  const { initialRebalanceDelayMs: delayMs } = parts.groupConfigs.streams(groupId);
  if (!group.isEmpty || delayMs <= 0 || parts.timers.isScheduled(key)) return;
  parts.timers.schedule(key, nowMs + delayMs, null, (dueMs) => firstTarget(parts, groupId, dueMs));
}

/** The group is deleted. */
export function endInitialWait({ timers }: ShardParts, groupId: string): void {
  timers.cancel(initialRebalanceKey(groupId));
}

/** The time to join is over. */
function firstTarget(parts: ShardParts, groupId: string, nowMs: number): Decision<null, GroupRecord> {
  const group = parts.registry.get(groupId);
  if (!(group instanceof StreamsGroup) || group.isEmpty || group.configured === null) return nothing;
  const { epoch: groupEpoch, assignmentConfigs } = group.epoch.get();
  if (groupEpoch <= group.target.get().epoch) return nothing;
  const standbyCount = Number(assignmentConfigs.get(STANDBY_COUNT) ?? 0);
  const change = { group, groupEpoch, member: null, topology: group.configured, standbyCount };
  const records: GroupRecord[] = [];
  maybeUpdateTargetTasks(parts, change, records, [], nowMs);
  return decided(records, null);
}
