/** What a former leader does: it tells the voters, and after a while takes part again, in the next epoch. Source: pollResigned. */
import type { Quorum } from '../quorum.ts';
import type { ResignedRole } from '../roles/resigned.ts';
import { buildEndQuorumEpochRequest } from '../rpc/54-end-quorum-epoch.ts';
import { sendWhenReady } from './sending.ts';

/** Returns when to poll again. */
export function pollResigned(quorum: Quorum, role: ResignedRole): number {
  const { nowMs, shutdownDeadlineMs } = quorum;
  let nextMs = shutdownDeadlineMs ?? role.electionDeadlineMs;
  for (const id of role.unawareVoterIds) {
    const address = quorum.voterAddress(id);
    if (address === null) continue;
    nextMs = Math.min(
      nextMs,
      sendWhenReady(quorum, address, () => buildEndQuorumEpochRequest(quorum, role)),
    );
  }
  if (shutdownDeadlineMs !== null) return nextMs;
  if (quorum.isOnlyVoter) {
    // Nobody else can be elected, so it stands again at once, in an epoch of its own.
    quorum.becomeProspective();
    return nowMs;
  }
  if (role.electionDeadlineMs <= nowMs) {
    // Not in this epoch: others may still take this replica for its leader.
    quorum.becomeUnattached(role.epoch + 1);
    return nowMs;
  }
  return nextMs;
}
