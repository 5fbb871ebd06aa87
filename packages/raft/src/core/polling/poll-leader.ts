/**
 * What a leader does: it answers fetches that wait for what has come, tells voters of its epoch, and gives up when nobody follows.
 *
 * Source: KafkaRaftClient (pollLeader, maybeSendBeginQuorumEpochRequests).
 */
import type { Quorum } from '../quorum.ts';
import type { LeaderRole } from '../roles/leader.ts';
import { completeParkedFetches } from '../rpc/01-fetch.ts';
import { buildBeginQuorumEpochRequest } from '../rpc/53-begin-quorum-epoch.ts';
import { expireVoterChange } from '../voter-change.ts';
import { sendWhenReady } from './sending.ts';

/** Returns when to poll again. */
export function pollLeader(quorum: Quorum, role: LeaderRole): number {
  const { nowMs } = quorum;
  const isShuttingDown = quorum.shutdownDeadlineMs !== null && !quorum.isOnlyVoter;
  if (isShuttingDown || role.isResignRequested || role.checkQuorumDeadlineMs <= nowMs) {
    quorum.becomeResigned(role.successors());
    return nowMs;
  }
  completeParkedFetches(quorum);
  const changeMs = expireVoterChange(quorum, role);
  const beginMs = tellVoters(quorum, role);
  return Math.min(changeMs, beginMs, role.checkQuorumDeadlineMs, quorum.parked.nextDeadlineMs);
}

function tellVoters(quorum: Quorum, role: LeaderRole): number {
  const { nowMs } = quorum;
  if (role.beginQuorumAtMs <= nowMs) {
    for (const voter of role.votersToTell(nowMs)) {
      const address = quorum.voterAddress(voter.id);
      if (address !== null) sendWhenReady(quorum, address, () => buildBeginQuorumEpochRequest(quorum, voter));
    }
    role.onVotersTold(nowMs);
  }
  return role.beginQuorumAtMs;
}
