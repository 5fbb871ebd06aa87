/**
 * A member of a group in the classic protocol: all join, one of them assigns, and everything is given up before the next time. Its group may be one of
 * the consumer protocol, which assigns for it.
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
import { CoordinatorClient, KeyType, PASSING_ERRORS } from './coordinator-client.ts';
import { assignmentOf, partitionsIn, subscriptionTo } from './embedded-protocol.ts';
import { GroupOffsets } from './group-offsets.ts';
import { OwnedPartitions } from './owned-partitions.ts';
import type { Owner, Owners } from './owners.ts';
import { SimClient } from './sim-client.ts';

const joinApi = { apiKey: ApiKey.JOIN_GROUP, encode: encodeJoinGroupRequest, decode: decodeJoinGroupResponse };
const syncApi = { apiKey: ApiKey.SYNC_GROUP, encode: encodeSyncGroupRequest, decode: decodeSyncGroupResponse };
const heartbeatApi = { apiKey: ApiKey.HEARTBEAT, encode: encodeHeartbeatRequest, decode: decodeHeartbeatResponse };
const leaveApi = { apiKey: ApiKey.LEAVE_GROUP, encode: encodeLeaveGroupRequest, decode: decodeLeaveGroupResponse };

const PROTOCOL_TYPE = 'consumer';
const ASSIGNOR = 'range';
const REBALANCE_TIMEOUT_MS = 20_000;
const JOIN_TIMEOUT_MS = REBALANCE_TIMEOUT_MS + 5000;
const HEARTBEAT_INTERVAL_MS = 2000;
const BACKOFF_MS = 200;
const LEAVE_ATTEMPTS = 3;

/** It goes on as a new member. */
const UNKNOWN: ReadonlySet<number> = new Set([ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.GROUP_ID_NOT_FOUND]);
/** It joins again. */
const REJOIN: ReadonlySet<number> = new Set([ErrorCode.REBALANCE_IN_PROGRESS, ErrorCode.ILLEGAL_GENERATION]);

export interface ClassicMemberOptions {
  readonly groupId: string;
  readonly topic: string;
  readonly partitions: number;
  readonly sessionTimeoutMs: number;
  readonly owners: Owners;
}

export class ClassicMember implements Owner {
  readonly name: string;
  readonly instanceId = null;
  memberId = '';
  /** The generation that it is in. */
  memberEpoch = -1;
  readonly #simulation: Simulation;
  readonly #options: ClassicMemberOptions;
  readonly #client: SimClient;
  readonly #coordinator: CoordinatorClient;
  readonly #owned: OwnedPartitions;
  #sessionEndMs = 0;
  /** It was given partitions; before that, whoever coordinates next knows nothing of it. */
  #isKnown = false;
  #isLeaving = false;
  #running: Promise<void> | undefined;

  constructor(simulation: Simulation, process: number, options: ClassicMemberOptions) {
    const { groupId, topic, owners } = options;
    this.#simulation = simulation;
    this.#options = options;
    this.name = `classic member ${process}`;
    const client = new SimClient(simulation, process);
    this.#client = client;
    this.#coordinator = new CoordinatorClient(client, KeyType.GROUP, groupId);
    const offsets = new GroupOffsets(new CoordinatorClient(client, KeyType.GROUP, groupId), topic, () => this);
    this.#owned = new OwnedPartitions({ client, topic, owner: this, owners, offsets });
  }

  /** The partitions that it owns. */
  get owned(): readonly number[] {
    return this.#owned.indexes;
  }

  /**
   * It is while its session has not ended; but Kafka takes the target of a member for what it has when a group goes from consumer to classic, and hands
   * the rest out when it goes back before the member has joined again.
   */
  isOwnerAt(nowMs: number, groupEpoch: number): boolean {
    return nowMs < this.#sessionEndMs && groupEpoch < this.memberEpoch + 2;
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => this.#simulation.violation(error));
  }

  /** Dies at once. */
  kill(): void {
    this.#client.kill();
  }

