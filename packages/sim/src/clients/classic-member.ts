/**
 * A member of a group in the classic protocol: all join, and one of them assigns. It gives everything up before it joins again; or, if it is cooperative,
 * keeps what it has, gives up what it is not assigned any more, and joins again then. Its group may be one of the consumer protocol, which assigns for it.
 */
import {
  ApiKey,
  decodeHeartbeatResponse,
  decodeJoinGroupResponse,
  decodeLeaveGroupResponse,
  decodeSyncGroupResponse,
  ErrorCode,
  encodeHeartbeatRequest,
  encodeJoinGroupRequest,
  encodeLeaveGroupRequest,
  encodeSyncGroupRequest,
  errorName,
  type JoinGroupResponse,
  newHeartbeatRequest,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newLeaveGroupRequest,
  newMemberIdentity,
  newSyncGroupRequest,
  newSyncGroupRequestAssignment,
} from '@skarab/protocol';
import type { Simulation } from '../cluster/simulation.ts';
import { assign } from './classic-assignor.ts';
import { PASSING_ERRORS } from './coordinator-client.ts';
import { assignmentOf, partitionsIn, subscriptionTo } from './embedded-protocol.ts';
import { Member, type MemberOptions } from './member.ts';

const joinApi = { apiKey: ApiKey.JOIN_GROUP, encode: encodeJoinGroupRequest, decode: decodeJoinGroupResponse };
const syncApi = { apiKey: ApiKey.SYNC_GROUP, encode: encodeSyncGroupRequest, decode: decodeSyncGroupResponse };
const heartbeatApi = { apiKey: ApiKey.HEARTBEAT, encode: encodeHeartbeatRequest, decode: decodeHeartbeatResponse };
const leaveApi = { apiKey: ApiKey.LEAVE_GROUP, encode: encodeLeaveGroupRequest, decode: decodeLeaveGroupResponse };

const PROTOCOL_TYPE = 'consumer';
const EAGER_ASSIGNOR = 'range';
const COOPERATIVE_ASSIGNOR = 'cooperative-sticky';
/** A group of the consumer protocol has none. */
const NO_LEADER = '';
const REBALANCE_TIMEOUT_MS = 20_000;
const JOIN_TIMEOUT_MS = REBALANCE_TIMEOUT_MS + 5000;
const HEARTBEAT_INTERVAL_MS = 2000;
const BACKOFF_MS = 200;
const LEAVE_ATTEMPTS = 3;

/** It goes on as a new member. */
const UNKNOWN: ReadonlySet<number> = new Set([ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.GROUP_ID_NOT_FOUND]);
export interface ClassicMemberOptions extends MemberOptions {
  readonly partitions: number;
  /** All members of a group are, or none. */
  readonly isCooperative: boolean;
}

export class ClassicMember extends Member {
  memberId = '';
  memberEpoch = -1;
  readonly #options: ClassicMemberOptions;
  #sessionEndMs = 0;
  /** Whether the group is of the classic protocol, as far as it knows. */
  #hasLeader = true;
  /** It was given partitions; before that, whoever coordinates next knows nothing of it. */
  #isKnown = false;
  /** Somebody else has its instance id. */
  #isReplaced = false;

  constructor(simulation: Simulation, process: number, options: ClassicMemberOptions) {
    super(simulation, process, 'classic member', options);
    this.#options = options;
  }

  /**
   * It is while its session has not ended; but Kafka takes the target of a member for what it has when a group goes from consumer to classic, and hands
   * the rest out when it goes back before the member has joined again.
   */
  override isOwnerAt(nowMs: number, groupEpoch: number): boolean {
    return nowMs < this.#sessionEndMs && groupEpoch < this.memberEpoch + 2;
  }

