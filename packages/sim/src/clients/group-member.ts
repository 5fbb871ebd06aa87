/**
 * A member of a consumer group in the consumer protocol: it owns what the coordinator assigns to it, gives up what is taken away, and says so.
 *
 * Heartbeats go on while it gives up and takes. After an error or no answer it says everything anew, as Kafka's own consumer does.
 */
import { randomUuid } from '@skarab/base';
import {
  ApiKey,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  decodeConsumerGroupHeartbeatResponse,
  ErrorCode,
  encodeConsumerGroupHeartbeatRequest,
  errorName,
  newConsumerGroupHeartbeatRequest,
  newConsumerGroupHeartbeatRequestTopicPartitions,
} from '@skarab/protocol';
import type { Simulation } from '../cluster/simulation.ts';
import { PASSING_ERRORS } from './coordinator-client.ts';
import { Member, type MemberOptions } from './member.ts';

const heartbeatApi = {
  apiKey: ApiKey.CONSUMER_GROUP_HEARTBEAT,
  encode: encodeConsumerGroupHeartbeatRequest,
  decode: decodeConsumerGroupHeartbeatResponse,
};
/** Whoever gives nothing up for so long is fenced. */
const REBALANCE_TIMEOUT_MS = 20_000;
/** How late a heartbeat may arrive that the member does not wait for any more, with all that follows from it. */
const MAX_DELAY_MS = 20_000;
const TICK_MS = 200;
const LEAVE_EPOCH = -1;
const STATIC_LEAVE_EPOCH = -2;
const LEAVE_ATTEMPTS = 3;

/** The last one: those who are left in the group use the classic protocol. */
const OUTDATED: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.FENCED_MEMBER_EPOCH,
  ErrorCode.GROUP_ID_NOT_FOUND,
]);

/**
 * Who wants to join has to try again later: the instance id belongs to somebody who died, or the group is of the classic protocol and has
 * never come to its first generation, which Kafka trips over.
 */
const COME_AGAIN: ReadonlySet<number> = new Set([ErrorCode.UNRELEASED_INSTANCE_ID, ErrorCode.UNKNOWN_SERVER_ERROR]);

export interface GroupMemberOptions extends MemberOptions {
  /** The assignor that it would like; null: it does not mind. */
  readonly assignor: string | null;
}

export class GroupMember extends Member {
  readonly memberId: string;
  memberEpoch = 0;
  readonly #options: GroupMemberOptions;
  /** What it is to own; undefined: that is what it owns. */
  #target: readonly number[] | undefined;
  #isReconciling = false;
  /** Says everything with the next heartbeat. */
  #isFull = true;
  /** Has given up or taken something and not said so. */
  #hasNews = false;
  #topicId = '';
  #heartbeatIntervalMs = 0;
  #sessionEndMs = 0;
  /** When heartbeats were sent that were not answered. */
  readonly #lostMs: number[] = [];

  constructor(simulation: Simulation, process: number, options: GroupMemberOptions) {
    super(simulation, process, 'member', options);
    this.#options = options;
    this.memberId = randomUuid((length) => simulation.random.bytes(length));
  }

  /**
   * It is while its session has not ended; but a heartbeat that was not answered may be the one that was told to give something up, and whoever does
   * not is fenced.
   */
  override isOwnerAt(nowMs: number): boolean {
    const isDue = (lostMs: number): boolean =>
      nowMs >= lostMs + REBALANCE_TIMEOUT_MS && nowMs < lostMs + REBALANCE_TIMEOUT_MS + MAX_DELAY_MS;
    return nowMs < this.#sessionEndMs && !this.#lostMs.some(isDue);
  }

