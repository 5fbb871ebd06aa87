/**
 * A member of a share group: it is given records, accepts most of them, gives some back, and forgets about some until their locks end.
 *
 * One request at a time; heartbeats go on meanwhile.
 */
import { randomUuid } from '@skarab/base';
import {
  ApiKey,
  decodeShareGroupHeartbeatResponse,
  ErrorCode,
  encodeShareGroupHeartbeatRequest,
  errorName,
  newShareGroupHeartbeatRequest,
  type ShareFetchResponsePartitionData,
} from '@skarab/protocol';
import { iterateBatches } from '@skarab/records';
import type { Simulation } from '../cluster/simulation.ts';
import { CoordinatorClient, KeyType, PASSING_ERRORS } from './coordinator-client.ts';
import { RunningClient } from './running-client.ts';
import type { ShareBook } from './share-book.ts';
import { type Acknowledgements, type SessionAnswer, ShareSession } from './share-session.ts';

const heartbeatApi = {
  apiKey: ApiKey.SHARE_GROUP_HEARTBEAT,
  encode: encodeShareGroupHeartbeatRequest,
  decode: decodeShareGroupHeartbeatResponse,
};
const HEARTBEAT_INTERVAL_MS = 500;
const MAX_PAUSE_MS = 200;
const LEAVE_EPOCH = -1;
const LEAVE_ATTEMPTS = 3;
const RELEASE_SHARE = 0.15;
const FORGET_SHARE = 0.05;
/** Whatever was delivered so often is accepted: beyond `share.delivery.count.limit` nobody is given it. */
const MANY_DELIVERIES = 4;
/** What a member says of a record (KIP-932). */
const AcknowledgeType = { ACCEPT: 1, RELEASE: 2 } as const;

/** It is no member any more: it begins anew. */
const OUTDATED: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.FENCED_MEMBER_EPOCH,
  ErrorCode.GROUP_ID_NOT_FOUND,
]);

/** What a leader says of a partition that passes: it leads it no more, or cannot have the state of the group read or written. */
const PASSING_PARTITION_ERRORS: ReadonlySet<number> = new Set([
  ...PASSING_ERRORS,
  ErrorCode.NONE,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.FENCED_LEADER_EPOCH,
  ErrorCode.FENCED_STATE_EPOCH,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.KAFKA_STORAGE_ERROR,
]);

/** The records are somebody else's, or nobody's since the partition is led by another broker: the acknowledgement came too late. */
const NOTHING_DONE: ReadonlySet<number> = new Set([ErrorCode.INVALID_RECORD_STATE, ErrorCode.INVALID_REQUEST]);

export interface ShareMemberOptions {
  readonly groupId: string;
  readonly topic: string;
  readonly book: ShareBook;
}

export class ShareMember extends RunningClient {
  readonly #options: ShareMemberOptions;
  readonly #coordinator: CoordinatorClient;
  readonly #memberId: string;
  #memberEpoch = 0;
  #assigned: readonly number[] = [];
  /** Says what it subscribes to, and is told what it is assigned, with the next heartbeat. */
  #isFull = true;
  /** By port. */
  readonly #sessions = new Map<number, ShareSession>();
  /** What it has to say of records, by partition. */
  readonly #toSay = new Map<number, Map<number, number>>();

  constructor(simulation: Simulation, process: number, options: ShareMemberOptions) {
    super(simulation, process);
    this.#options = options;
    this.#coordinator = new CoordinatorClient(this.client, KeyType.GROUP, options.groupId);
    this.#memberId = randomUuid((length) => simulation.random.bytes(length));
  }

