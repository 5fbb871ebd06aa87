/**
 * How a member comes from what it has to what it is to have: first it gives up, then it advances to the target's epoch, then it waits for what
 * others have not given up.
 *
 * ```
 *                    ┌── nothing to give up ───────────────────────────────────┐
 *   STABLE ── target ┤                                                         ├─► STABLE, at the target's epoch
 *      ▲             └─► UNREVOKED_PARTITIONS ── does not own them any more ───┤
 *      │                 (keeps its epoch)                                     └─► UNRELEASED_PARTITIONS, at the target's epoch
 *      └────────────────────────────── everything is free ─────────────────────────┘
 * ```
 * Source: org.apache.kafka.coordinator.group.modern.consumer.CurrentAssignmentBuilder.
 */
import type { Uuid } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import type { SubscribedTopicIds } from '../assignor/subscribed-topic-ids.ts';
import { type Assignment, type EpochAssignment, NO_PARTITIONS, type TopicPartitionList } from './assignment.ts';
import { type ConsumerMember, MemberState } from './consumer-member.ts';

/** What decides over a member's next step. */
export interface Reconciliation {
  readonly member: ConsumerMember;
  readonly targetEpoch: number;
  readonly target: Assignment;
  readonly hasSubscriptionChanged: boolean;
  readonly subscribed: Pick<SubscribedTopicIds, 'has' | 'ids' | 'nameCount'>;
  /** What the member says that it owns; null: it does not say. */
  readonly owned: readonly TopicPartitionList[] | null;
  /** The epoch of a partition's owner, -1 when it is free. */
  partitionEpoch(topicId: Uuid, partition: number): number;
}

/** The member after its next step, itself when there is none; refused when it must start anew. */
export function nextAssignment(reconciliation: Reconciliation): ConsumerMember | Refusal {
  const { member, targetEpoch, hasSubscriptionChanged, owned } = reconciliation;
  switch (member.state) {
    case MemberState.STABLE:
      if (member.memberEpoch !== targetEpoch) return computeNext(reconciliation, member.memberEpoch);
      return hasSubscriptionChanged ? dropUnsubscribed(reconciliation) : member;
    case MemberState.UNREVOKED_PARTITIONS:
      if (!ownsAny(owned, member.partitionsPendingRevocation)) return computeNext(reconciliation, member.memberEpoch);
      return hasSubscriptionChanged ? dropUnsubscribed(reconciliation) : member;
    case MemberState.UNRELEASED_PARTITIONS:
      return computeNext(reconciliation, member.memberEpoch);
    case MemberState.UNKNOWN:
      if (owned === null || owned.length > 0)
        return refused(
          ErrorCode.FENCED_MEMBER_EPOCH,
          'The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin.',
        );
      return computeNext(reconciliation, targetEpoch);
  }
}

/** Whether the member owns any of some partitions, or does not say. */
function ownsAny(owned: readonly TopicPartitionList[] | null, pending: EpochAssignment): boolean {
  if (owned === null) return true;
  return owned.some(({ topicId, partitions }) => {
    const epochs = pending.get(topicId);
    return epochs !== undefined && partitions.some((partition) => epochs.has(partition));
  });
}

/** The member in its own epoch without the topics that it does not subscribe to any more. */
function dropUnsubscribed({ member, subscribed, owned }: Reconciliation): ConsumerMember {
  const { assignedPartitions, partitionsPendingRevocation, memberEpoch } = member;
  const unsubscribed = [...assignedPartitions].filter(([topicId]) => !subscribed.has(topicId));
  const isAllPending = subscribed.nameCount === 0 && partitionsPendingRevocation.size === 0;
  if (unsubscribed.length === 0 && !(isAllPending && assignedPartitions !== NO_PARTITIONS)) return member;
  const assigned = new Map(assignedPartitions);
  const pending = new Map(partitionsPendingRevocation);
  for (const [topicId, epochs] of unsubscribed) {
    assigned.delete(topicId);
    pending.set(topicId, new Map([...(pending.get(topicId) ?? []), ...epochs]));
  }
  const advanced = { ...member, previousMemberEpoch: memberEpoch, assignedPartitions: assigned };
  if (pending.size === 0 || !ownsAny(owned, pending)) return advanced;
  return { ...advanced, state: MemberState.UNREVOKED_PARTITIONS, partitionsPendingRevocation: pending };
}

/** What a member keeps of a topic, gives up, and waits for. */
interface TopicStep {
  readonly kept: Map<number, number>;
  readonly revoked: Map<number, number>;
  readonly added: readonly number[];
  readonly isWaiting: boolean;
}

function topicStep({ member, target, subscribed, partitionEpoch }: Reconciliation, topicId: Uuid): TopicStep {
  const wanted = subscribed.has(topicId) ? (target.get(topicId) ?? []) : [];
  const wantedSet = new Set(wanted);
  const kept = new Map<number, number>();
  const revoked = new Map<number, number>();
  for (const [partition, epoch] of member.assignedPartitions.get(topicId) ?? [])
    (wantedSet.has(partition) ? kept : revoked).set(partition, epoch);
  const missing = wanted.filter((partition) => !kept.has(partition));
  // What the member itself is giving up is as good as free: nobody else can have it meanwhile.
  const own = member.partitionsPendingRevocation.get(topicId);
  const isTaken = (partition: number): boolean => partitionEpoch(topicId, partition) !== -1 && !own?.has(partition);
  const added = missing.filter((partition) => !isTaken(partition));
  return { kept, revoked, added, isWaiting: added.length < missing.length };
}

function computeNext(reconciliation: Reconciliation, memberEpoch: number): ConsumerMember {
  const { member, target, targetEpoch, owned } = reconciliation;
  const assigned = new Map<Uuid, Map<number, number>>();
  const revoked = new Map<Uuid, Map<number, number>>();
  const added = new Map<Uuid, readonly number[]>();
  let isWaiting = false;
  for (const topicId of new Set([...target.keys(), ...member.assignedPartitions.keys()])) {
    const step = topicStep(reconciliation, topicId);
    if (step.kept.size > 0) assigned.set(topicId, step.kept);
    if (step.revoked.size > 0) revoked.set(topicId, step.revoked);
    if (step.added.length > 0) added.set(topicId, step.added);
    isWaiting ||= step.isWaiting;
  }
  const previousMemberEpoch = member.memberEpoch;
  if (revoked.size > 0 && ownsAny(owned, revoked))
    return {
      ...member,
      state: MemberState.UNREVOKED_PARTITIONS,
      memberEpoch,
      previousMemberEpoch,
      assignedPartitions: assigned,
      partitionsPendingRevocation: revoked,
    };
  for (const [topicId, partitions] of added) {
    const epochs = assigned.get(topicId) ?? new Map<number, number>();
    for (const partition of partitions) epochs.set(partition, targetEpoch);
    assigned.set(topicId, epochs);
  }
  return {
    ...member,
    state: isWaiting ? MemberState.UNRELEASED_PARTITIONS : MemberState.STABLE,
    memberEpoch: targetEpoch,
    previousMemberEpoch,
    assignedPartitions: assigned,
    partitionsPendingRevocation: NO_PARTITIONS,
  };
}
