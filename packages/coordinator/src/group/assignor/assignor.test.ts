/**
 * What assignors promise, for any group: everything is assigned to a subscriber, once; the uniform one is balanced and moves little.
 *
 * That the decisions are those of 4.3.1 is for test/oracle.jvm.test.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomUuid, seededRandom, type Uuid } from '@skarab/base';
import { type Assignment, NO_PARTITIONS } from '../consumer/assignment.ts';
import type { ClusterImage, TopicMetadata } from '../metadata/cluster-image.ts';
import type { GroupAssignment, GroupSpec, MemberSpec } from './assignor.ts';
import { assignorsFrom } from './assignors.ts';
import { SubscribedTopicIds } from './subscribed-topic-ids.ts';

const random = seededRandom(7);
const names = ['a', 'b', 'c', 'd'];
const topics: TopicMetadata[] = names.map((name, index) => ({
  id: randomUuid(random.bytes),
  name,
  partitionCount: 1 + 5 * index,
  racksOf: () => [],
}));
const image: ClusterImage = {
  version: 1,
  topicByName: (name) => topics.find((topic) => topic.name === name),
  topicById: (id) => topics.find((topic) => topic.id === id),
  topicNames: () => names,
};

function specOf(subscriptions: readonly (readonly string[])[], before: GroupAssignment): GroupSpec {
  const members = subscriptions.map((subscription, index): MemberSpec => {
    const memberId = `member-${index}`;
    const assignment: Assignment = before.get(memberId) ?? NO_PARTITIONS;
    return { memberId, instanceId: null, topicIds: new SubscribedTopicIds(subscription, image), assignment };
  });
  const assigned = new Set(members.flatMap(({ assignment }) => partitionsOf(assignment)));
  const isSame = subscriptions.every((subscription) => subscription.join() === subscriptions[0]!.join());
  return {
    members,
    subscriptionType: isSame ? 'homogeneous' : 'heterogeneous',
    isPartitionAssigned: (topicId, partition) => assigned.has(`${topicId}-${partition}`),
    partitionCount: (topicId) => image.topicById(topicId)!.partitionCount,
  };
}

function partitionsOf(assignment: Assignment): string[] {
  return [...assignment].flatMap(([topicId, partitions]) => partitions.map((partition) => `${topicId}-${partition}`));
}

function assign(name: string, subscriptions: readonly (readonly string[])[], before: GroupAssignment = new Map()) {
  const assigned = assignorsFrom(['uniform', 'range']).get(name)!.assign(specOf(subscriptions, before));
  assert.ok(assigned !== null);
  return assigned;
}

function check(assigned: GroupAssignment, subscriptions: readonly (readonly string[])[]): void {
  const all = [...assigned.values()].flatMap(partitionsOf);
  const subscribed = topics.filter(({ name }) => subscriptions.some((subscription) => subscription.includes(name)));
  const wanted = subscribed.flatMap(({ id, partitionCount }) =>
    Array.from({ length: partitionCount }, (_none, partition) => `${id}-${partition}`),
  );
  assert.deepEqual(all.sort(), wanted.sort());
  for (const [memberId, assignment] of assigned) {
    const subscription = subscriptions[Number(memberId.split('-')[1])]!;
    for (const topicId of assignment.keys()) assert.ok(subscription.includes(image.topicById(topicId)!.name));
  }
}

function sizes(assigned: GroupAssignment): number[] {
  return [...assigned.values()].map((assignment) => partitionsOf(assignment).length).sort((a, b) => a - b);
}

for (const name of ['uniform', 'range'])
  test(`the ${name} assignor gives everything to subscribers, whatever was before`, () => {
    let before: GroupAssignment = new Map();
    for (let round = 0; round < 200; round++) {
      const isHomogeneous = round % 2 === 0;
      const common = names.filter(() => random.int(2) === 0);
      const subscriptions = Array.from({ length: 1 + random.int(7) }, () =>
        isHomogeneous ? common : names.filter(() => random.int(2) === 0),
      );
      before = assign(name, subscriptions, before);
      check(before, subscriptions);
    }
  });

test('the uniform assignor is balanced', () => {
  const all = Array.from({ length: 5 }, () => names);
  assert.deepEqual(sizes(assign('uniform', all)), [6, 7, 7, 7, 7]);
  const half = [['a', 'b', 'd'], ['a', 'b', 'd'], ['c']];
  assert.deepEqual(sizes(assign('uniform', half)), [11, 11, 12]);
});

test('the uniform assignor moves no more than it must', () => {
  const before = assign('uniform', [names, names]);
  const after = assign('uniform', [names, names, names], before);
  const moved = [...before].flatMap(([memberId, assignment]) => {
    const kept = new Set(partitionsOf(after.get(memberId)!));
    return partitionsOf(assignment).filter((partition) => !kept.has(partition));
  });
  assert.equal(moved.length, partitionsOf(after.get('member-2')!).length);
});

test('the range assignor gives runs, static members first', () => {
  const [, , , topic] = topics;
  const spec = specOf([['d'], ['d'], ['d']], new Map());
  const members = spec.members.map((member, index) => ({ ...member, instanceId: index === 2 ? 'i' : null }));
  const assigned = assignorsFrom(['range'])
    .get('range')!
    .assign({ ...spec, members })!;
  const runs = [...assigned].map(([memberId, assignment]): [string, Uuid, readonly number[]] => [
    memberId,
    topic!.id,
    assignment.get(topic!.id)!,
  ]);
  assert.deepEqual(
    runs.map(([memberId, , partitions]) => [memberId, partitions[0], partitions.length]),
    [
      ['member-2', 0, 6],
      ['member-0', 6, 5],
      ['member-1', 11, 5],
    ],
  );
});

test('assignors are known by their names and their classes', () => {
  const names = ['org.apache.kafka.coordinator.group.assignor.RangeAssignor', 'uniform', 'com.example.Assignor'];
  assert.deepEqual([...assignorsFrom(names).keys()], ['range', 'uniform']);
});