  /** Commits and leaves. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.#running;
    await this.#owned.keepOnly([]);
    const members = [newMemberIdentity({ memberId: this.memberId })];
    const request = newLeaveGroupRequest({ groupId: this.#options.groupId, members });
    for (let i = 0; i < LEAVE_ATTEMPTS; i++) {
      const response = await this.#coordinator.ask(leaveApi, request);
      if (response !== undefined && !PASSING_ERRORS.has(response.errorCode)) break;
      this.#coordinator.forget();
      await this.#client.pause(BACKOFF_MS);
    }
    this.#client.close();
  }

  async #run(): Promise<void> {
    while (!this.#isLeaving) {
      await this.#owned.keepOnly([]);
      const joined = await this.#join();
      if (joined !== undefined && (await this.#sync(joined))) await this.#stay();
      else await this.#client.pause(BACKOFF_MS);
    }
  }

  async #join(): Promise<JoinGroupResponse | undefined> {
    const { groupId, topic, sessionTimeoutMs } = this.#options;
    const sentMs = this.#nowMs;
    const request = newJoinGroupRequest({
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      memberId: this.memberId,
      protocolType: PROTOCOL_TYPE,
      protocols: [newJoinGroupRequestProtocol({ name: ASSIGNOR, metadata: subscriptionTo(topic) })],
    });
    const response = await this.#coordinator.ask(joinApi, request, JOIN_TIMEOUT_MS);
    if (response?.errorCode === ErrorCode.MEMBER_ID_REQUIRED) this.memberId = response.memberId;
    else if (this.#isAccepted('JoinGroup', response?.errorCode, sentMs)) {
      this.memberId = response!.memberId;
      this.memberEpoch = response!.generationId;
      return response;
    }
    return undefined;
  }

  /** Tells the others what they have, if it leads, and learns what it has. */
  async #sync({ generationId, leader, members }: JoinGroupResponse): Promise<boolean> {
    const { groupId, topic, partitions, sessionTimeoutMs } = this.#options;
    const sentMs = this.#nowMs;
    const isLeader = leader === this.memberId;
    const all = Array.from({ length: partitions }, (_, i) => i);
    const assignments = members.map(({ memberId }, i) => {
      const assigned = all.filter((partition) => partition % members.length === i);
      return newSyncGroupRequestAssignment({ memberId, assignment: assignmentOf(topic, assigned) });
    });
    const request = newSyncGroupRequest({
      groupId,
      generationId,
      memberId: this.memberId,
      protocolType: PROTOCOL_TYPE,
      protocolName: ASSIGNOR,
      assignments: isLeader ? assignments : [],
    });
    const response = await this.#coordinator.ask(syncApi, request, JOIN_TIMEOUT_MS);
    if (!this.#isAccepted('SyncGroup', response?.errorCode, sentMs)) return false;
    this.#isKnown = true;
    this.#sessionEndMs = sentMs + sessionTimeoutMs;
    this.#owned.take(partitionsIn(response!.assignment));
    return true;
  }

  /** Sends heartbeats until it has to join again. */
  async #stay(): Promise<void> {
    while (!this.#isLeaving) {
      await this.#client.pause(HEARTBEAT_INTERVAL_MS);
      const sentMs = this.#nowMs;
      const { memberId, memberEpoch: generationId } = this;
      const request = newHeartbeatRequest({ groupId: this.#options.groupId, generationId, memberId });
      const response = await this.#coordinator.ask(heartbeatApi, request);
      const errorCode = response?.errorCode;
      if (this.#isAccepted('Heartbeat', errorCode, sentMs)) continue;
      if (errorCode !== undefined && !PASSING_ERRORS.has(errorCode)) return;
    }
  }

  /** Whether there is an answer without an error. Errors: Error for one that there must not be. */
  #isAccepted(what: string, errorCode: number | undefined, sentMs: number): boolean {
    if (errorCode === undefined || PASSING_ERRORS.has(errorCode)) this.#coordinator.forget();
    else if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.REBALANCE_IN_PROGRESS) {
      if (this.#isKnown) this.#sessionEndMs = sentMs + this.#options.sessionTimeoutMs;
    } else if (UNKNOWN.has(errorCode)) {
      if (this.#nowMs < this.#sessionEndMs) throw new Error(`${this.name}: ${what}: it is unknown`);
      this.#owned.drop();
      this.memberId = '';
      this.memberEpoch = -1;
      this.#isKnown = false;
    } else if (!REJOIN.has(errorCode)) throw new Error(`${this.name}: ${what} is answered ${errorName(errorCode)}`);
    return errorCode === ErrorCode.NONE;
  }

  get #nowMs(): number {
    return this.#simulation.clock.monotonicMs();
  }
}