  protected override async finish(): Promise<void> {
    await this.partitions.keepOnly([]);
    if (this.#isReplaced || !this.isLeavingForGood) return;
    const { memberId, instanceId: groupInstanceId } = this;
    const members = [newMemberIdentity({ memberId, groupInstanceId })];
    const request = newLeaveGroupRequest({ groupId: this.#options.groupId, members });
    for (let i = 0; i < LEAVE_ATTEMPTS; i++) {
      const response = await this.coordinator.ask(leaveApi, request);
      if (response !== undefined && !PASSING_ERRORS.has(response.errorCode)) break;
      this.coordinator.forget();
      await this.client.pause(BACKOFF_MS);
    }
  }

  protected override async run(): Promise<void> {
    while (!this.#isOver) {
      if (!this.#options.isCooperative) await this.partitions.keepOnly([]);
      const joined = await this.#join();
      if (joined !== undefined && (await this.#sync(joined))) await this.#stay();
      else await this.client.pause(BACKOFF_MS);
    }
  }

  get #isOver(): boolean {
    return this.isStopped || this.#isReplaced;
  }

  get #assignor(): string {
    return this.#options.isCooperative ? COOPERATIVE_ASSIGNOR : EAGER_ASSIGNOR;
  }

  async #join(): Promise<JoinGroupResponse | undefined> {
    const { groupId, topic, sessionTimeoutMs, owners } = this.#options;
    const sentMs = this.nowMs;
    const { memberId, instanceId: groupInstanceId, memberEpoch: generationId, owned } = this;
    const metadata = subscriptionTo(topic, { owned, generationId });
    if (memberId === '') owners.replaceBy(this);
    this.#leaveToLeader();
    const request = newJoinGroupRequest({
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      memberId,
      groupInstanceId,
      protocolType: PROTOCOL_TYPE,
      protocols: [newJoinGroupRequestProtocol({ name: this.#assignor, metadata })],
    });
    const response = await this.coordinator.ask(joinApi, request, JOIN_TIMEOUT_MS);
    if (response?.errorCode === ErrorCode.MEMBER_ID_REQUIRED) this.memberId = response.memberId;
    else if (this.#isAccepted('JoinGroup', response?.errorCode, sentMs)) {
      this.memberId = response!.memberId;
      this.memberEpoch = response!.generationId;
      this.#hasLeader = response!.leader !== NO_LEADER;
      this.#leaveToLeader();
      return response;
    }
    return undefined;
  }

  /**
   * What it keeps meanwhile is its own as far as the leader says so. Where that has taken something away, Kafka hands it out at once when the group becomes
   * one of the consumer protocol, whether it was given up or not.
   */
  #leaveToLeader(): void {
    if (this.#hasLeader) for (const partition of this.owned) this.#options.owners.giveUp(partition, this);
  }

  /** Tells the others what they have, if it leads, and learns what it has. */
  async #sync({ generationId, leader, members, skipAssignment }: JoinGroupResponse): Promise<boolean> {
    const { groupId, topic, partitions, sessionTimeoutMs } = this.#options;
    const sentMs = this.nowMs;
    const isAssigning = leader === this.memberId && !skipAssignment;
    const assigned = isAssigning ? assign(members, partitions) : [];
    const assignments = assigned.map((owned, i) =>
      newSyncGroupRequestAssignment({ memberId: members[i]!.memberId, assignment: assignmentOf(topic, owned) }),
    );
    const request = newSyncGroupRequest({
      groupId,
      generationId,
      memberId: this.memberId,
      groupInstanceId: this.instanceId,
      protocolType: PROTOCOL_TYPE,
      protocolName: this.#assignor,
      assignments,
    });
    const response = await this.coordinator.ask(syncApi, request, JOIN_TIMEOUT_MS);
    if (!this.#isAccepted('SyncGroup', response?.errorCode, sentMs)) return false;
    // It has not been told yet.
    if (this.#options.owners.isReplaced(this)) return false;
    this.#isKnown = true;
    this.#sessionEndMs = sentMs + sessionTimeoutMs;
    return this.#reconcile(partitionsIn(response!.assignment));
  }

  /** Takes and gives up; returns whether it gave up nothing, and need not join again. */
  async #reconcile(assigned: readonly number[]): Promise<boolean> {
    this.partitions.take(assigned);
    const revoked = this.owned.filter((partition) => !assigned.includes(partition));
    await this.partitions.keepOnly(assigned);
    return revoked.length === 0;
  }

  /** Sends heartbeats until it has to join again. */
  async #stay(): Promise<void> {
    while (!this.#isOver) {
      await this.client.pause(HEARTBEAT_INTERVAL_MS);
      const sentMs = this.nowMs;
      const { memberId, memberEpoch: generationId, instanceId: groupInstanceId } = this;
      const { groupId } = this.#options;
      const request = newHeartbeatRequest({ groupId, generationId, memberId, groupInstanceId });
      const response = await this.coordinator.ask(heartbeatApi, request);
      const errorCode = response?.errorCode;
      if (this.#isAccepted('Heartbeat', errorCode, sentMs)) continue;
      if (errorCode !== undefined && !PASSING_ERRORS.has(errorCode)) return;
    }
  }

  /** Whether there is an answer without an error. Errors: Error for one that there must not be. */
  #isAccepted(what: string, errorCode: number | undefined, sentMs: number): boolean {
    if (errorCode === undefined || PASSING_ERRORS.has(errorCode)) this.coordinator.forget();
    else if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.REBALANCE_IN_PROGRESS) {
      if (this.#isKnown) this.#sessionEndMs = sentMs + this.#options.sessionTimeoutMs;
    } else if (UNKNOWN.has(errorCode)) {
      if (this.nowMs < this.#sessionEndMs) throw new Error(`${this.name}: ${what}: it is unknown`);
      this.#begin('');
    } else if (errorCode === ErrorCode.ILLEGAL_GENERATION) this.#begin(this.memberId);
    else if (errorCode === ErrorCode.FENCED_INSTANCE_ID && this.#options.owners.isReplaced(this)) {
      this.partitions.drop();
      this.#isReplaced = true;
    } else throw new Error(`${this.name}: ${what} is answered ${errorName(errorCode)}`);
    return errorCode === ErrorCode.NONE;
  }

  /** It was left out of what the group has agreed upon since: it goes on with nothing. */
  #begin(memberId: string): void {
    this.partitions.drop();
    this.memberId = memberId;
    this.memberEpoch = -1;
    this.#isKnown = false;
  }
}
