/**
 * Random consumers, failures and moves: the log alone says what the coordinator knows, nobody owns a partition beside somebody else, and every
 * request is answered once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newConsumerGroupDescribeRequest } from '@skarab/protocol';
import { countingRandom, GroupHost } from './group-host.ts';
import { ConsumerWorld } from './random-consumers.ts';

const request = newConsumerGroupDescribeRequest({ groupIds: ['g', 'h'] });

function describe(host: GroupHost) {
  const { groups } = host.ask('consumerGroupDescribe', request);
  return groups.map((group) => ({
    ...group,
    members: group.members.toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1)),
  }));
}

/** Fails when two members of a group have the same partition. */
function checkOwners(groups: ReturnType<typeof describe>, context: string): void {
  for (const { groupId, members } of groups) {
    const owned = members.flatMap(({ assignment }) =>
      assignment.topicPartitions.flatMap(({ topicId, partitions }) => partitions.map((index) => `${topicId}-${index}`)),
    );
    assert.equal(new Set(owned).size, owned.length, `${context}: ${groupId} has a partition with two owners`);
  }
}

/** What the log alone says must be what the coordinator says. */
function checkLog(world: ConsumerWorld, groups: ReturnType<typeof describe>, context: string): void {
  const fresh = new GroupHost({ config: world.host.config });
  fresh.setTopics(world.host.topics);
  const log = world.host.log();
  fresh.logs.set(0, { ...log, batches: [...log.batches] });
  fresh.elect();
  assert.deepEqual(describe(fresh), groups, context);
}

test('the log says what the coordinator knows, and a partition has one owner', () => {
  const seeds = Number(process.env['SEEDS'] ?? 30);
  let assignedCount = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const world = new ConsumerWorld(seed, { random: countingRandom(), hasMigrations: seed % 2 === 0 });
    for (let step = 0; step < 200; step++) {
      world.step();
      const groups = describe(world.host);
      checkOwners(groups, `seed ${seed} step ${step}`);
      if (step % 10 === 9) checkLog(world, groups, `seed ${seed} step ${step}`);
    }
    world.host.shutdown();
    assignedCount += world.assignedCount;
    const unanswered = world.tokens.filter((token) => !world.host.responses.has(token));
    assert.deepEqual(unanswered, [], `seed ${seed}`);
  }
  assert.ok(assignedCount > seeds * 20, `partitions were assigned ${assignedCount} times only`);
});
