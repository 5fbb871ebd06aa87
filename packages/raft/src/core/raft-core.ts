/**
 * The raft core of one replica: takes what happened, says what to do. No files, no sockets, no clock.
 *
 * Inputs come in one after the other; the effects of each are to be carried out in their order before the next input. Bytes of records
 * stay with the host: the core knows offsets and epochs, which it reads from the log by `LogView`.
 * Shape: reactor. Source: org.apache.kafka.raft.KafkaRaftClient; KIP-595, KIP-630, KIP-853, KIP-996, KIP-1186.
 */
import { ApiKey, ErrorCode } from '@skarab/protocol';
import type { ControlHistory } from './control-history.ts';
import type { ControlMessage } from './control-message.ts';
import type { ElectionState } from './election-state.ts';
import type { LogView } from './log-view.ts';
import { poll } from './polling/poll.ts';
import { Quorum, type ReplicaOptions } from './quorum.ts';
import type { RaftEffect } from './raft-effect.ts';
import type { RaftInput } from './raft-input.ts';
import { errorResponse, type RaftRequest, type RaftResponse, type RequestContext } from './raft-messages.ts';
import type { Role } from './roles/role.ts';
import { handleFetchRequest, onLeaderHighWatermark } from './rpc/01-fetch.ts';
import { handleVoteRequest } from './rpc/52-vote.ts';
import { handleBeginQuorumEpochRequest } from './rpc/53-begin-quorum-epoch.ts';
import { handleEndQuorumEpochRequest } from './rpc/54-end-quorum-epoch.ts';
import { handleFetchSnapshotRequest } from './rpc/59-fetch-snapshot.ts';
import { handleAddRaftVoterRequest } from './rpc/80-add-raft-voter.ts';
import { handleRemoveRaftVoterRequest } from './rpc/81-remove-raft-voter.ts';
import { handleUpdateRaftVoterRequest } from './rpc/82-update-raft-voter.ts';
import { handleResponse } from './rpc/response.ts';
import { onVotersAppended } from './voter-change.ts';

/** The replica of one node. */
export class RaftCore {
  readonly #quorum: Quorum;
  #deadlineMs = Number.POSITIVE_INFINITY;

  /** `history` and `log` are read here and written by the host, which sees the records go by. */
  constructor(options: ReplicaOptions, history: ControlHistory, log: LogView) {
    this.#quorum = new Quorum(options, history, log);
  }

  get role(): Role {
    return this.#quorum.role;
  }

  get epoch(): number {
    return this.#quorum.epoch;
  }

  get isLeader(): boolean {
    return this.#quorum.role.kind === 'leader';
  }

  /** Offset up to which the log is known to be committed; null while that is not known. */
  get highWatermark(): number | null {
    return this.#quorum.highWatermark;
  }

  /** The version of the quorum's protocol, including one whose record is not yet committed. */
  get kraftVersion(): number {
    const { role, history } = this.#quorum;
    return (role.kind === 'leader' ? role.requestedKraftVersion : null) ?? history.kraftVersion;
  }

  /** When it is time for a `tick`: in the past when at once, after the effects that are to be carried out. */
  nextDeadlineMs(): number {
    return this.#deadlineMs;
  }

  /** Takes in what happened. */
  step(input: RaftInput, nowMs: number): readonly RaftEffect[] {
    const quorum = this.#quorum;
    quorum.nowMs = nowMs;
    this.#deadlineMs = nowMs;
    switch (input.kind) {
      case 'start':
        this.#start(input.election);
        break;
      case 'appended':
        this.#onLogChanged();
        break;
      case 'flushed':
        quorum.durableOffset = Math.max(quorum.durableOffset, Math.min(input.endOffset, quorum.log.endOffset));
        this.#onLogChanged();
        break;
      case 'snapshotLoaded':
        quorum.durableOffset = input.id.offset;
        quorum.advanceHighWatermark(input.id.offset);
        break;
      case 'request':
        this.#onRequest(input.token, input.context, input.request);
        break;
      case 'response':
        handleResponse(quorum, input.requestId, input.source, input.response);
        break;
      case 'resign':
        this.#onResign(input.epoch);
        break;
      case 'shutdown':
        quorum.shutdownDeadlineMs = input.deadlineMs;
        break;
      case 'tick':
        this.#deadlineMs = poll(quorum);
        break;
    }
    this.#maybeCompleteShutdown();
    return quorum.takeEffects();
  }

