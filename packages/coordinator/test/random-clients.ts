/**
 * Clients that do anything at any time, from a seed; and writes that fail, are slow, or outlive their coordinator.
 */
import { type Random, seededRandom } from '@skarab/base';
import {
  ErrorCode,
  newDeleteGroupsRequest,
  newDescribeGroupsRequest,
  newHeartbeatRequest,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newLeaveGroupRequest,
  newMemberIdentity,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetDeleteRequest,
  newOffsetDeleteRequestPartition,
  newOffsetDeleteRequestTopic,
  newSyncGroupRequest,
  newSyncGroupRequestAssignment,
  newTxnOffsetCommitRequest,
  newTxnOffsetCommitRequestPartition,
} from '@skarab/protocol';
import { groupRecordSerde } from '../src/group/records/group-record-serde.ts';
import type { GroupCoordinatorEffect } from '../src/index.ts';
import { GroupHost, type GroupHostOptions } from './group-host.ts';

/** The groups of a world. */
export const groupIds = ['a', 'b', 'c', 'd'];
const writeErrors = [ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.MESSAGE_TOO_LARGE];

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.int(items.length)]!;
}

/** How a world is run. */
export interface WorldOptions {
  readonly partitionCount: number;
  readonly appendLingerMs: number;
  readonly random: Random;
  /** Whether writes may be given up while they wait for their commit, and new groups fail to be made; the JVM leaves disorder behind then. */
  readonly isHarsh: boolean;
}

/** A coordinator and its clients. */
export class World {
  readonly random: Random;
  readonly host: GroupHost;
  readonly options: GroupHostOptions;
  readonly tokens: number[] = [];
  /** Groups whose last checkpoint may not be in the log, or may be there although its writer gave it up. */
  readonly dirty = new Set<string>();
  #seen = 0;

  readonly #isHarsh: boolean;

  constructor(seed: number, { partitionCount, appendLingerMs, random, isHarsh }: WorldOptions) {
    this.random = seededRandom(seed);
    this.#isHarsh = isHarsh;
    const config = { initialRebalanceDelayMs: 1000, maxSize: 3, offsetsRetentionMinutes: 1, appendLingerMs };
    this.options = { config: { ...config, offsetsRetentionCheckIntervalMs: 30_000 }, partitionCount, random };
    this.host = new GroupHost(this.options);
    for (let partition = 0; partition < partitionCount; partition++) this.host.elect(partition);
  }

  step(): void {
    const dice = this.random.int(100);
    if (dice < 25) this.join();
    else if (dice < 45) this.sync();
    else if (dice < 55) this.heartbeat();
    else if (dice < 60) this.leave();
    else if (dice < 75) this.commit();
    else if (dice < 78) this.delete();
    else if (dice < 85) this.transaction();
    else if (dice < 92) this.pass();
    else this.trouble();
    this.#noteFailures();
  }

