/** What a replica does that would lead: it asks those who have not answered yet. Source: pollProspective, pollCandidate. */
import type { Quorum } from '../quorum.ts';
import type { CandidateRole } from '../roles/candidate.ts';
import type { ProspectiveRole } from '../roles/prospective.ts';
import { buildVoteRequest, loseProspects } from '../rpc/52-vote.ts';
import { sendWhenReady } from './sending.ts';

/** Returns when to poll again. */
export function pollNominee(quorum: Quorum, role: ProspectiveRole | CandidateRole): number {
  const { nowMs, shutdownDeadlineMs } = quorum;
  if (shutdownDeadlineMs !== null) return Math.min(askVoters(quorum, role), shutdownDeadlineMs);
  if (role.electionDeadlineMs > nowMs) return Math.min(askVoters(quorum, role), role.electionDeadlineMs);
  if (role.kind === 'prospective' || !quorum.mayStand) giveUp(quorum, role);
  else quorum.becomeProspective();
  return nowMs;
}

function giveUp(quorum: Quorum, role: ProspectiveRole | CandidateRole): void {
  if (role.kind === 'prospective') loseProspects(quorum);
  else quorum.becomeUnattached(role.epoch + 1);
}

function askVoters(quorum: Quorum, { election, kind }: ProspectiveRole | CandidateRole): number {
  let nextMs = Number.POSITIVE_INFINITY;
  if (election.isRejected) return nextMs;
  for (const voter of election.unrecordedVoters) {
    const address = quorum.voterAddress(voter.id);
    if (address === null) continue;
    const readyMs = sendWhenReady(quorum, address, () => buildVoteRequest(quorum, voter, kind === 'prospective'));
    nextMs = Math.min(nextMs, readyMs);
  }
  return nextMs;
}