  /**
   * Raises `kraft.version`, which turns a quorum of the configuration into one of the log. Returns why that cannot be, or the effects.
   */
  upgradeKraftVersion(version: number, validateOnly: boolean): readonly RaftEffect[] | { readonly reason: string } {
    const { role, history } = this.#quorum;
    const current = this.kraftVersion;
    if (version === current) return [];
    const from = `Invalid upgrade of kraft.version from version ${current} to ${version}`;
    if (version < current) return { reason: `${from} because the new version is a downgrade` };
    if (role.kind !== 'leader') return { reason: `${from} because this node does not lead the quorum` };
    const voters = history.kraftVersion === 0 ? role.volatileVoters : history.voters;
    const isUnsupported = [...voters].some(
      ({ kraftVersions, key }) => kraftVersions.max < version || key.directoryId === null,
    );
    if (isUnsupported)
      return { reason: `Invalid upgrade of kraft.version to ${version} because not all of the voters support it` };
    if (validateOnly) return [];
    role.requestedKraftVersion = version;
    const messages: ControlMessage[] = [
      { type: 'KraftVersion', version },
      { type: 'Voters', voters },
    ];
    return [{ kind: 'appendControl', epoch: role.epoch, messages }];
  }

  #start(election: ElectionState | null): void {
    const quorum = this.#quorum;
    quorum.durableOffset = quorum.log.endOffset;
    quorum.begin(election);
    if (!quorum.isOnlyVoter) return;
    // Nobody has to be asked. A candidate that restarts stands again in its epoch, for it voted for nobody else.
    if (quorum.role.kind === 'candidate') quorum.maybeWin();
    else quorum.becomeProspective();
  }

  #onLogChanged(): void {
    const quorum = this.#quorum;
    const { role, history } = quorum;
    if (role.kind !== 'leader') return;
    onVotersAppended(quorum, role);
    if (role.updateLocal(quorum.durableOffset, quorum.log.endOffset, history.voters)) {
      onLeaderHighWatermark(quorum, role);
    }
    if (history.kraftVersion === role.requestedKraftVersion) role.requestedKraftVersion = null;
  }

  #onResign(epoch: number): void {
    const quorum = this.#quorum;
    const { role } = quorum;
    if (role.kind !== 'leader' || role.epoch !== epoch) return;
    quorum.becomeResigned(role.successors());
    this.#deadlineMs = poll(quorum);
  }

  #onRequest(token: number, context: RequestContext, request: RaftRequest): void {
    const quorum = this.#quorum;
    const { apiKey, message } = request;
    if (apiKey === ApiKey.FETCH) {
      handleFetchRequest(quorum, message, context, token);
    } else if (apiKey === ApiKey.FETCH_SNAPSHOT) {
      const answer = handleFetchSnapshotRequest(quorum, message, context);
      quorum.respond(token, { apiKey, message: answer.message }, answer.bytes);
    } else {
      const response = this.#answer(token, context, request);
      if (response !== null) quorum.respond(token, response);
    }
  }

  /** The answer; null when it comes later. */
  #answer(token: number, context: RequestContext, { apiKey, message }: RaftRequest): RaftResponse | null {
    const quorum = this.#quorum;
    switch (apiKey) {
      case ApiKey.VOTE:
        return { apiKey, message: handleVoteRequest(quorum, message, context) };
      case ApiKey.BEGIN_QUORUM_EPOCH:
        return { apiKey, message: handleBeginQuorumEpochRequest(quorum, message, context) };
      case ApiKey.END_QUORUM_EPOCH:
        return { apiKey, message: handleEndQuorumEpochRequest(quorum, message, context) };
      case ApiKey.ADD_RAFT_VOTER:
        return handleAddRaftVoterRequest(quorum, message, token);
      case ApiKey.REMOVE_RAFT_VOTER:
        return handleRemoveRaftVoterRequest(quorum, message, token);
      case ApiKey.UPDATE_RAFT_VOTER:
        return { apiKey, message: handleUpdateRaftVoterRequest(quorum, message, context) };
      // A replica asks this of a node, not of its replica.
      default:
        return errorResponse(apiKey, ErrorCode.UNSUPPORTED_VERSION);
    }
  }

  /** A leader hands over first: it goes when the others know, or when its time is up. */
  #maybeCompleteShutdown(): void {
    const quorum = this.#quorum;
    const { shutdownDeadlineMs, nowMs, role, isVoter, isOnlyVoter } = quorum;
    if (shutdownDeadlineMs === null) return;
    const isHandingOver = role.kind === 'leader' || (role.kind === 'resigned' && role.unawareVoterIds.length > 0);
    if (isHandingOver && isVoter && !isOnlyVoter && nowMs < shutdownDeadlineMs) return;
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    quorum.emit({ kind: 'completeShutdown' });
  }
}