  protected override async finish(): Promise<void> {
    this.#target = undefined;
    await this.partitions.keepOnly([]);
    this.memberEpoch = this.isLeavingForGood ? LEAVE_EPOCH : STATIC_LEAVE_EPOCH;
    for (let i = 0; i < LEAVE_ATTEMPTS && !(await this.#heartbeat()); i++) await this.client.pause(TICK_MS);
  }

  protected override async run(): Promise<void> {
    while (!this.isStopped) {
      const sentMs = this.nowMs;
      const isAnswered = await this.#heartbeat();
      do await this.client.pause(TICK_MS);
      while (isAnswered && !this.#isDue(sentMs));
    }
  }

  #isDue(lastMs: number): boolean {
    const isOver = this.nowMs >= lastMs + this.#heartbeatIntervalMs;
    return isOver || this.#isFull || this.#hasNews || this.isStopped;
  }

  /** Sends one heartbeat; returns whether there was an answer of a coordinator that does not pass. */
  async #heartbeat(): Promise<boolean> {
    const sentMs = this.nowMs;
    const request = this.#request();
    this.#isFull = false;
    this.#hasNews = false;
    const response = await this.coordinator.ask(heartbeatApi, request);
    if (response === undefined || PASSING_ERRORS.has(response.errorCode)) {
      this.coordinator.forget();
      this.#isFull = true;
      this.#lostMs.push(sentMs);
      return false;
    }
    this.#accept(response, sentMs);
    return true;
  }

  #request(): ConsumerGroupHeartbeatRequest {
    const { groupId, topic, assignor } = this.#options;
    const { memberId, memberEpoch, instanceId } = this;
    const request = newConsumerGroupHeartbeatRequest({ groupId, memberId, memberEpoch, instanceId });
    if (memberEpoch < 0) return request;
    const isFull = this.#isFull || memberEpoch === 0;
    if (isFull || this.#hasNews) request.topicPartitions = this.#topicPartitions;
    if (!isFull) return request;
    return {
      ...request,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      subscribedTopicNames: [topic],
      serverAssignor: assignor,
    };
  }

  get #topicPartitions() {
    const partitions = this.partitions.indexes;
    if (partitions.length === 0) return [];
    return [newConsumerGroupHeartbeatRequestTopicPartitions({ topicId: this.#topicId, partitions })];
  }

  #accept(response: ConsumerGroupHeartbeatResponse, sentMs: number): void {
    const { errorCode, memberEpoch, heartbeatIntervalMs, assignment } = response;
    if (this.memberEpoch < 0) return;
    if (errorCode !== ErrorCode.NONE) {
      this.#acceptError(errorCode);
      return;
    }
    if (memberEpoch < this.memberEpoch)
      throw new Error(`${this.name} was in epoch ${this.memberEpoch} and is in ${memberEpoch}`);
    this.memberEpoch = memberEpoch;
    this.#sessionEndMs = sentMs + this.#options.sessionTimeoutMs;
    this.#heartbeatIntervalMs = heartbeatIntervalMs;
    if (assignment === null || this.isStopped) return;
    this.#topicId = assignment.topicPartitions[0]?.topicId ?? this.#topicId;
    this.#target = assignment.topicPartitions.flatMap(({ partitions }) => partitions);
    if (!this.#isReconciling) this.#reconcile().catch((error: unknown) => this.simulation.violation(error));
  }

  /** It is no member any more, or too far behind: it begins anew, with nothing. */
  #acceptError(errorCode: number): void {
    if (this.memberEpoch === 0 && COME_AGAIN.has(errorCode)) return;
    if (!OUTDATED.has(errorCode)) throw new Error(`${this.name}: a heartbeat is answered ${errorName(errorCode)}`);
    const { nowMs } = this;
    if (errorCode !== ErrorCode.FENCED_MEMBER_EPOCH && this.isOwnerAt(nowMs))
      throw new Error(`${this.name} is unknown at ${nowMs}, and its session is good until ${this.#sessionEndMs}`);
    this.partitions.drop();
    this.#target = undefined;
    this.memberEpoch = 0;
    this.#isFull = true;
  }

  /** Gives up, then takes, until it has what it is to have. */
  async #reconcile(): Promise<void> {
    this.#isReconciling = true;
    while (this.#target !== undefined) {
      const target = this.#target;
      await this.partitions.keepOnly(target);
      // Meanwhile it may have been told something else, or that it is no member any more.
      if (this.#target !== target) continue;
      this.#target = undefined;
      this.partitions.take(target);
      this.#hasNews = true;
    }
    this.#isReconciling = false;
  }
}
