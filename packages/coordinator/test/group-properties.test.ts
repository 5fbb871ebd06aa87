/**
 * Random clients, failures and moves: whatever happens, the log says what the coordinator knows, and every request is answered once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '@skarab/base';
import {
  ErrorCode,
  newDeleteGroupsRequest,
  newDescribeGroupsRequest,
  newHeartbeatRequest,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newLeaveGroupRequest,
  newListGroupsRequest,
  newMemberIdentity,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetDeleteRequest,
  newOffsetDeleteRequestPartition,
  newOffsetDeleteRequestTopic,
  newOffsetFetchRequestGroup,
  newSyncGroupRequest,
  newSyncGroupRequestAssignment,
} from '@skarab/protocol';
import { groupRecordSerde } from '../src/group/records/group-record-serde.ts';
import type { GroupCoordinatorEffect } from '../src/index.ts';
import { GroupHost, type GroupHostOptions } from './group-host.ts';

const groupIds = ['a', 'b', 'c', 'd'];
const partitionCount = 2;
const writeErrors = [ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.MESSAGE_TOO_LARGE];

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.int(items.length)]!;
}

/** A group's offsets in some fixed order. */
function offsetsOf(host: GroupHost, groupId: string): string[] {
  const group = newOffsetFetchRequestGroup({ groupId, topics: null });
  const { topics } = host.ask('offsetFetch', { group, requireStable: true });
  const lines = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset }) => `${name}:${partitionIndex} = ${committedOffset}`),
  );
  return lines.sort();
}

/** A world of clients that do anything at any time. */
class World {
  readonly random: Random;
  readonly host: GroupHost;
  readonly options: GroupHostOptions;
  readonly tokens: number[] = [];
  /** Groups whose last checkpoint may not be in the log, or may be there although its writer gave it up. */
  readonly dirty = new Set<string>();
  #seen = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    const random = seededRandom(seed + 1_000_000);
    const config = { initialRebalanceDelayMs: 1000, maxSize: 3, offsetsRetentionMinutes: 1, appendLingerMs: -1 };
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
    else if (dice < 90) this.pass();
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

  join(): void {
    const groupId = pick(this.random, groupIds);
    const someone = this.#someone(groupId);
    const isNew = this.random.int(2) === 0;
    const instance = this.random.int(3) === 0 ? pick(this.random, ['i1', 'i2']) : null;
    const names = pick(this.random, [['range'], ['range', 'sticky'], ['sticky', 'range'], ['sticky']]);
    const request = newJoinGroupRequest({
      groupId,
      memberId: isNew ? '' : someone.memberId,
      groupInstanceId: isNew ? instance : someone.groupInstanceId,
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

  delete(): void {
    const groupId = pick(this.random, groupIds);
    if (this.random.int(2) === 0) {
      this.tokens.push(this.host.send('deleteGroups', newDeleteGroupsRequest({ groupsNames: [groupId, 'a'] })));
      return;
    }
    const partitions = [newOffsetDeleteRequestPartition({ partitionIndex: this.random.int(2) })];
    const topics = [newOffsetDeleteRequestTopic({ name: 't1', partitions })];
    this.tokens.push(this.host.send('offsetDelete', newOffsetDeleteRequest({ groupId, topics })));
  }

  pass(): void {
    // Writes that are given up may still be committed later.
    if (this.host.holdCommits) for (const groupId of groupIds) this.dirty.add(groupId);
    this.host.advance(this.random.int(this.random.int(5) === 0 ? 40_000 : 3000));
  }

  trouble(): void {
    const dice = this.random.int(10);
    if (dice < 5) this.host.failNext.push(pick(this.random, writeErrors));
    else if (dice < 6) this.host.holdCommits = true;
    else if (dice < 8) this.release();
    else if (dice < 9) {
      const partition = this.random.int(partitionCount);
      this.release();
      this.host.resign(partition);
      this.host.elect(partition);
    } else {
      this.release();
      this.host.restart();
    }
  }

  release(): void {
    this.host.holdCommits = false;
    for (let partition = 0; partition < partitionCount; partition++) this.host.commit(partition);
    this.host.settle();
  }

  /** Follows which checkpoints failed, and which generations members learned of. */
  #noteFailures(): void {
    const { effects } = this.host;
    for (; this.#seen < effects.length; this.#seen++) this.#noteEffect(effects[this.#seen]!);
  }

  #noteEffect(effect: GroupCoordinatorEffect): void {
    if (effect.type === 'respond' && effect.kind === 'joinGroup' && effect.response.generationId > 0)
      this.#generations.set(this.#joins.get(effect.token)!, effect.response.generationId);
    if (effect.type !== 'append') return;
    const isFailed = this.host.failed.has(effect.appendId);
    for (const { key, value } of effect.records) {
      const record = groupRecordSerde.decode(key!, value);
      if (typeof record === 'number' || record.type !== 'groupMetadata') continue;
      if (isFailed) this.dirty.add(record.key.group);
      else if (!this.host.holdCommits) this.dirty.delete(record.key.group);
    }
  }

  /** What the log alone says must be what the coordinator says. */
  check(context: string): void {
    if (this.host.holdCommits) return;
    const fresh = new GroupHost(this.options);
    fresh.nowMs = this.host.nowMs;
    for (const [partition, log] of this.host.logs) {
      fresh.logs.set(partition, { ...log, batches: [...log.batches] });
    }
    for (let partition = 0; partition < partitionCount; partition++) fresh.elect(partition);
    for (const groupId of groupIds) {
      assert.deepEqual(offsetsOf(fresh, groupId), offsetsOf(this.host, groupId), `${context}: offsets of ${groupId}`);
      if (this.dirty.has(groupId)) continue;
      const describe = newDescribeGroupsRequest({ groups: [groupId] });
      const live = this.host.ask('describeGroups', describe, { apiVersion: 6 }).groups[0]!;
      const loaded = fresh.ask('describeGroups', describe, { apiVersion: 6 }).groups[0]!;
      if (['Stable', 'Empty', 'Dead'].includes(live.groupState))
        assert.deepEqual(loaded, live, `${context}: group ${groupId}`);
    }
  }
}

test('the log says what the coordinator knows, and every request is answered once', () => {
  const seeds = Number(process.env['SEEDS'] ?? 40);
  let stableCount = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const world = new World(seed);
    for (let step = 0; step < 200; step++) {
      world.step();
      if (step % 10 === 9) world.check(`seed ${seed} step ${step}`);
      const listed = world.host.ask('listGroups', newListGroupsRequest({ statesFilter: ['stable'] }));
      stableCount += listed.groups.length;
    }
    world.release();
    world.check(`seed ${seed} at the end`);
    world.host.coordinator.shutdown(world.host.nowMs);
    world.host.settle();
    const unanswered = world.tokens.filter((token) => !world.host.responses.has(token));
    assert.deepEqual(unanswered, [], `seed ${seed}`);
  }
  // The clients are wild, but not so wild that nothing ever works.
  assert.ok(stableCount > seeds * 20, `stable groups were seen ${stableCount} times only`);
});
