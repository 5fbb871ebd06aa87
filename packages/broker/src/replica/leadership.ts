/**
 * A partition from the place of its leader: followers, in-sync replicas, and how far both allow the high watermark to go.
 *
 * Decides about the ISR; the caller passes proposals on to the controller and brings its answers back. At most one change is under way.
 * Rules: the high watermark is what all of the maximal ISR have, waits for a follower that is about to join, and stands still while the ISR is smaller
 * than `min.insync.replicas` (KIP-966). A follower joins when it has everything below the high watermark and has reached this leader's epoch, and its broker
 * is alive, stays, and is the incarnation that fetches (KIP-841, KIP-903). Shape: reactor state, times as arguments. Source: kafka.cluster.Partition.
 */
import { ErrorCode } from '@skarab/protocol';
import { type FollowerFetch, FollowerState } from './follower-state.ts';
import {
  committedIsr,
  type IsrAnswer,
  type IsrMember,
  type IsrProposal,
  type IsrState,
  pendingExpansion,
  pendingShrink,
} from './isr-state.ts';
import type { ReplicationEnvironment } from './replication-environment.ts';

/** The part of a registration that leaders look at. */
export interface LedPartition {
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
}

/** What becomes of a proposal once it is answered. */
export type ProposalOutcome = 'superseded' | 'committed' | 'given up' | 'retry';

/** Refusals after which the last confirmed ISR is certainly still the right one. */
const NOT_APPLIED: ReadonlySet<number> = new Set([ErrorCode.OPERATION_NOT_ATTEMPTED, ErrorCode.INELIGIBLE_REPLICA]);
/** Refusals after which only newer metadata can tell what is right. */
const AWAITING_METADATA: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.FENCED_LEADER_EPOCH,
  ErrorCode.INVALID_UPDATE_VERSION,
  ErrorCode.INVALID_REQUEST,
  ErrorCode.NEW_LEADER_ELECTED,
]);

export class Leadership {
  readonly #topicId: string;
  readonly #partition: number;
  readonly #environment: ReplicationEnvironment;
  readonly #followers = new Map<number, FollowerState>();
  #isr: IsrState = committedIsr([]);
  #leaderEpoch = -1;
  #partitionEpoch = -1;
  #epochStartOffset = 0;

  constructor(topicId: string, partition: number, environment: ReplicationEnvironment) {
    this.#topicId = topicId;
    this.#partition = partition;
    this.#environment = environment;
  }

  /** The ISR that the controller has confirmed. */
  get isr(): readonly number[] {
    return this.#isr.isr;
  }

  get maximalIsr(): readonly number[] {
    return this.#isr.maximalIsr;
  }

  get partitionEpoch(): number {
    return this.#partitionEpoch;
  }

  /** Where the log ended when this leader's epoch began. */
  get epochStartOffset(): number {
    return this.#epochStartOffset;
  }

  /** True when there is nobody to wait for. */
  get isAlone(): boolean {
    return this.#followers.size === 0;
  }

  get followers(): Iterable<FollowerState> {
    return this.#followers.values();
  }

  follower(brokerId: number): FollowerState | undefined {
    return this.#followers.get(brokerId);
  }

