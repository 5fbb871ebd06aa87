import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorruptDataError } from '@skarab/base';
import { newPartitionChangeRecord, newPartitionRecord, newRemoveTopicRecord, newTopicRecord } from '@skarab/protocol';
import { EMPTY_IMAGE, type MetadataImage } from '../image/metadata-image.ts';
import { localReplicaChanges } from './local-replica-changes.ts';
import { MetadataDelta } from './metadata-delta.ts';
import type { TopicsDelta } from './topics-delta.ts';

const ID = 'TOPIC0000000000000000A';
const OTHER = 'OTHER0000000000000000A';
const DIRECTORIES = ['DIR11111111111111111AA', 'DIR22222222222222222AA'];

function after(image: MetadataImage, fill: (delta: TopicsDelta) => void): { delta: TopicsDelta; image: MetadataImage } {
  const delta = new MetadataDelta(image);
  fill(delta.topicsDelta());
  return { delta: delta.topicsDelta(), image: delta.apply(EMPTY_IMAGE.provenance) };
}

const partition = (partitionId: number, replicas: number[], leader: number, topicId = ID) =>
  newPartitionRecord({
    topicId,
    partitionId,
    replicas,
    isr: replicas,
    leader,
    leaderEpoch: 0,
    partitionEpoch: 0,
    directories: replicas.map((id) => DIRECTORIES[id - 1]!),
  });

const base = after(EMPTY_IMAGE, (delta) => {
  delta.replayTopic(newTopicRecord({ name: 'a', topicId: ID }));
  delta.replayPartition(partition(0, [1, 2], 1));
  delta.replayPartition(partition(1, [2, 1], 2));
  delta.replayPartition(partition(2, [2], 2));
}).image;

/** Names of the partitions in each list. */
function local(delta: TopicsDelta, brokerId: number): Record<string, string[]> {
  const { deletes, electedLeaders, leaders, followers, directoryIds } = localReplicaChanges(delta, brokerId);
  const names = (list: readonly { topic: string; partition: number }[]) =>
    list.map(({ topic, partition: index }) => `${topic}-${index}`);
  return {
    deletes: names(deletes),
    elected: names(electedLeaders),
    leaders: names(leaders),
    followers: names(followers),
    directories: directoryIds.map(({ topic, partition: index, directory }) => `${topic}-${index} in ${directory}`),
  };
}

test('a broker learns what it has to lead and to follow', () => {
  const { delta } = after(EMPTY_IMAGE, (topics) => {
    topics.replayTopic(newTopicRecord({ name: 'a', topicId: ID }));
    topics.replayPartition(partition(0, [1, 2], 1));
    topics.replayPartition(partition(1, [2, 1], 2));
    topics.replayPartition(partition(2, [2], 2));
  });
  assert.deepEqual(local(delta, 1), {
    deletes: [],
    elected: ['a-0'],
    leaders: ['a-0'],
    followers: ['a-1'],
    directories: [`a-0 in ${DIRECTORIES[0]}`, `a-1 in ${DIRECTORIES[0]}`],
  });
  assert.deepEqual([...delta.createdTopicIds], [ID]);
});

test('a change of the in-sync replicas is no election, a new leader epoch is', () => {
  const shrink = after(base, (delta) => {
    delta.replayPartitionChange(newPartitionChangeRecord({ topicId: ID, partitionId: 0, isr: [1] }));
  });
  assert.deepEqual(local(shrink.delta, 1), {
    deletes: [],
    elected: [],
    leaders: ['a-0'],
    followers: [],
    directories: [],
  });
  const election = after(base, (delta) => {
    delta.replayPartitionChange(newPartitionChangeRecord({ topicId: ID, partitionId: 0, leader: 2 }));
  });
  assert.deepEqual(local(election.delta, 1)['followers'], ['a-0']);
  assert.deepEqual(local(election.delta, 2)['elected'], ['a-0']);
  const registration = election.image.topics.byId.get(ID)?.partitions[0];
  assert.deepEqual([registration?.leaderEpoch, registration?.partitionEpoch], [1, 1]);
  assert.equal(election.image.topics.byId.get(ID)?.partitions[1], base.topics.byId.get(ID)?.partitions[1]);
});

test('replicas that leave a broker are deleted there, and so are those of deleted topics', () => {
  const moved = after(base, (delta) => {
    const directories = [DIRECTORIES[1]!];
    delta.replayPartitionChange(
      newPartitionChangeRecord({ topicId: ID, partitionId: 0, replicas: [2], leader: 2, isr: [2], directories }),
    );
  });
  assert.deepEqual(local(moved.delta, 1)['deletes'], ['a-0']);
  const removed = after(base, (delta) => delta.replayRemoveTopic(newRemoveTopicRecord({ topicId: ID })));
  assert.deepEqual(local(removed.delta, 1)['deletes'], ['a-0', 'a-1']);
  assert.deepEqual([...removed.image.topics.byName.keys()], []);
  assert.equal(removed.delta.topicWasDeleted('a'), true);
});

test('another directory for a replica is told', () => {
  const { delta } = after(base, (topics) => {
    const directories = ['NEWDIRECTORY000000000A', DIRECTORIES[1]!];
    topics.replayPartitionChange(newPartitionChangeRecord({ topicId: ID, partitionId: 0, directories }));
  });
  assert.deepEqual(local(delta, 1)['directories'], ['a-0 in NEWDIRECTORY000000000A']);
  assert.deepEqual(local(delta, 2)['directories'], []);
});

test('a topic made and deleted within one delta was never there', () => {
  const { delta, image } = after(base, (topics) => {
    topics.replayTopic(newTopicRecord({ name: 'b', topicId: OTHER }));
    topics.replayPartition(partition(0, [1], 1, OTHER));
    topics.replayRemoveTopic(newRemoveTopicRecord({ topicId: OTHER }));
  });
  assert.deepEqual([[...delta.changedTopics.keys()], [...delta.deletedTopicIds]], [[], []]);
  assert.deepEqual([...image.topics.byName.keys()], ['a']);
});

test('a topic deleted and made anew under its name has another id', () => {
  const { image, delta } = after(base, (topics) => {
    topics.replayRemoveTopic(newRemoveTopicRecord({ topicId: ID }));
    topics.replayTopic(newTopicRecord({ name: 'a', topicId: OTHER }));
    topics.replayPartition(partition(0, [1], 1, OTHER));
  });
  assert.equal(image.topics.byName.get('a')?.id, OTHER);
  assert.equal(image.topics.byId.has(ID), false);
  assert.deepEqual(local(delta, 1), {
    deletes: ['a-0', 'a-1'],
    elected: ['a-0'],
    leaders: ['a-0'],
    followers: [],
    directories: [`a-0 in ${DIRECTORIES[0]}`],
  });
});

test('records about what is not there are refused', () => {
  assert.throws(
    () => after(base, (delta) => delta.replayRemoveTopic(newRemoveTopicRecord({ topicId: OTHER }))),
    CorruptDataError,
  );
  assert.throws(() => after(base, (delta) => delta.replayPartition(partition(0, [1], 1, OTHER))), CorruptDataError);
  const change = newPartitionChangeRecord({ topicId: ID, partitionId: 9 });
  assert.throws(() => after(base, (delta) => delta.replayPartitionChange(change)), CorruptDataError);
});
