/**
 * A replica's part in the quorum: its role, how it changes, and what it wants done. The rules of each API and role stand in `rpc` and
 * `polling`; they change the replica only by what is here.
 *
 * Source: org.apache.kafka.raft.QuorumState, KafkaRaftClient (transitionTo…, onBecome…).
 */
import { assert, type Random } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { Connections } from './connections.ts';
import type { ControlHistory } from './control-history.ts';
import type { ControlMessage } from './control-message.ts';
import type { ElectionState } from './election-state.ts';
import { addressOf } from './endpoints.ts';
import type { LogView } from './log-view.ts';
import { ParkedFetches } from './parked-fetches.ts';
import type { QuorumConfig } from './quorum-config.ts';
import type { RaftEffect, ResponseBytes } from './raft-effect.ts';
import type { NodeAddress, RaftRequest, RaftResponse } from './raft-messages.ts';
import { matchesReplica, type ReplicaKey } from './replica-key.ts';
import { CandidateRole } from './roles/candidate.ts';
import { FollowerRole } from './roles/follower.ts';
import { LeaderRole } from './roles/leader.ts';
import { ProspectiveRole } from './roles/prospective.ts';
import { ResignedRole } from './roles/resigned.ts';
import { electionOf, type Role } from './roles/role.ts';
import { UnattachedRole } from './roles/unattached.ts';
import { refuseParkedFetches } from './rpc/01-fetch.ts';
import { failVoterChange } from './voter-change.ts';
import type { VoterEndpoint, VoterNode } from './voter-set.ts';

/** What a replica is. */
export interface ReplicaOptions {
  readonly local: VoterNode;
  /** The listener by which replicas reach each other. */
  readonly listener: string;
  /** Null when nobody is to be asked for it. */
  readonly clusterId: string | null;
  readonly config: QuorumConfig;
  /** False for those that will never vote, and so need not have on disk what they fetch next after. */
  readonly canBecomeVoter: boolean;
  /** Whom to ask for the leader. */
  readonly bootstrapServers: readonly NodeAddress[];
  readonly random: Random;
}

/** A replica of the quorum. */
export class Quorum {
  readonly options: ReplicaOptions;
  readonly local: VoterNode;
  readonly history: ControlHistory;
  readonly log: LogView;
  readonly connections: Connections;
  readonly parked = new ParkedFetches();
  /** The time of the input that is being taken in. */
  nowMs = 0;
  durableOffset = 0;
  /** Up to where the log is known to be committed; null while that is not known. */
  highWatermark: number | null = null;
  /** When a graceful shutdown ends at the latest; null while the replica is to stay. */
  shutdownDeadlineMs: number | null = null;
  #role: Role = new UnattachedRole(0, null, null, Number.POSITIVE_INFINITY);
  #effects: RaftEffect[] = [];
  #nextRequestId = 1;
  #toldLeader: { readonly leaderId: number | null; readonly epoch: number } = { leaderId: null, epoch: 0 };

  constructor(options: ReplicaOptions, history: ControlHistory, log: LogView) {
    const { config, bootstrapServers, random } = options;
    this.options = options;
    this.local = options.local;
    this.history = history;
    this.log = log;
    this.connections = new Connections(bootstrapServers, config.retryBackoffMs, config.requestTimeoutMs, random);
  }

  get role(): Role {
    return this.#role;
  }

  get epoch(): number {
    return this.#role.epoch;
  }

  get isVoter(): boolean {
    return this.history.voters.has(this.local.key);
  }

  /**
   * Whether this replica may stand for election: if it votes, or did so until a record that may yet be undone. Such a replica may be the
   * only one that has that record, and then nobody with a shorter log can be elected either.
   */
  get mayStand(): boolean {
    if (this.isVoter) return true;
    const { votersOffset, previousVoters } = this.history;
    const isCommitted = this.highWatermark !== null && (votersOffset ?? -1) < this.highWatermark;
    return !isCommitted && votersOffset !== null && previousVoters.has(this.local.key);
  }

