/**
 * What a follower does: it fetches, one request at a time. A voter whose fetches fail for too long stands for election.
 *
 * What a fetch asks for tells the leader what this replica has, so a voter fetches only when that is on disk. Beside it looks after its
 * entry among the voters. Source: KafkaRaftClient (pollFollower…, maybeSendFetchToBestNode); KIP-853, KIP-1186.
 */

import { addressOf } from '../endpoints.ts';
import type { Quorum } from '../quorum.ts';
import type { NodeAddress, RaftRequest } from '../raft-messages.ts';
import type { FollowerRole } from '../roles/follower.ts';
import { buildFetchRequest } from '../rpc/01-fetch.ts';
import { buildFetchSnapshotRequest } from '../rpc/59-fetch-snapshot.ts';
import { buildAddRaftVoterRequest } from '../rpc/80-add-raft-voter.ts';
import { buildRemoveRaftVoterRequest } from '../rpc/81-remove-raft-voter.ts';
import { buildUpdateRaftVoterRequest } from '../rpc/82-update-raft-voter.ts';
import { seekLeader, sendWhenReady } from './sending.ts';

/** Returns when to poll again. */
export function pollFollower(quorum: Quorum, role: FollowerRole): number {
  const { nowMs, log, mayStand } = quorum;
  if (role.leaderHighWatermark !== null) quorum.advanceHighWatermark(Math.min(role.leaderHighWatermark, log.endOffset));
  if (quorum.shutdownDeadlineMs !== null) return quorum.shutdownDeadlineMs;
  if (mayStand && role.fetchDeadlineMs <= nowMs) {
    quorum.becomeProspective();
    return nowMs;
  }
  const fetchDeadlineMs = mayStand ? role.fetchDeadlineMs : Number.POSITIVE_INFINITY;
  const leader = addressOf(role.leaderId, role.leaderEndpoints, quorum.options.listener);
  if (leader === null) return Math.min(seekLeader(quorum), fetchDeadlineMs);
  if (role.updateVotersAtMs <= nowMs) {
    const request = voterRequest(quorum, role);
    if (request !== null) {
      const readyMs = sendWhenReady(quorum, leader, () => {
        role.onVotersUpdated(nowMs);
        return request;
      });
      return Math.min(readyMs, fetchDeadlineMs);
    }
    role.onVotersUpdated(nowMs);
  }
  return Math.min(fetch(quorum, role, leader), fetchDeadlineMs, role.updateVotersAtMs);
}

/** What this replica has to ask for concerning the voters, or null. */
function voterRequest(quorum: Quorum, role: FollowerRole): RaftRequest | null {
  const { history, local, options, isVoter } = quorum;
  const { voters, kraftVersion } = history;
  if (isVoter) {
    const needsUpdate = kraftVersion >= 1 ? voters.needsUpdate(local) : !role.hasUpdatedLeader;
    return needsUpdate ? buildUpdateRaftVoterRequest(quorum) : null;
  }
  if (kraftVersion < 1 || !options.canBecomeVoter || !options.config.autoJoin) return null;
  const former = voters.get(local.key.id);
  return former === undefined ? buildAddRaftVoterRequest(quorum) : buildRemoveRaftVoterRequest(quorum, former.key);
}

/** Fetches from the leader; when it does not answer, somebody else may know of another one. */
function fetch(quorum: Quorum, role: FollowerRole, leader: NodeAddress): number {
  const { connections, nowMs } = quorum;
  if (connections.hasTimedOut(leader, nowMs)) {
    connections.reset(leader);
    return seekLeader(quorum);
  }
  if (connections.isBackingOff(leader, nowMs)) {
    return Math.min(seekLeader(quorum), connections.readyAtMs(leader, nowMs));
  }
  const waitingUntilMs = connections.waitingUntilMs(nowMs);
  if (waitingUntilMs !== null) return waitingUntilMs;
  if (!quorum.mayFetch) return Number.POSITIVE_INFINITY;
  const { fetchingSnapshot } = role;
  return sendWhenReady(quorum, leader, () =>
    fetchingSnapshot === null ? buildFetchRequest(quorum) : buildFetchSnapshotRequest(quorum, fetchingSnapshot),
  );
}
