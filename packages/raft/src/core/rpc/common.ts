/**
 * What all answers have in common: who leads, in which epoch, and what that means for this replica.
 *
 * Source: KafkaRaftClient (maybeHandleCommonResponse, maybeTransition, handleTopLevelError).
 */
import { ErrorCode } from '@skarab/protocol';
import type { Quorum } from '../quorum.ts';
import type { VoterEndpoint } from '../voter-set.ts';

/** What came of an answer: `retry` when its node may be asked again at once, `backOff` when it is to be left alone for a while. */
export type Outcome = 'retry' | 'backOff';

/** The leader as a message names it. */
export interface NamedLeader {
  /** -1 for none. */
  readonly leaderId: number;
  readonly epoch: number;
  /** Empty when the message does not say. */
  readonly endpoints: readonly VoterEndpoint[];
}

/** Deals with what concerns every API; null when the answer is to be looked at by its own. */
export function handleCommonResponse(quorum: Quorum, errorCode: ErrorCode, leader: NamedLeader): Outcome | null {
  const { epoch } = quorum;
  if (quorum.isPast(leader.epoch) || errorCode === ErrorCode.UNKNOWN_LEADER_EPOCH) return 'backOff';
  const isStale = errorCode === ErrorCode.FENCED_LEADER_EPOCH || errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER;
  if (leader.epoch > epoch || isStale) return followIfNewer(quorum, leader) ? 'retry' : 'backOff';
  const { leaderId, leaderEndpoints } = quorum.role;
  const isUnknown = leaderId === null || (leaderEndpoints.length === 0 && leaderId !== quorum.local.key.id);
  if (leader.leaderId >= 0 && isUnknown) {
    if (!followIfNewer(quorum, leader)) return 'backOff';
    // An observer may find the leader and get records by the same fetch.
    return errorCode === ErrorCode.NONE ? null : 'retry';
  }
  switch (errorCode) {
    case ErrorCode.BROKER_NOT_AVAILABLE:
    case ErrorCode.INVALID_REQUEST:
      return 'backOff';
    // It was for the directory that the node had before.
    case ErrorCode.INVALID_VOTER_KEY:
      return 'backOff';
    default:
      return null;
  }
}

/**
 * Joins the epoch of a message if it is higher, and follows its leader if that was not known. Returns whether anything changed.
 * A message that contradicts what this replica knows of its epoch changes nothing; see `contradicts`.
 */
export function followIfNewer(quorum: Quorum, leader: NamedLeader): boolean {
  if (contradicts(quorum, leader)) return false;
  const { role, history } = quorum;
  const { leaderId, epoch } = leader;
  const endpoints =
    leader.endpoints.length > 0 || leaderId < 0 ? leader.endpoints : (history.voters.get(leaderId)?.endpoints ?? []);
  const canFollow = leaderId >= 0 && endpoints.length > 0;
  if (epoch > role.epoch) {
    if (canFollow) quorum.becomeFollower(epoch, leaderId, endpoints);
    else quorum.becomeUnattached(epoch, leaderId < 0 ? null : leaderId);
    return true;
  }
  const isNews = role.leaderId === null || endpoints.length > role.leaderEndpoints.length;
  if (!canFollow || !isNews || epoch < role.epoch || leaderId === quorum.local.key.id) return false;
  quorum.becomeFollower(epoch, leaderId, endpoints);
  return true;
}

/** True when a message names a leader of an epoch that cannot be: another than is known, or this replica, which does not lead it. */
export function contradicts({ role, local }: Quorum, { leaderId, epoch }: NamedLeader): boolean {
  if (leaderId < 0) return false;
  if (leaderId === local.key.id) return role.kind !== 'leader' || epoch !== role.epoch;
  return epoch === role.epoch && role.leaderId !== null && role.leaderId !== leaderId;
}
