/**
 * A member's next step towards its target: first it gives up what it is not to have, then it gets what nobody else runs.
 *
 * Source: org.apache.kafka.coordinator.group.streams.CurrentAssignmentBuilder.
 */
import { ErrorCode } from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import { type StreamsMember, StreamsMemberState } from './streams-member.ts';
import type { TaskProcesses } from './task-processes.ts';
import {
  type EpochTaskSet,
  type EpochTasks,
  hasNoTasks,
  mergedEpochTasks,
  NO_EPOCH_TASKS,
  ownsAnyOf,
  type TaskSet,
  type Tasks,
  withoutEpochs,
} from './tasks.ts';

/** What the step depends on. */
export interface TaskStep {
  readonly member: StreamsMember;
  readonly targetEpoch: number;
  readonly target: Tasks;
  /** What the member says it has; null when it does not say. */
  readonly owned: Tasks | null;
  readonly processes: TaskProcesses;
}

/** The member after the step; the same one when there is nothing to do. */
export function nextTasks(step: TaskStep): StreamsMember | Refusal {
  const { member, targetEpoch, owned } = step;
  switch (member.state) {
    case StreamsMemberState.STABLE:
      return member.memberEpoch === targetEpoch ? member : moveOn(step, member.memberEpoch);
    case StreamsMemberState.UNREVOKED_TASKS:
      if (owned === null || ownsAnyOf(owned, member.pendingRevocation)) return member;
      return moveOn(step, member.memberEpoch + 1);
    case StreamsMemberState.UNRELEASED_TASKS:
      return moveOn(step, member.memberEpoch);
    case StreamsMemberState.UNKNOWN:
      if (owned === null || !hasNoTasks(owned))
        return refused(
          ErrorCode.FENCED_MEMBER_EPOCH,
          'The streams group member is in a unknown state. The member must abandon all its tasks and rejoin.',
        );
      return moveOn(step, targetEpoch);
  }
}

function moveOn(step: TaskStep, memberEpoch: number): StreamsMember {
  const { member, targetEpoch, owned } = step;
  const { kept, revoked, added, hasUnreleased } = differenceOf(step);
  const moved = { ...member, previousMemberEpoch: member.memberEpoch };
  if (!hasNoTasks(revoked) && (owned === null || ownsAnyOf(owned, revoked)))
    return {
      ...moved,
      state: StreamsMemberState.UNREVOKED_TASKS,
      memberEpoch,
      assigned: kept,
      pendingRevocation: revoked,
    };
  return {
    ...moved,
    state: hasUnreleased ? StreamsMemberState.UNRELEASED_TASKS : StreamsMemberState.STABLE,
    memberEpoch: targetEpoch,
    assigned: mergedEpochTasks(kept, added),
    pendingRevocation: NO_EPOCH_TASKS,
  };
}

interface Difference {
  readonly kept: EpochTasks;
  readonly revoked: EpochTasks;
  readonly added: EpochTasks;
  /** Whether somebody else still runs something of the target. */
  readonly hasUnreleased: boolean;
}

function differenceOf({ member, targetEpoch, target, processes }: TaskStep): Difference {
  const { processId, assigned } = member;
  const isCopiedHere = (subtopologyId: string, partition: number): boolean =>
    processes.standby(subtopologyId, partition).has(processId) ||
    processes.warmup(subtopologyId, partition).has(processId);
  const isHere = (subtopologyId: string, partition: number): boolean =>
    processes.active(subtopologyId, partition) === processId || isCopiedHere(subtopologyId, partition);
  const isRunning = (subtopologyId: string, partition: number): boolean =>
    processes.active(subtopologyId, partition) !== undefined || isCopiedHere(subtopologyId, partition);
  const active = compare(withoutEpochs(assigned.active), target.active, isRunning);
  const standby = compare(assigned.standby, target.standby, isHere);
  const warmup = compare(assigned.warmup, target.warmup, isHere);
  const epochOf = (subtopologyId: string, partition: number): number =>
    assigned.active.get(subtopologyId)!.get(partition)!;
  return {
    kept: { active: withEpochs(active.kept, epochOf), standby: standby.kept, warmup: warmup.kept },
    revoked: { active: withEpochs(active.revoked, epochOf), standby: standby.revoked, warmup: warmup.revoked },
    added: { active: withEpochs(active.added, () => targetEpoch), standby: standby.added, warmup: warmup.added },
    hasUnreleased: active.hasUnreleased || standby.hasUnreleased || warmup.hasUnreleased,
  };
}

function compare(
  current: TaskSet,
  target: TaskSet,
  isUnreleased: (subtopologyId: string, partition: number) => boolean,
): { kept: TaskSet; revoked: TaskSet; added: TaskSet; hasUnreleased: boolean } {
  const kept = new Map<string, ReadonlySet<number>>();
  const revoked = new Map<string, ReadonlySet<number>>();
  const added = new Map<string, ReadonlySet<number>>();
  let hasUnreleased = false;
  for (const subtopologyId of new Set([...target.keys(), ...current.keys()])) {
    const had = current.get(subtopologyId) ?? new Set<number>();
    const wanted = target.get(subtopologyId) ?? new Set<number>();
    const missing = wanted.difference(had);
    const free = new Set([...missing].filter((partition) => !isUnreleased(subtopologyId, partition)));
    if (free.size < missing.size) hasUnreleased = true;
    putSome(kept, subtopologyId, had.intersection(wanted));
    putSome(revoked, subtopologyId, had.difference(wanted));
    putSome(added, subtopologyId, free);
  }
  return { kept, revoked, added, hasUnreleased };
}

function putSome(tasks: Map<string, ReadonlySet<number>>, subtopologyId: string, partitions: Set<number>): void {
  if (partitions.size > 0) tasks.set(subtopologyId, partitions);
}

function withEpochs(tasks: TaskSet, epochOf: (subtopologyId: string, partition: number) => number): EpochTaskSet {
  return new Map(
    [...tasks].map(([subtopologyId, partitions]) => [
      subtopologyId,
      new Map([...partitions].map((partition) => [partition, epochOf(subtopologyId, partition)])),
    ]),
  );
}