  /** Takes over a registration. `epochStartOffset` is the log end if a leader epoch begins; `isNewLeader` when another broker led before. */
  apply(partition: LedPartition, epochStartOffset: number, isNewLeader: boolean): void {
    const { nodeId } = this.#environment;
    for (const brokerId of partition.replicas) {
      if (brokerId !== nodeId && !this.#followers.has(brokerId))
        this.#followers.set(brokerId, new FollowerState(brokerId));
    }
    for (const brokerId of this.#followers.keys())
      if (!partition.replicas.includes(brokerId)) this.#followers.delete(brokerId);
    this.#isr = committedIsr(partition.isr);
    this.#partitionEpoch = partition.partitionEpoch;
    if (partition.leaderEpoch === this.#leaderEpoch) return;
    this.#leaderEpoch = partition.leaderEpoch;
    this.#epochStartOffset = epochStartOffset;
    const nowMs = this.#environment.monotonicMs();
    for (const follower of this.#followers.values())
      follower.onLeaderEpoch(nowMs, epochStartOffset, isNewLeader, partition.isr.includes(follower.brokerId));
  }

  /** `min.insync.replicas`, but never more than there are replicas. */
  effectiveMinIsr(minInsyncReplicas: number): number {
    return Math.min(minInsyncReplicas, this.#followers.size + 1);
  }

  isUnderMinIsr(minInsyncReplicas: number): boolean {
    return this.#isr.isr.length < this.effectiveMinIsr(minInsyncReplicas);
  }

  /** How far everything is replicated; undefined while the ISR is too small to say so. */
  highWatermark(logEndOffset: number, minInsyncReplicas: number): number | undefined {
    if (this.isUnderMinIsr(minInsyncReplicas)) return undefined;
    let highWatermark = logEndOffset;
    for (const follower of this.#followers.values()) {
      if (follower.logEndOffset >= highWatermark) continue;
      if (this.#isr.maximalIsr.includes(follower.brokerId) || this.#isAboutToJoin(follower, logEndOffset))
        highWatermark = follower.logEndOffset;
    }
    return highWatermark;
  }

  /** Takes in a fetch of a follower; returns whether it has got further. */
  onFetch(follower: FollowerState, fetch: FollowerFetch): boolean {
    const before = follower.logEndOffset;
    follower.onFetch(fetch);
    return follower.logEndOffset !== before;
  }

  /** The proposal with `follower` in the ISR, marked as under way; undefined when it must not join now. */
  proposeExpansion(follower: FollowerState, highWatermark: number): IsrProposal | undefined {
    const { isr, pending } = this.#isr;
    if (pending !== undefined || isr.includes(follower.brokerId)) return undefined;
    const isInSync = follower.logEndOffset >= highWatermark && follower.logEndOffset >= this.#epochStartOffset;
    if (!isInSync || !this.#isEligible(follower)) return undefined;
    const proposal = this.#proposal([...isr, follower.brokerId]);
    this.#isr = pendingExpansion(this.#isr, follower.brokerId, proposal);
    return proposal;
  }

  /** The proposal without those that lag, marked as under way; undefined when nobody does. */
  proposeShrink(logEndOffset: number): IsrProposal | undefined {
    const { isr, pending } = this.#isr;
    if (pending !== undefined || this.isAlone) return undefined;
    const nowMs = this.#environment.monotonicMs();
    const lagTimeMaxMs = this.#environment.lagTimeMaxMs();
    const { nodeId } = this.#environment;
    const kept = isr.filter(
      (brokerId) =>
        brokerId === nodeId || this.#followers.get(brokerId)?.isCaughtUp(logEndOffset, nowMs, lagTimeMaxMs) === true,
    );
    if (kept.length === isr.length) return undefined;
    const proposal = this.#proposal(kept);
    this.#isr = pendingShrink(this.#isr, proposal);
    return proposal;
  }

  /** The controller has answered a proposal. */
  onAnswer(proposal: IsrProposal, answer: IsrAnswer): ProposalOutcome {
    if (this.#isr.pending !== proposal) return 'superseded';
    if ('isr' in answer) {
      if (answer.leaderEpoch !== this.#leaderEpoch || answer.partitionEpoch < this.#partitionEpoch) return 'superseded';
      this.#isr = committedIsr(answer.isr);
      this.#partitionEpoch = answer.partitionEpoch;
      return 'committed';
    }
    if (NOT_APPLIED.has(answer.errorCode)) {
      this.#isr = committedIsr(this.#isr.isr);
      return 'given up';
    }
    return AWAITING_METADATA.has(answer.errorCode) ? 'given up' : 'retry';
  }

  #isAboutToJoin(follower: FollowerState, logEndOffset: number): boolean {
    const { monotonicMs, lagTimeMaxMs } = this.#environment;
    return follower.isCaughtUp(logEndOffset, monotonicMs(), lagTimeMaxMs()) && this.#isEligible(follower);
  }

  #isEligible(follower: FollowerState): boolean {
    const alive = this.#environment.aliveBrokerEpoch(follower.brokerId);
    const { brokerEpoch } = follower;
    if (alive === undefined || brokerEpoch === undefined || this.#environment.isShuttingDown(follower.brokerId))
      return false;
    return brokerEpoch === -1 || brokerEpoch === alive;
  }

  #proposal(isr: readonly number[]): IsrProposal {
    const { nodeId } = this.#environment;
    const members: IsrMember[] = isr.map((brokerId) => ({
      brokerId,
      brokerEpoch:
        brokerId === nodeId ? this.#environment.brokerEpoch() : (this.#followers.get(brokerId)?.brokerEpoch ?? -1),
    }));
    return {
      topicId: this.#topicId,
      partition: this.#partition,
      leaderEpoch: this.#leaderEpoch,
      partitionEpoch: this.#partitionEpoch,
      isr: members,
    };
  }
}