  protected override async run(): Promise<void> {
    await Promise.all([this.#beat(), this.#consume()]);
  }

  /** Says what it has to say, gives the rest back, and leaves. */
  protected override async finish(): Promise<void> {
    for (const session of this.#sessions.values()) {
      if (!session.hasBegun) continue;
      const said = this.#takeToSay(session.partitions);
      this.#settle(said, await session.acknowledge(said, true));
    }
    this.#memberEpoch = LEAVE_EPOCH;
    for (let i = 0; i < LEAVE_ATTEMPTS && !(await this.#heartbeat()); i++)
      await this.client.pause(HEARTBEAT_INTERVAL_MS);
  }

  async #beat(): Promise<void> {
    while (!this.isStopped) {
      await this.#heartbeat();
      await this.client.pause(HEARTBEAT_INTERVAL_MS);
    }
  }

  /** Returns whether there was an answer of a coordinator that does not pass. */
  async #heartbeat(): Promise<boolean> {
    const { groupId, topic } = this.#options;
    const request = newShareGroupHeartbeatRequest({
      groupId,
      memberId: this.#memberId,
      memberEpoch: this.#memberEpoch,
      subscribedTopicNames: this.#isFull ? [topic] : null,
    });
    const response = await this.#coordinator.ask(heartbeatApi, request);
    if (response === undefined || PASSING_ERRORS.has(response.errorCode)) {
      this.#coordinator.forget();
      this.#isFull = true;
      return false;
    }
    const { errorCode, memberEpoch, assignment } = response;
    if (OUTDATED.has(errorCode)) {
      this.#memberEpoch = 0;
      this.#isFull = true;
      this.#assigned = [];
    } else if (errorCode !== ErrorCode.NONE) throw new Error(`a heartbeat is answered ${errorName(errorCode)}`);
    else {
      this.#memberEpoch = memberEpoch;
      this.#isFull = false;
      if (assignment !== null) this.#assigned = assignment.topicPartitions.flatMap(({ partitions }) => partitions);
    }
    return true;
  }

  async #consume(): Promise<void> {
    const { random } = this.simulation;
    while (!this.isStopped) {
      for (const session of await this.#currentSessions()) await this.#converse(session);
      await this.client.pause(random.int(MAX_PAUSE_MS));
    }
  }

  /** With those who lead what it is assigned. */
  async #currentSessions(): Promise<ShareSession[]> {
    const { groupId, topic } = this.#options;
    const led = new Map<number, { readonly port: number; readonly topicId: string; readonly partitions: number[] }>();
    for (const partition of this.#assigned) {
      const leader = await this.client.leaderOf(topic, partition).catch(() => undefined);
      if (leader === undefined) continue;
      const at = led.get(leader.port) ?? { ...leader, partitions: [] };
      led.set(leader.port, at);
      at.partitions.push(partition);
    }
    for (const [port, at] of led)
      if (String(this.#sessions.get(port)?.partitions) !== String(at.partitions))
        this.#sessions.set(port, new ShareSession(this.client, { groupId, memberId: this.#memberId }, at));
    return [...led.keys()].map((port) => this.#sessions.get(port)!);
  }

  async #converse(session: ShareSession): Promise<void> {
    const isApart = this.simulation.random.int(2) === 0;
    if (isApart && session.hasBegun) {
      const said = this.#takeToSay(session.partitions);
      if (said.size > 0) this.#settle(said, await session.acknowledge(said));
    }
    const said = session.hasBegun ? this.#takeToSay(session.partitions) : new Map<number, Map<number, number>>();
    const sentMs = this.simulation.clock.monotonicMs();
    const answer = await session.fetch(said);
    this.#settle(said, answer);
    if (answer === undefined || answer === 'refused') return;
    for (const fetched of answer.fetched) this.#deliver(fetched, sentMs);
  }

  #takeToSay(partitions: readonly number[]): Map<number, Map<number, number>> {
    const said = new Map<number, Map<number, number>>();
    for (const partition of partitions) {
      const types = this.#toSay.get(partition);
      if (types === undefined) continue;
      said.set(partition, types);
      this.#toSay.delete(partition);
      for (const offset of acceptedOf(types)) this.#options.book.send(partition, offset);
    }
    return said;
  }

  /** What came of what it has said. */
  #settle(said: ReadonlyMap<number, Map<number, number>>, answer: SessionAnswer | 'refused' | undefined): void {
    for (const [partition, types] of said) {
      if (answer === 'refused') this.#toSay.set(partition, types);
      const errorCode = answer === 'refused' ? ErrorCode.INVALID_RECORD_STATE : answer?.acknowledged.get(partition);
      this.#settleOne(partition, types, errorCode);
    }
  }

  /** Whatever has another error, or none came back of, may be persisted. */
  #settleOne(partition: number, types: Acknowledgements, errorCode: number | undefined): void {
    const { book } = this.#options;
    const isRefused = errorCode !== undefined && NOTHING_DONE.has(errorCode);
    if (!isRefused) check('an acknowledgement', errorCode);
    for (const offset of acceptedOf(types)) {
      if (isRefused) book.refuse(partition, offset);
      else if (errorCode === ErrorCode.NONE) book.accept(partition, offset, this.simulation.clock.monotonicMs());
    }
  }

  /** Takes what it was given, and decides what to say of it. */
  #deliver(
    { partitionIndex, errorCode, records, acquiredRecords }: ShareFetchResponsePartitionData,
    sentMs: number,
  ): void {
    check('a fetch', errorCode);
    const values = new Map<number, string>();
    for (const batch of iterateBatches(records instanceof Uint8Array ? records : new Uint8Array()))
      for (const { offset, value } of batch.records()) values.set(offset, Buffer.from(value!).toString());
    for (const { firstOffset, lastOffset, deliveryCount } of acquiredRecords) {
      for (let offset = Number(firstOffset); offset <= Number(lastOffset); offset++) {
        this.#options.book.deliver(partitionIndex, offset, values.get(offset) ?? 'nothing', sentMs);
        this.#decide(partitionIndex, offset, deliveryCount);
      }
    }
  }

  #decide(partition: number, offset: number, deliveryCount: number): void {
    const types = this.#toSay.get(partition) ?? new Map<number, number>();
    this.#toSay.set(partition, types);
    // What it was going to say was of the delivery before.
    types.delete(offset);
    const mood = deliveryCount < MANY_DELIVERIES ? this.simulation.random.next() : 1;
    if (mood < FORGET_SHARE) return;
    types.set(offset, mood < FORGET_SHARE + RELEASE_SHARE ? AcknowledgeType.RELEASE : AcknowledgeType.ACCEPT);
  }
}

function acceptedOf(types: Acknowledgements): number[] {
  return [...types].filter(([, type]) => type === AcknowledgeType.ACCEPT).map(([offset]) => offset);
}

function check(what: string, errorCode: number | undefined): void {
  if (errorCode !== undefined && !PASSING_PARTITION_ERRORS.has(errorCode))
    throw new Error(`${what} is answered ${errorName(errorCode)}`);
}