  get isOnlyVoter(): boolean {
    return this.history.voters.isOnlyVoter(this.local.key);
  }

  /**
   * True when this replica may fetch from the end of its log: what is before that offset counts as being on its disk. While it is not, the
   * flush that is under way makes it time to look again. Those who never vote are not counted.
   */
  get mayFetch(): boolean {
    return !this.options.canBecomeVoter || this.durableOffset >= this.log.endOffset;
  }

  /** Whether the log of another replica, that ends like this, has everything that this one has. */
  isUpToDate(lastEpoch: number, endOffset: number): boolean {
    const { log } = this;
    return lastEpoch > log.lastEpoch || (lastEpoch === log.lastEpoch && endOffset >= log.endOffset);
  }

  /** True for epochs that are over: what comes from there is not to be listened to. */
  isPast(epoch: number): boolean {
    return epoch < this.epoch;
  }

  /** Why a request of a candidate or leader is refused. */
  voterRequestError(replicaId: number, epoch: number): ErrorCode {
    if (this.isPast(epoch)) return ErrorCode.FENCED_LEADER_EPOCH;
    return replicaId < 0 ? ErrorCode.INVALID_REQUEST : ErrorCode.NONE;
  }

  /** Why a request to the leader is refused. */
  leaderRequestError(epoch: number): ErrorCode {
    if (this.isPast(epoch)) return ErrorCode.FENCED_LEADER_EPOCH;
    if (epoch > this.epoch) return ErrorCode.UNKNOWN_LEADER_EPOCH;
    if (this.#role.kind !== 'leader') return ErrorCode.NOT_LEADER_OR_FOLLOWER;
    return this.shutdownDeadlineMs === null ? ErrorCode.NONE : ErrorCode.BROKER_NOT_AVAILABLE;
  }

  /** Whether a request that names a cluster names this one. */
  isClusterId(clusterId: string | null): boolean {
    return clusterId === null || this.options.clusterId === null || clusterId === this.options.clusterId;
  }

  /** Whether a request that names the replica it is for means this one. */
  isMeant(replica: ReplicaKey): boolean {
    return replica.id < 0 || matchesReplica(replica, this.local.key);
  }

  /** The address of a voter. Null when the voters do not say. */
  voterAddress(id: number): NodeAddress | null {
    return addressOf(id, this.history.voters.get(id)?.endpoints ?? [], this.options.listener);
  }

  // What is to be done.

  emit(effect: RaftEffect): void {
    this.#effects.push(effect);
  }

  /** What was emitted in this step; that another leads comes last. */
  takeEffects(): readonly RaftEffect[] {
    this.#tellLeader();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Sends a request; its node must be ready. */
  send(destination: NodeAddress, request: RaftRequest): void {
    const requestId = this.#nextRequestId++;
    this.connections.onSent(destination, requestId, this.nowMs);
    this.emit({ kind: 'send', requestId, destination, request });
  }

  respond(token: number, response: RaftResponse, bytes: ResponseBytes | null = null): void {
    this.emit({ kind: 'respond', token, response, bytes });
  }

  advanceHighWatermark(offset: number): void {
    if (offset <= (this.highWatermark ?? -1)) return;
    assert(offset <= this.log.endOffset, 'the high watermark lies in the log');
    this.highWatermark = offset;
    this.emit({ kind: 'advanceHighWatermark', offset });
  }

  // Changes of the role.

  /** Becomes what it was when it stopped, but never a leader. */
  begin(election: ElectionState | null): void {
    const { lastEpoch } = this.log;
    this.#role = this.#initialRole(election, lastEpoch);
    this.#storeElection();
  }

  /** Joins `epoch` without a leader, or goes back to that from an election in it. */
  becomeUnattached(epoch: number, leaderId: number | null = null): void {
    const role = this.#role;
    const isSame = epoch === role.epoch;
    assert(epoch > role.epoch || (isSame && role.kind === 'prospective'), `epoch ${epoch} after ${role.epoch}`);
    this.#enter(new UnattachedRole(epoch, leaderId, isSame ? role.votedKey : null, this.#unattachedDeadlineMs()));
  }

  /** Votes for another replica in this epoch. Its election deserves time: it has at least as good a chance as this replica. */
  vote(candidate: ReplicaKey): void {
    const role = this.#role;
    const deadlineMs = this.#electionDeadlineMs();
    if (role.kind === 'unattached') {
      this.#role = new UnattachedRole(role.epoch, role.leaderId, candidate, deadlineMs);
    } else {
      assert(role.kind === 'prospective', `a ${role.kind} does not vote`);
      this.#role = new ProspectiveRole(
        { ...known(role), votedKey: candidate },
        this.history.voters,
        this.local.key.id,
        deadlineMs,
      );
    }
    this.#storeElection();
  }

  /** Asks for pre-votes. */
  becomeProspective(): void {
    assert(this.mayStand, 'only voters stand for election');
    this.#enter(
      new ProspectiveRole(known(this.#role), this.history.voters, this.local.key.id, this.#electionDeadlineMs()),
      false,
    );
    this.maybeWin();
  }

  /** Stands for election in the next epoch. */
  becomeCandidate(): void {
    assert(this.mayStand, 'only voters stand for election');
    const { voters } = this.history;
    this.#enter(new CandidateRole(this.epoch + 1, this.local.key, voters, this.#electionDeadlineMs()));
    this.maybeWin();
  }

  /** Goes on from an election that is won. */
  maybeWin(): void {
    const role = this.#role;
    if (role.kind === 'prospective' && role.election.isGranted) this.becomeCandidate();
    else if (role.kind === 'candidate' && role.election.isGranted) this.#becomeLeader(role);
  }

  /** Follows a leader. */
  becomeFollower(epoch: number, leaderId: number, endpoints: readonly VoterEndpoint[]): void {
    assert(epoch >= this.epoch && leaderId !== this.local.key.id && endpoints.length > 0, 'a leader to follow');
    const { fetchTimeoutMs } = this.options.config;
    const votedKey = epoch === this.epoch ? this.#role.votedKey : null;
    this.#enter(new FollowerRole({ epoch, id: leaderId, endpoints }, votedKey, fetchTimeoutMs, this.nowMs));
  }

  /** Leads no more, and says so to the others. */
  becomeResigned(preferredSuccessors: readonly ReplicaKey[]): void {
    const { epoch, kind } = this.#role;
    assert(kind === 'leader', 'only a leader resigns');
    const { ids } = this.history.voters;
    const deadlineMs = this.#electionDeadlineMs();
    this.#enter(new ResignedRole(epoch, this.local, ids, preferredSuccessors, deadlineMs), false);
  }

  #initialRole(election: ElectionState | null, lastEpoch: number): Role {
    const { local } = this;
    const { voters } = this.history;
    const epoch = election?.epoch ?? 0;
    const deadlineMs = this.#unattachedDeadlineMs();
    if (election === null || epoch < lastEpoch) return new UnattachedRole(lastEpoch, null, null, deadlineMs);
    const { leaderId, votedKey } = election;
    if (leaderId === local.key.id) return new ResignedRole(epoch, local, voters.ids, [], this.#electionDeadlineMs());
    if (leaderId === null && votedKey !== null && matchesReplica(votedKey, local.key) && this.mayStand) {
      return new CandidateRole(epoch, local.key, voters, this.#electionDeadlineMs());
    }
    const endpoints = leaderId === null ? [] : (voters.get(leaderId)?.endpoints ?? []);
    if (leaderId === null || endpoints.length === 0) return new UnattachedRole(epoch, leaderId, votedKey, deadlineMs);
    const { fetchTimeoutMs } = this.options.config;
    return new FollowerRole({ epoch, id: leaderId, endpoints }, votedKey, fetchTimeoutMs, this.nowMs);
  }

  #becomeLeader({ epoch, election: { grantingVoterIds } }: CandidateRole): void {
    const epochStartOffset = this.log.endOffset;
    const { voters } = this.history;
    const { fetchTimeoutMs } = this.options.config;
    const { local, nowMs } = this;
    const role = new LeaderRole({ epoch, epochStartOffset, local, voters, grantingVoterIds, fetchTimeoutMs, nowMs });
    this.#enter(role);
    this.emit({ kind: 'beginEpoch', epoch, startOffset: epochStartOffset });
    this.emit({ kind: 'appendControl', epoch, messages: this.#startOfEpochMessages(role) });
  }

  /** The first batch of an epoch: who leads, and who votes if the log does not say so yet or says it wrongly. */
  #startOfEpochMessages({ grantingVoterIds }: LeaderRole): ControlMessage[] {
    const { voters, votersOffset, kraftVersion } = this.history;
    const leaderId = this.local.key.id;
    const messages: ControlMessage[] = [{ type: 'LeaderChange', leaderId, voterIds: voters.ids, grantingVoterIds }];
    if (kraftVersion >= 1 && (votersOffset === -1 || voters.needsUpdate(this.local))) {
      messages.push({ type: 'KraftVersion', version: kraftVersion });
      messages.push({ type: 'Voters', voters: voters.with(this.local) });
    }
    return messages;
  }

  /** Takes on a role; nothing is said to others before what must not be forgotten of it is on its way to the disk. */
  #enter(role: Role, isRemembered = true): void {
    const before = this.#role;
    this.#role = role;
    if (before.kind === 'follower' && before.fetchingSnapshot !== null) this.emit({ kind: 'abortSnapshot' });
    if (before.kind === 'leader') this.#changeLeader(null, before.epoch, this.log.endOffset);
    if (isRemembered) this.#storeElection();
    if (before.kind === 'leader') {
      failVoterChange(this, before, ErrorCode.NOT_LEADER_OR_FOLLOWER);
      refuseParkedFetches(this);
    }
    this.connections.resetAll();
  }

  #unattachedDeadlineMs(): number {
    const role = this.#role;
    if (!this.mayStand) return Number.POSITIVE_INFINITY;
    const isElection = role.kind === 'candidate' || (role.kind === 'prospective' && !role.election.isRejected);
    const keepsTime = isElection || role.kind === 'unattached' || role.kind === 'resigned';
    const deadlineMs = keepsTime ? role.electionDeadlineMs : Number.POSITIVE_INFINITY;
    return Number.isFinite(deadlineMs) ? deadlineMs : this.#electionDeadlineMs();
  }

  #electionDeadlineMs(): number {
    const { config, random } = this.options;
    return this.nowMs + config.electionTimeoutMs + random.int(Math.max(1, config.electionTimeoutMs));
  }

  #storeElection(): void {
    // Only the last of several in a row has to be durable: nothing was done in between.
    if (this.#effects.at(-1)?.kind === 'storeElection') this.#effects.pop();
    this.emit({ kind: 'storeElection', election: electionOf(this.#role) });
  }

  #tellLeader(): void {
    const role = this.#role;
    const epochStartOffset = role.kind === 'leader' ? role.epochStartOffset : this.log.endOffset;
    // That this node led the epoch once is nothing to follow.
    const leaderId = role.kind === 'resigned' ? null : role.leaderId;
    this.#changeLeader(leaderId, role.epoch, epochStartOffset);
  }

  #changeLeader(leaderId: number | null, epoch: number, epochStartOffset: number): void {
    if (this.#toldLeader.leaderId === leaderId && this.#toldLeader.epoch === epoch) return;
    this.#toldLeader = { leaderId, epoch };
    this.emit({ kind: 'changeLeader', leaderId, epoch, epochStartOffset });
  }
}

function known({ epoch, leaderId, leaderEndpoints, votedKey }: Role) {
  return { epoch, leaderId, leaderEndpoints, votedKey };
}
