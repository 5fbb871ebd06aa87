/**
 * The raft core of one replica: takes what happened, says what to do. No files, no sockets, no clock.
 *
 * Inputs come in one after the other; the effects of each are to be carried out in their order before the next input. Bytes of records
 * stay with the host: the core knows offsets. What has to be on disk before an effect may be carried out is said at each effect.
 *
 * Today it leads a quorum of one: with more voters `start` refuses. Followers' fetches are taken into account already, so that observers
 * and later voters find the leader's side in place.
 * Shape: reactor. Source: org.apache.kafka.raft.KafkaRaftClient, QuorumState; KIP-595, KIP-853.
 */
import { assert, StateError } from '@skarab/base';
import type { ControlHistory } from './control-history.ts';
import type { ControlMessage } from './control-message.ts';
import type { ElectionState } from './election-state.ts';
import { matchesReplica, type ReplicaKey } from './replica-key.ts';
import { LeaderRole } from './roles/leader.ts';
import { electionOf, type Role } from './roles/role.ts';
import type { VoterNode } from './voter-set.ts';

/** What happened. */
export type RaftInput =
  /** The node starts with this log and this memory of elections. */
  | {
      readonly kind: 'start';
      readonly election: ElectionState | null;
      readonly logEndOffset: number;
      readonly lastEpoch: number;
    }
  /** The leader's own log now ends at `endOffset`; not yet durable. */
  | { readonly kind: 'appended'; readonly endOffset: number }
  /** The log is durable up to `endOffset`. */
  | { readonly kind: 'flushed'; readonly endOffset: number }
  /** A replica fetches from `fetchOffset` in the leader's epoch, its log checked against ours. */
  | { readonly kind: 'fetched'; readonly replica: ReplicaKey; readonly fetchOffset: number }
  /** The state machine above does not want to lead `epoch` any more. */
  | { readonly kind: 'resign'; readonly epoch: number };

/** What to do. */
export type RaftEffect =
  /** Write `quorum-state`; it must be durable before anything after it is done. */
  | { readonly kind: 'storeElection'; readonly election: ElectionState }
  /** Append one control batch to the log, then report `appended`. */
  | { readonly kind: 'appendControl'; readonly epoch: number; readonly messages: readonly ControlMessage[] }
  /** The log begins a new epoch at `startOffset`. */
  | { readonly kind: 'beginEpoch'; readonly epoch: number; readonly startOffset: number }
  /** Everything before `offset` is committed. */
  | { readonly kind: 'advanceHighWatermark'; readonly offset: number }
  /** Who leads has changed; a new local leader may be told only when all before `epochStartOffset` has been delivered. */
  | {
      readonly kind: 'changeLeader';
      readonly leaderId: number | null;
      readonly epoch: number;
      readonly epochStartOffset: number;
    };

/** The replica of one node. */
export class RaftCore {
  readonly #local: VoterNode;
  readonly #history: ControlHistory;
  #role: Role = { kind: 'unattached', epoch: 0, votedKey: null };
  #logEndOffset = 0;
  #durableOffset = 0;
  #effects: RaftEffect[] = [];
  /** A version that was decided on, while its control record is on its way. */
  #pendingKraftVersion: number | null = null;

  /** `history` is read here and written by the host, which sees the control records go by. */
  constructor(local: VoterNode, history: ControlHistory) {
    this.#local = local;
    this.#history = history;
  }

  get role(): Role {
    return this.#role;
  }

  get epoch(): number {
    return this.#role.epoch;
  }

  get isLeader(): boolean {
    return this.#role.kind === 'leader';
  }

  /** Offset up to which the log is committed; null while that is not known. */
  get highWatermark(): number | null {
    return this.#role.kind === 'leader' ? this.#role.highWatermark : null;
  }

  /** The version of the quorum's protocol, including one whose record is not yet committed. */
  get kraftVersion(): number {
    return this.#pendingKraftVersion ?? this.#history.kraftVersion;
  }

