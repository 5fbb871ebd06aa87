/**
 * Random clients, failures and moves: whatever happens, the log says what the coordinator knows, and every request is answered once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { newDescribeGroupsRequest, newListGroupsRequest, newOffsetFetchRequestGroup } from '@skarab/protocol';
import { GroupHost } from './group-host.ts';
import { groupIds, World } from './random-clients.ts';

const partitionCount = 2;

/** A group's offsets in some fixed order. */
function offsetsOf(host: GroupHost, groupId: string): string[] {
  const group = newOffsetFetchRequestGroup({ groupId, topics: null });
  const { topics } = host.ask('offsetFetch', { group, requireStable: true });
  const lines = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset }) => `${name}:${partitionIndex} = ${committedOffset}`),
  );
  return lines.sort();
}

/** What the log alone says must be what the coordinator says. */
function check(world: World, context: string): void {
  const { host } = world;
  if (host.isHoldingCommits) return;
  const fresh = new GroupHost(world.options);
  fresh.nowMs = host.nowMs;
  for (const [partition, log] of host.logs) {
    fresh.logs.set(partition, { ...log, batches: [...log.batches] });
  }
  for (let partition = 0; partition < partitionCount; partition++) fresh.elect(partition);
  for (const groupId of groupIds) {
    assert.deepEqual(offsetsOf(fresh, groupId), offsetsOf(host, groupId), `${context}: offsets of ${groupId}`);
    if (world.dirty.has(groupId)) continue;
    const describe = newDescribeGroupsRequest({ groups: [groupId] });
    const live = host.ask('describeGroups', describe, { apiVersion: 6 }).groups[0]!;
    const loaded = fresh.ask('describeGroups', describe, { apiVersion: 6 }).groups[0]!;
    if (['Stable', 'Empty', 'Dead'].includes(live.groupState))
      assert.deepEqual(loaded, live, `${context}: group ${groupId}`);
  }
}

test('the log says what the coordinator knows, and every request is answered once', () => {
  const seeds = Number(process.env['SEEDS'] ?? 40);
  let stableCount = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const random = seededRandom(seed + 1_000_000);
    const world = new World(seed, { partitionCount, appendLingerMs: -1, random, isHarsh: true });
    for (let step = 0; step < 200; step++) {
      world.step();
      if (step % 10 === 9) check(world, `seed ${seed} step ${step}`);
      const listed = world.host.ask('listGroups', newListGroupsRequest({ statesFilter: ['stable'] }));
      stableCount += listed.groups.length;
    }
    world.release();
    check(world, `seed ${seed} at the end`);
    world.host.shutdown();
    const unanswered = world.tokens.filter((token) => !world.host.responses.has(token));
    assert.deepEqual(unanswered, [], `seed ${seed}`);
  }
  // The clients are wild, but not so wild that nothing ever works.
  assert.ok(stableCount > seeds * 20, `stable groups were seen ${stableCount} times only`);
});
