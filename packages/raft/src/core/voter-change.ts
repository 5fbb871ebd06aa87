/**
 * Changing who votes, one voter at a time, by writing the new set into the log.
 *
 * The new set counts from the moment it is in the leader's log; whoever asked is answered when it is committed by a majority of the new set.
 * Source: org.apache.kafka.raft.internals.AddVoterHandler, RemoveVoterHandler, LeaderState; KIP-853.
 */
import { ApiKey, ErrorCode, newAddRaftVoterResponse, newRemoveRaftVoterResponse } from '@skarab/protocol';
import type { PendingVoterChange } from './pending-voter-change.ts';
import type { Quorum } from './quorum.ts';
import type { RaftResponse } from './raft-messages.ts';
import type { LeaderRole } from './roles/leader.ts';
import type { VoterSet } from './voter-set.ts';

/** Why no voter can be changed now. */
export interface VoterChangeRefusal {
  readonly errorCode: ErrorCode;
  readonly message: string;
}

/** Checks that every adding and removing begins with. */
export function voterChangeRefusal(
  { history }: Quorum,
  { pendingChange, highWatermark }: LeaderRole,
  what: 'adding' | 'removing',
): VoterChangeRefusal | null {
  const timedOut = (waitingFor: string): VoterChangeRefusal => ({
    errorCode: ErrorCode.REQUEST_TIMED_OUT,
    message: `Request timed out waiting for ${waitingFor}`,
  });
  if (pendingChange !== null) return timedOut('leader to handle previous voter change request');
  if (highWatermark === null) return timedOut('leader to establish HWM and fence previous voter changes');
  const { kraftVersion, votersOffset } = history;
  if (kraftVersion < 1) {
    const message = `Cluster doesn't support ${what} voter because the kraft.version feature is ${kraftVersion}`;
    return { errorCode: ErrorCode.UNSUPPORTED_VERSION, message };
  }
  if (votersOffset !== null && votersOffset < highWatermark) return null;
  const at = votersOffset === null ? 'Optional.empty' : `Optional[${votersOffset}]`;
  return timedOut(`voters to commit the latest voter change at ${at} with HWM ${highWatermark}`);
}

/** Writes a new set of voters for a change that is under way. */
export function writeVoters(quorum: Quorum, change: PendingVoterChange, voters: VoterSet): void {
  change.isWritten = true;
  quorum.emit({ kind: 'appendControl', epoch: quorum.epoch, messages: [{ type: 'Voters', voters }] });
}

/** The log has grown: perhaps by the voters of a change. */
export function onVotersAppended({ history }: Quorum, { pendingChange }: LeaderRole): void {
  if (pendingChange?.isWritten !== true || pendingChange.lastOffset !== null) return;
  pendingChange.lastOffset = history.votersOffset;
}

/** The high watermark has moved: perhaps over the voters of a change. */
export function onVotersCommitted(quorum: Quorum, role: LeaderRole): void {
  const { pendingChange } = role;
  const highWatermark = role.highWatermark ?? -1;
  const lastOffset = pendingChange?.lastOffset ?? null;
  if (lastOffset !== null && lastOffset < highWatermark) completeVoterChange(quorum, role, ErrorCode.NONE, null);
  // Others lead those that this replica is not one of any more.
  if (!quorum.isVoter && (quorum.history.votersOffset ?? -1) < highWatermark) role.isResignRequested = true;
}

/** Gives up a change that took too long. The voters may be committed all the same. Returns when to look again. */
export function expireVoterChange(quorum: Quorum, role: LeaderRole): number {
  if (role.pendingChange !== null && role.pendingChange.deadlineMs <= quorum.nowMs) {
    completeVoterChange(quorum, role, ErrorCode.REQUEST_TIMED_OUT, null);
  }
  return role.pendingChange?.deadlineMs ?? Number.POSITIVE_INFINITY;
}

/** Answers whoever asked for the change that is under way with an error. */
export function failVoterChange(quorum: Quorum, role: LeaderRole, errorCode: ErrorCode): void {
  if (role.pendingChange !== null) completeVoterChange(quorum, role, errorCode, null);
}

/** Ends the change that is under way. */
export function completeVoterChange(
  quorum: Quorum,
  role: LeaderRole,
  errorCode: ErrorCode,
  message: string | null,
): void {
  const change = role.pendingChange;
  role.pendingChange = null;
  if (change !== null) answerVoterChange(quorum, change, errorCode, message);
}

/** Answers whoever asked; the change may go on. */
export function answerVoterChange(
  quorum: Quorum,
  change: PendingVoterChange,
  errorCode: ErrorCode,
  message: string | null,
): void {
  if (change.token === null) return;
  quorum.respond(change.token, voterChangeResponse(change.kind, errorCode, message));
  change.token = null;
}

/** The answer to AddRaftVoter or RemoveRaftVoter. */
export function voterChangeResponse(
  kind: PendingVoterChange['kind'],
  errorCode: ErrorCode,
  message: string | null,
): RaftResponse {
  const errorMessage = message ?? MESSAGES[errorCode] ?? null;
  return kind === 'add'
    ? { apiKey: ApiKey.ADD_RAFT_VOTER, message: newAddRaftVoterResponse({ errorCode, errorMessage }) }
    : { apiKey: ApiKey.REMOVE_RAFT_VOTER, message: newRemoveRaftVoterResponse({ errorCode, errorMessage }) };
}

/** Kafka's words for errors that come without any. */
const MESSAGES: Readonly<Record<number, string>> = {
  [ErrorCode.REQUEST_TIMED_OUT]: 'The request timed out.',
  [ErrorCode.NOT_LEADER_OR_FOLLOWER]:
    'For requests intended only for the leader, this error indicates that the broker is not the current leader. ' +
    'For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.',
};
