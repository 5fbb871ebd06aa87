/**
 * Takes a member out of a streams group, and bumps its epoch; the timers that wait for the member end.
 *
 * Source: GroupMetadataManager.streamsGroupFenceMember, streamsGroupFenceMemberOperation.
 */
import { type Decision, decided, nothing } from '../../runtime/decision.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { streamsEpochRecord, streamsMemberTombstones } from '../records/streams-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import { StreamsGroup } from './streams-group.ts';
import type { StreamsMember } from './streams-member.ts';

export function sessionKey(groupId: string, memberId: string): string {
  return `streams-session-timeout-${groupId}-${memberId}`;
}

export function rebalanceKey(groupId: string, memberId: string): string {
  return `streams-rebalance-timeout-${groupId}-${memberId}`;
}

/** Fences a member, and answers. */
export function fenceStreamsMember<R>(
  { timers, logger }: ShardParts,
  group: StreamsGroup,
  { memberId }: StreamsMember,
  response: R,
): Decision<R, GroupRecord> {
  const { groupId } = group;
  const before = group.epoch.get();
  const epoch = before.epoch + 1;
  logger.info({ groupId, memberId, groupEpoch: epoch }, 'member is out of the streams group');
  timers.cancel(sessionKey(groupId, memberId));
  timers.cancel(rebalanceKey(groupId, memberId));
  const records = [...streamsMemberTombstones(groupId, memberId), streamsEpochRecord(groupId, { ...before, epoch })];
  return decided(records, response);
}

/** A member's timer is due: it is fenced if it is still there and still late. */
export function fenceOverdueStreamsMember(
  parts: ShardParts,
  groupId: string,
  memberId: string,
  isStillDue: (member: StreamsMember) => boolean,
): Decision<null, GroupRecord> {
  const group = parts.registry.get(groupId);
  const member = group instanceof StreamsGroup ? group.members.get(memberId) : undefined;
  if (!(group instanceof StreamsGroup) || member === undefined || !isStillDue(member)) return nothing;
  return fenceStreamsMember(parts, group, member, null);
}