  /** A member of the group as it is now, or somebody else. */
  #someone(groupId: string): { memberId: string; groupInstanceId: string | null; generationId: number } {
    const members = this.#members(groupId);
    const member = this.random.int(8) === 0 || members.length === 0 ? null : pick(this.random, members);
    const generationId = this.#generation(groupId) - Number(this.random.int(10) === 0);
    return {
      memberId: member?.memberId ?? pick(this.random, ['', 'stranger']),
      groupInstanceId: member?.groupInstanceId ?? null,
      generationId,
    };
  }

  #exists(groupId: string): boolean {
    const request = newDescribeGroupsRequest({ groups: [groupId] });
    return this.host.ask('describeGroups', request, { apiVersion: 6 }).groups[0]!.groupState !== 'Dead';
  }

  #members(groupId: string): { memberId: string; groupInstanceId: string | null }[] {
    return this.host.ask('describeGroups', newDescribeGroupsRequest({ groups: [groupId] }), { apiVersion: 6 })
      .groups[0]!.members;
  }

  /** The last generation that anybody was told of. */
  #generation(groupId: string): number {
    return this.#generations.get(groupId) ?? 0;
  }

  readonly #generations = new Map<string, number>();
  readonly #joins = new Map<number, string>();
  /** Ids that were given to new members of a group. */
  readonly #given = new Map<string, string[]>();

  join(): void {
    const groupId = pick(this.random, groupIds);
    if (!this.#isHarsh && this.host.pendingFailureCount > 0 && !this.#exists(groupId)) return;
    const someone = this.#someone(groupId);
    const isNew = this.random.int(2) === 0;
    const given = isNew || this.random.int(2) === 0 ? undefined : this.#given.get(groupId)?.pop();
    const instance = this.random.int(3) === 0 ? pick(this.random, ['i1', 'i2']) : null;
    const names = pick(this.random, [['range'], ['range', 'sticky'], ['sticky', 'range'], ['sticky']]);
    const request = newJoinGroupRequest({
      groupId,
      memberId: isNew ? '' : (given ?? someone.memberId),
      groupInstanceId: isNew ? instance : given === undefined ? someone.groupInstanceId : null,
      sessionTimeoutMs: 6000 + this.random.int(20_000),
      rebalanceTimeoutMs: 1000 + this.random.int(20_000),
      protocolType: this.random.int(20) === 0 ? 'connect' : 'consumer',
      protocols: names.map((name) =>
        newJoinGroupRequestProtocol({
          name,
          metadata: Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 2, 116, 49 + this.random.int(2)),
        }),
      ),
    });
    const token = this.host.send('joinGroup', request, {
      apiVersion: this.random.int(10),
      clientId: pick(this.random, ['x', 'y']),
    });
    this.tokens.push(token);
    this.#joins.set(token, groupId);
  }

  sync(): void {
    const groupId = pick(this.random, groupIds);
    const assignments = this.#members(groupId).map(({ memberId }) =>
      newSyncGroupRequestAssignment({ memberId, assignment: Uint8Array.of(this.random.int(256)) }),
    );
    const protocol = { protocolType: 'consumer', protocolName: null };
    const request = newSyncGroupRequest({ groupId, ...this.#someone(groupId), ...protocol, assignments });
    this.tokens.push(this.host.send('syncGroup', request, { apiVersion: 4 }));
  }

  heartbeat(): void {
    const groupId = pick(this.random, groupIds);
    this.tokens.push(this.host.send('heartbeat', newHeartbeatRequest({ groupId, ...this.#someone(groupId) })));
  }

  leave(): void {
    const groupId = pick(this.random, groupIds);
    const { memberId, groupInstanceId } = this.#someone(groupId);
    const members = [newMemberIdentity({ memberId: this.random.int(3) === 0 ? '' : memberId, groupInstanceId })];
    this.tokens.push(this.host.send('leaveGroup', newLeaveGroupRequest({ groupId, members }), { apiVersion: 5 }));
  }

  commit(): void {
    const groupId = pick(this.random, groupIds);
    const { memberId, groupInstanceId, generationId } = this.#someone(groupId);
    const isMember = this.random.int(2) === 0;
    const partitions = [0, 1].map((partitionIndex) =>
      newOffsetCommitRequestPartition({ partitionIndex, committedOffset: BigInt(this.random.int(1000)) }),
    );
    const topics = [newOffsetCommitRequestTopic({ name: pick(this.random, ['t1', 't2']), partitions })];
    const origin = isMember ? { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } : {};
    this.tokens.push(this.host.send('offsetCommit', newOffsetCommitRequest({ groupId, ...origin, topics })));
  }

  /** An offset within a transaction, or the end of one. */
  transaction(): void {
    const producerId = this.random.int(3);
    if (this.random.int(3) === 0) {
      const isCommit = this.random.int(2) === 0;
      const end = { producerId, producerEpoch: 0, coordinatorEpoch: 0, isCommit, transactionVersion: 0 };
      this.host.endTransaction(end, this.random.int(this.options.partitionCount ?? 1));
      return;
    }
    const groupId = pick(this.random, groupIds);
    const { memberId, groupInstanceId, generationId } = this.#someone(groupId);
    const origin = this.random.int(2) === 0 ? { memberId, groupInstanceId, generationId } : {};
    const offset = { partitionIndex: this.random.int(2), committedOffset: BigInt(this.random.int(1000)) };
    const topics = [
      { name: pick(this.random, ['t1', 't2']), partitions: [newTxnOffsetCommitRequestPartition(offset)] },
    ];
    const commit = newTxnOffsetCommitRequest({
      transactionalId: 'txn',
      groupId,
      producerId: BigInt(producerId),
      producerEpoch: 0,
      ...origin,
      topics,
    });
    this.tokens.push(this.host.send('txnOffsetCommit', { commit, verificationGuard: null }, { apiVersion: 5 }));
  }

  delete(): void {
    const groupId = pick(this.random, groupIds);
    if (this.random.int(2) === 0 && !this.host.isHoldingCommits) {
      this.tokens.push(this.host.send('deleteGroups', newDeleteGroupsRequest({ groupsNames: [groupId, 'a'] })));
      return;
    }
    const partitions = [newOffsetDeleteRequestPartition({ partitionIndex: this.random.int(2) })];
    const topics = [newOffsetDeleteRequestTopic({ name: 't1', partitions })];
    this.tokens.push(this.host.send('offsetDelete', newOffsetDeleteRequest({ groupId, topics })));
  }

  pass(): void {
    if (!this.#isHarsh) this.release();
    // Writes that are given up may still be committed later.
    if (this.host.isHoldingCommits) for (const groupId of groupIds) this.dirty.add(groupId);
    this.host.advance(this.random.int(this.random.int(5) === 0 ? 40_000 : 3000));
  }

  trouble(): void {
    const dice = this.random.int(10);
    if (dice < 5) this.host.failNextAppend(pick(this.random, writeErrors));
    else if (dice < 6) this.host.holdCommits();
    else if (dice < 8) this.release();
    else if (dice < 9) {
      const partition = this.random.int(this.options.partitionCount ?? 1);
      this.release();
      this.host.resign(partition);
      this.host.elect(partition);
    } else {
      this.release();
      this.host.restart();
    }
  }

  release(): void {
    this.host.commit();
  }

  /** Follows which checkpoints failed, and which generations members learned of. */
  #noteFailures(): void {
    const { steps } = this.host;
    for (; this.#seen < steps.length; this.#seen++)
      for (const effect of steps[this.#seen]!.effects) this.#noteEffect(effect);
  }

  #noteEffect(effect: GroupCoordinatorEffect): void {
    if (effect.type === 'respond' && effect.kind === 'joinGroup' && effect.response.generationId > 0)
      this.#generations.set(this.#joins.get(effect.token)!, effect.response.generationId);
    if (
      effect.type === 'respond' &&
      effect.kind === 'joinGroup' &&
      effect.response.errorCode === ErrorCode.MEMBER_ID_REQUIRED
    ) {
      const groupId = this.#joins.get(effect.token)!;
      this.#given.set(groupId, [...(this.#given.get(groupId) ?? []), effect.response.memberId]);
    }
    if (effect.type !== 'append') return;
    const isFailed = this.host.failed.has(effect.appendId);
    for (const { key, value } of effect.records) {
      const record = groupRecordSerde.decode(key!, value);
      if (typeof record === 'number' || record.type !== 'groupMetadata') continue;
      if (isFailed) this.dirty.add(record.key.group);
      else if (!this.host.isHoldingCommits) this.dirty.delete(record.key.group);
    }
  }
}
