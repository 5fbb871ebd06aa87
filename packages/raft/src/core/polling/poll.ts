/**
 * What a replica does when it is time, by its role; and when it will be time again.
 *
 * A function of here returns when it wants to be called next; sooner is fine, and something that happens in between makes it sooner.
 * Source: KafkaRaftClient (pollCurrentState).
 */
import type { Quorum } from '../quorum.ts';
import { pollNominee } from './poll-election.ts';
import { pollFollower } from './poll-follower.ts';
import { pollLeader } from './poll-leader.ts';
import { pollResigned } from './poll-resigned.ts';
import { pollUnattached } from './poll-unattached.ts';

/** Does what is due. Returns when to poll again. */
export function poll(quorum: Quorum): number {
  const { role } = quorum;
  switch (role.kind) {
    case 'unattached':
      return pollUnattached(quorum, role);
    case 'prospective':
    case 'candidate':
      return pollNominee(quorum, role);
    case 'follower':
      return pollFollower(quorum, role);
    case 'leader':
      return pollLeader(quorum, role);
    case 'resigned':
      return pollResigned(quorum, role);
  }
}
