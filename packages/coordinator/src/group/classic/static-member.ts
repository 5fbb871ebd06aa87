/**
 * A static member that starts again (KIP-345): it takes its own place under a new member id, if possible without a rebalance.
 *
 * In a stable group whose protocol stays the same only the new id is checkpointed; when that write fails the old id is put back. A stable group's
 * leader is told from v9 on that assignments stand (skipAssignment, KIP-814); older versions learn the old leader's id, so that they do not assign.
 * Source: GroupMetadataManager.updateStaticMemberThenRebalanceOrCompleteJoin.
 */
import { assert } from '@skarab/base';
import { ErrorCode, type JoinGroupResponse } from '@skarab/protocol';
import { checkpointed, type Decision } from '../../runtime/decision.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { writeErrorToResponse } from '../write-error.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type ClassicMember, protocolsOf } from './classic-member.ts';
import { type Joining, joinReason } from './joining.ts';
import { maybeCompleteJoin, maybePrepareRebalance, prepareRebalance } from './rebalance.ts';
import { keepSession } from './session.ts';

/** The version from which a leader can be told to leave assignments alone. */
const SKIP_ASSIGNMENT_MIN_VERSION = 9;

/** Puts the joining static member in the place of `oldMemberId`. */
export function replaceStaticMember(
  parts: ShardParts,
  group: ClassicGroup,
  joining: Joining,
  oldMemberId: string,
  newMemberId: string,
): Decision<null, GroupRecord> {
  const { request, reply, nowMs } = joining;
  const { groupInstanceId } = request;
  assert(groupInstanceId !== null, 'only a static member is replaced');
  const oldLeaderId = group.leaderId;
  const member = group.replaceStaticMember(groupInstanceId, oldMemberId, newMemberId);
  // The old id's session ends without effect.
  keepSession(parts, group, member, nowMs);
  const { protocols, rebalanceTimeoutMs, sessionTimeoutMs } = member;
  const before: MemberBefore = { oldMemberId, oldLeaderId, protocols, rebalanceTimeoutMs, sessionTimeoutMs };
  group.update(member, protocolsOf(request.protocols), request.rebalanceTimeoutMs, request.sessionTimeoutMs, reply);
  const clientReason = `client reason: ${joinReason(request)}`;
  switch (group.state) {
    case 'Stable': {
      if (group.selectProtocol() === group.protocolName) return keepGeneration(parts, group, joining, member, before);
      const reason = `Group's selectedProtocol will change because static member ${newMemberId} with instance id ${groupInstanceId} joined with change of protocol; ${clientReason}`;
      return maybePrepareRebalance(parts, group, reason, nowMs);
    }
    case 'CompletingRebalance': {
      // The leader may be assigning partitions to the old id right now.
      const reason = `Updating metadata for static member ${newMemberId} with instance id ${groupInstanceId}; ${clientReason}`;
      return prepareRebalance(parts, group, reason, nowMs);
    }
    default:
      assert(group.state === 'PreparingRebalance', `static member rejoins group in state ${group.state}`);
      return maybeCompleteJoin(parts, group, nowMs);
  }
}

/** What must be put back when the new id cannot be written. */
interface MemberBefore {
  readonly oldMemberId: string;
  readonly oldLeaderId: string | null;
  readonly protocols: ClassicMember['protocols'];
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
}

/**
 * Checkpoints the new id within the present generation. When a rebalance began before the write ended, the parked JoinGroup takes part in it; once
 * that has answered, the new id is known and stays.
 */
function keepGeneration(
  parts: ShardParts,
  group: ClassicGroup,
  { context, reply }: Joining,
  member: ClassicMember,
  before: MemberBefore,
): Decision<null, GroupRecord> {
  const { memberId } = member;
  return checkpointed([group.toRecord()], null, (error, nowMs) => {
    if (member.awaitingJoin !== reply) return;
    if (error !== ErrorCode.NONE) revert(parts, group, member, before, error, nowMs);
    else if (group.isIn('Stable')) {
      const canSkip = context.apiVersion >= SKIP_ASSIGNMENT_MIN_VERSION;
      const response = group.joinResponse(memberId);
      const answer: Partial<JoinGroupResponse> = canSkip
        ? { skipAssignment: group.isLeader(memberId) }
        : { leader: before.oldLeaderId ?? '', members: [] };
      group.completeJoin(member, { ...response, ...answer });
    }
  });
}

function revert(
  parts: ShardParts,
  group: ClassicGroup,
  member: ClassicMember,
  before: MemberBefore,
  error: ErrorCode,
  nowMs: number,
): void {
  const { memberId, groupInstanceId } = member;
  const { oldMemberId, oldLeaderId, protocols, rebalanceTimeoutMs, sessionTimeoutMs } = before;
  const { groupId } = group;
  parts.logger.warn({ groupId, memberId, oldMemberId, error }, 'failed to persist a static member; reverting its id');
  assert(groupInstanceId !== null, 'a static member has an instance id');
  const errorCode = writeErrorToResponse(error);
  group.completeJoin(member, { ...group.joinResponse(''), leader: oldLeaderId ?? '', errorCode });
  group.update(member, protocols, rebalanceTimeoutMs, sessionTimeoutMs, null);
  keepSession(parts, group, group.replaceStaticMember(groupInstanceId, memberId, oldMemberId), nowMs);
}
