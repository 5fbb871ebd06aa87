/** What a replica without a leader does: it seeks one, and a voter stands for election after a while. Source: pollUnattached. */
import type { Quorum } from '../quorum.ts';
import type { UnattachedRole } from '../roles/unattached.ts';
import { seekLeader } from './sending.ts';

/** Returns when to poll again. */
export function pollUnattached(quorum: Quorum, role: UnattachedRole): number {
  const { nowMs, shutdownDeadlineMs, mayStand } = quorum;
  if (shutdownDeadlineMs !== null) return shutdownDeadlineMs;
  if (mayStand && role.electionDeadlineMs <= nowMs) {
    quorum.becomeProspective();
    return nowMs;
  }
  const electionDeadlineMs = mayStand ? role.electionDeadlineMs : Number.POSITIVE_INFINITY;
  return Math.min(seekLeader(quorum), electionDeadlineMs);
}