  /** Takes in what happened. Errors: `StateError` when a quorum of this size cannot be served. */
  step(input: RaftInput, nowMs: number): readonly RaftEffect[] {
    this.#effects = [];
    switch (input.kind) {
      case 'start':
        this.#start(input.election, input.logEndOffset, input.lastEpoch);
        break;
      case 'appended':
        assert(input.endOffset > this.#logEndOffset, 'an append makes the log longer');
        this.#logEndOffset = input.endOffset;
        break;
      case 'flushed':
        this.#durableOffset = Math.max(this.#durableOffset, input.endOffset);
        this.#onLocalProgress();
        break;
      case 'fetched':
        this.#onFetched(input.replica, input.fetchOffset, nowMs);
        break;
      case 'resign':
        if (this.#role.kind === 'leader' && this.#role.epoch === input.epoch) this.#resign();
        break;
    }
    return this.#effects;
  }

  /**
   * Raises `kraft.version`, which turns a quorum of the configuration into one of the log. Returns why that cannot be, or the effects.
   */
  upgradeKraftVersion(version: number, validateOnly: boolean): readonly RaftEffect[] | { readonly reason: string } {
    const current = this.kraftVersion;
    if (version === current) return [];
    const from = `Invalid upgrade of kraft.version from version ${current} to ${version}`;
    if (version < current) return { reason: `${from} because the new version is a downgrade` };
    if (this.#role.kind !== 'leader') return { reason: `${from} because this node does not lead the quorum` };
    const voters = this.#history.voters.with(this.#local);
    const isUnsupported = [...voters].some(
      ({ kraftVersions, key }) => kraftVersions.max < version || key.directoryId === null,
    );
    if (isUnsupported)
      return { reason: `Invalid upgrade of kraft.version to ${version} because not all of the voters support it` };
    if (validateOnly) return [];
    this.#pendingKraftVersion = version;
    const messages: ControlMessage[] = [
      { type: 'KraftVersion', version },
      { type: 'Voters', voters },
    ];
    return [{ kind: 'appendControl', epoch: this.epoch, messages }];
  }

  #start(election: ElectionState | null, logEndOffset: number, lastEpoch: number): void {
    this.#logEndOffset = logEndOffset;
    this.#durableOffset = logEndOffset;
    this.#role = this.#initialRole(election, lastEpoch);
    if (!this.#history.voters.isOnlyVoter(this.#local.key)) {
      const ids = this.#history.voters.ids.join(', ');
      throw new StateError(
        `The voters of the metadata quorum are [${ids}]; this version serves a quorum of this node (${this.#local.key.id}) alone`,
      );
    }
    this.#becomeCandidate();
    this.#becomeLeader();
  }

  #initialRole(election: ElectionState | null, lastEpoch: number): Role {
    const epoch = election?.epoch ?? 0;
    if (election === null || epoch < lastEpoch) return { kind: 'unattached', epoch: lastEpoch, votedKey: null };
    const { leaderId, votedKey } = election;
    if (leaderId === this.#local.key.id) return { kind: 'resigned', epoch, leaderId };
    if (votedKey !== null && matchesReplica(votedKey, this.#local.key)) return { kind: 'candidate', epoch, votedKey };
    return { kind: 'unattached', epoch, votedKey };
  }

  /** Stands for election in the next epoch; a candidate that restarts stands again in its epoch, for it voted for nobody else. */
  #becomeCandidate(): void {
    if (this.#role.kind === 'candidate') return;
    this.#role = { kind: 'candidate', epoch: this.#role.epoch + 1, votedKey: this.#local.key };
    this.#storeElection();
  }

  #becomeLeader(): void {
    const { epoch } = this.#role;
    const role = new LeaderRole(epoch, this.#logEndOffset, this.#local.key, [this.#local.key.id]);
    this.#role = role;
    this.#storeElection();
    this.#effects.push({ kind: 'beginEpoch', epoch, startOffset: this.#logEndOffset });
    this.#effects.push({ kind: 'appendControl', epoch, messages: this.#startOfEpochMessages(role) });
    this.#changeLeader(this.#local.key.id, this.#logEndOffset);
  }

  /** The first batch of an epoch: who leads, and who votes if the log does not say so yet or says it wrongly. */
  #startOfEpochMessages(role: LeaderRole): ControlMessage[] {
    const { voters, votersOffset, kraftVersion } = this.#history;
    const messages: ControlMessage[] = [
      {
        type: 'LeaderChange',
        leaderId: this.#local.key.id,
        voterIds: voters.ids,
        grantingVoterIds: role.grantingVoterIds,
      },
    ];
    if (kraftVersion >= 1 && (votersOffset === -1 || voters.needsUpdate(this.#local))) {
      messages.push({ type: 'KraftVersion', version: kraftVersion });
      messages.push({ type: 'Voters', voters: voters.with(this.#local) });
    }
    return messages;
  }

  #resign(): void {
    const { epoch } = this.#role;
    this.#role = { kind: 'resigned', epoch, leaderId: this.#local.key.id };
    this.#pendingKraftVersion = null;
    this.#changeLeader(null, this.#logEndOffset);
    // Nobody else can be elected, so this node stands again at once, in an epoch of its own.
    this.#becomeCandidate();
    this.#becomeLeader();
  }

  #onLocalProgress(): void {
    if (this.#role.kind !== 'leader') return;
    const { voters } = this.#history;
    if (this.#role.updateLocal(this.#durableOffset, this.#logEndOffset, voters)) this.#advanceHighWatermark(this.#role);
    if (this.#history.kraftVersion === this.#pendingKraftVersion) this.#pendingKraftVersion = null;
  }

  #onFetched(replica: ReplicaKey, fetchOffset: number, nowMs: number): void {
    if (this.#role.kind !== 'leader') return;
    if (this.#role.updateReplica(replica, nowMs, fetchOffset)) this.#advanceHighWatermark(this.#role);
  }

  #advanceHighWatermark({ highWatermark }: LeaderRole): void {
    assert(highWatermark !== null && highWatermark <= this.#logEndOffset, 'the high watermark lies in the log');
    this.#effects.push({ kind: 'advanceHighWatermark', offset: highWatermark });
  }

  #storeElection(): void {
    // Only the last of several in a row has to be durable: nothing was done in between.
    if (this.#effects.at(-1)?.kind === 'storeElection') this.#effects.pop();
    this.#effects.push({ kind: 'storeElection', election: electionOf(this.#role, this.#local.key.id) });
  }

  #changeLeader(leaderId: number | null, epochStartOffset: number): void {
    this.#effects.push({ kind: 'changeLeader', leaderId, epoch: this.#role.epoch, epochStartOffset });
  }
}
