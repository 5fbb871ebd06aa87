import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ZERO_UUID } from '@skarab/base';
import {
  ErrorCode,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetCommitResponse,
  newOffsetCommitResponsePartition,
  newOffsetCommitResponseTopic,
  newOffsetDeleteRequest,
  newOffsetDeleteRequestPartition,
  newOffsetDeleteRequestTopic,
  newOffsetDeleteResponse,
  newOffsetDeleteResponsePartition,
  newOffsetDeleteResponseTopic,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopic,
  newOffsetFetchRequestTopics,
  newOffsetFetchResponse,
  newOffsetFetchResponseGroup,
  newOffsetFetchResponsePartition,
  newOffsetFetchResponsePartitions,
  newOffsetFetchResponseTopic,
  newOffsetFetchResponseTopics,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type OffsetFetchResponseGroup,
} from '@skarab/protocol';
import { planOffsetCommit } from './offset-commit-plan.ts';
import { planOffsetDelete } from './offset-delete-plan.ts';
import { offsetFetchGroups, offsetFetchResponse, planOffsetFetch } from './offset-fetch-plan.ts';
import type { TopicsView } from './topics-view.ts';

const ids = { open: 'AAAAAAAAAAAAAAAAAAAAAQ', secret: 'AAAAAAAAAAAAAAAAAAAAAg', gone: 'AAAAAAAAAAAAAAAAAAAAAw' };
const counts: Readonly<Record<string, number>> = { open: 2, secret: 2 };
const view: TopicsView = {
  topicId: (name) => (name in counts ? (ids[name as 'open'] ?? null) : null),
  topicName: (id) => Object.keys(counts).find((name) => ids[name as 'open'] === id) ?? null,
  partitionCount: (name) => counts[name] ?? null,
};
const allowed = (topic: string): boolean => topic !== 'secret';

function commitOf(...topics: [name: string, id: string, partitions: number[]][]): OffsetCommitRequest {
  return newOffsetCommitRequest({
    groupId: 'g',
    topics: topics.map(([name, topicId, partitions]) =>
      newOffsetCommitRequestTopic({
        name,
        topicId,
        partitions: partitions.map((partitionIndex) => newOffsetCommitRequestPartition({ partitionIndex })),
      }),
    ),
  });
}

function committed(...topics: [name: string, id: string, partitions: [number, ErrorCode][]][]): OffsetCommitResponse {
  return newOffsetCommitResponse({
    topics: topics.map(([name, topicId, partitions]) =>
      newOffsetCommitResponseTopic({
        name,
        topicId,
        partitions: partitions.map(([partitionIndex, errorCode]) =>
          newOffsetCommitResponsePartition({ partitionIndex, errorCode }),
        ),
      }),
    ),
  });
}

test('commits by name reach the coordinator with ids, without what is unknown or not allowed', () => {
  const request = commitOf(
    ['open', ZERO_UUID, [0, 2, -1]],
    ['secret', ZERO_UUID, [0]],
    ['gone', ZERO_UUID, [0]],
    ['open', ZERO_UUID, [1]],
  );
  const plan = planOffsetCommit(request, 9, view, allowed);
  assert.deepEqual(plan.forward, commitOf(['open', ids.open, [0]], ['open', ids.open, [1]]));
  const answer = committed(
    ['open', ids.open, [[0, ErrorCode.NONE]]],
    ['open', ids.open, [[1, ErrorCode.OFFSET_METADATA_TOO_LARGE]]],
  );
  assert.deepEqual(
    plan.finish(answer),
    committed(
      [
        'open',
        ids.open,
        [
          [2, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
          [-1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
          [0, ErrorCode.NONE],
          [1, ErrorCode.OFFSET_METADATA_TOO_LARGE],
        ],
      ],
      ['secret', ids.secret, [[0, ErrorCode.TOPIC_AUTHORIZATION_FAILED]]],
      ['gone', ZERO_UUID, [[0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]]],
    ),
  );
});

test('commits by id reach the coordinator with names', () => {
  const request = commitOf(['', ids.open, [0]], ['', ids.gone, [0, 1]], ['', ZERO_UUID, [3]]);
  const plan = planOffsetCommit(request, 10, view, allowed);
  assert.deepEqual(plan.forward, commitOf(['open', ids.open, [0]]));
  assert.deepEqual(
    plan.finish(committed(['open', ids.open, [[0, ErrorCode.NONE]]])),
    committed(
      [
        '',
        ids.gone,
        [
          [0, ErrorCode.UNKNOWN_TOPIC_ID],
          [1, ErrorCode.UNKNOWN_TOPIC_ID],
        ],
      ],
      ['', ZERO_UUID, [[3, ErrorCode.UNKNOWN_TOPIC_ID]]],
      ['open', ids.open, [[0, ErrorCode.NONE]]],
    ),
  );
});

test('a commit of which nothing is left does not reach the coordinator', () => {
  const plan = planOffsetCommit(commitOf(['secret', ZERO_UUID, [0]]), 8, view, allowed);
  assert.equal(plan.forward, null);
  assert.deepEqual(plan.finish(null), committed(['secret', ids.secret, [[0, ErrorCode.TOPIC_AUTHORIZATION_FAILED]]]));
});

test('deletions reach the coordinator without what is unknown or not allowed', () => {
  const topic = (name: string, ...partitions: number[]) =>
    newOffsetDeleteRequestTopic({
      name,
      partitions: partitions.map((partitionIndex) => newOffsetDeleteRequestPartition({ partitionIndex })),
    });
  const request = newOffsetDeleteRequest({
    groupId: 'g',
    topics: [topic('open', 0, 5), topic('secret', 0), topic('gone', 1)],
  });
  const plan = planOffsetDelete(request, view, allowed);
  assert.deepEqual(plan.forward, newOffsetDeleteRequest({ groupId: 'g', topics: [topic('open', 0)] }));
  const answerOf = (name: string, ...partitions: [number, ErrorCode][]) =>
    newOffsetDeleteResponseTopic({
      name,
      partitions: partitions.map(([partitionIndex, errorCode]) =>
        newOffsetDeleteResponsePartition({ partitionIndex, errorCode }),
      ),
    });
  assert.deepEqual(
    plan.finish(newOffsetDeleteResponse({ topics: [answerOf('open', [0, ErrorCode.NONE])] })),
    newOffsetDeleteResponse({
      topics: [
        answerOf('open', [5, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION], [0, ErrorCode.NONE]),
        answerOf('secret', [0, ErrorCode.TOPIC_AUTHORIZATION_FAILED]),
        answerOf('gone', [1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]),
      ],
    }),
  );
  const failed = newOffsetDeleteResponse({ errorCode: ErrorCode.GROUP_ID_NOT_FOUND });
  assert.deepEqual(planOffsetDelete(request, view, allowed).finish(failed), failed);
});

test('fetches of every version become groups, and groups a response of that version', () => {
  const topics = [newOffsetFetchRequestTopic({ name: 'open', partitionIndexes: [0] })];
  const asGroup = newOffsetFetchRequestGroup({
    groupId: 'g',
    topics: [newOffsetFetchRequestTopics({ name: 'open', partitionIndexes: [0] })],
  });
  assert.deepEqual(offsetFetchGroups(newOffsetFetchRequest({ groupId: 'g', topics }), 7), [asGroup]);
  const all = newOffsetFetchRequestGroup({ groupId: 'g', topics: null });
  assert.deepEqual(offsetFetchGroups(newOffsetFetchRequest({ groupId: 'g', topics: null }), 2), [all]);
  assert.deepEqual(offsetFetchGroups(newOffsetFetchRequest({ groups: [asGroup, all] }), 8), [asGroup, all]);

  const answer = { partitionIndex: 0, committedOffset: 7n, committedLeaderEpoch: 3, metadata: 'm', errorCode: 0 };
  const group = newOffsetFetchResponseGroup({
    groupId: 'g',
    topics: [newOffsetFetchResponseTopics({ name: 'open', partitions: [newOffsetFetchResponsePartitions(answer)] })],
  });
  assert.deepEqual(
    offsetFetchResponse([group], 7),
    newOffsetFetchResponse({
      topics: [newOffsetFetchResponseTopic({ name: 'open', partitions: [newOffsetFetchResponsePartition(answer)] })],
    }),
  );
  const failed = newOffsetFetchResponseGroup({ groupId: 'g', errorCode: ErrorCode.NOT_COORDINATOR });
  assert.deepEqual(offsetFetchResponse([failed], 7), newOffsetFetchResponse({ errorCode: ErrorCode.NOT_COORDINATOR }));
  assert.deepEqual(offsetFetchResponse([group, failed], 9), newOffsetFetchResponse({ groups: [group, failed] }));
});

function fetched(...topics: [name: string, id: string, error: ErrorCode][]): OffsetFetchResponseGroup {
  return newOffsetFetchResponseGroup({
    groupId: 'g',
    topics: topics.map(([name, topicId, errorCode]) =>
      newOffsetFetchResponseTopics({
        name,
        topicId,
        partitions: [
          newOffsetFetchResponsePartitions({
            partitionIndex: 0,
            committedOffset: errorCode === ErrorCode.NONE ? 5n : -1n,
            errorCode,
          }),
        ],
      }),
    ),
  });
}

test('a fetch of some topics leaves out what may not be described and what has no such id', () => {
  const asked = (name: string, topicId: string) =>
    newOffsetFetchRequestTopics({ name, topicId, partitionIndexes: [0] });
  const byId = newOffsetFetchRequestGroup({
    groupId: 'g',
    memberId: 'm',
    memberEpoch: 3,
    topics: [asked('', ids.gone), asked('', ids.secret), asked('', ids.open)],
  });
  const plan = planOffsetFetch(byId, 10, view, allowed);
  assert.deepEqual(plan.forward, { ...byId, topics: [asked('open', ids.open)] });
  assert.deepEqual(
    plan.finish(fetched(['open', ids.open, ErrorCode.NONE])),
    fetched(
      ['open', ids.open, ErrorCode.NONE],
      ['', ids.gone, ErrorCode.UNKNOWN_TOPIC_ID],
      ['secret', ids.secret, ErrorCode.TOPIC_AUTHORIZATION_FAILED],
    ),
  );
  const byName = newOffsetFetchRequestGroup({ groupId: 'g', topics: [asked('gone', ZERO_UUID)] });
  assert.deepEqual(planOffsetFetch(byName, 9, view, allowed).forward, byName);
  const failed = newOffsetFetchResponseGroup({ groupId: 'g', errorCode: ErrorCode.NOT_COORDINATOR });
  assert.deepEqual(plan.finish(failed), failed);
});

test('a fetch of all topics shows what may be described, by id only what has one', () => {
  const group = newOffsetFetchRequestGroup({ groupId: 'g', topics: null });
  const all = fetched(['open', ZERO_UUID, 0], ['secret', ZERO_UUID, 0], ['gone', ZERO_UUID, 0]);
  const byName = planOffsetFetch(group, 8, view, allowed);
  assert.deepEqual(
    [byName.forward, byName.finish(all)],
    [group, fetched(['open', ZERO_UUID, 0], ['gone', ZERO_UUID, 0])],
  );
  assert.deepEqual(planOffsetFetch(group, 10, view, allowed).finish(all), fetched(['open', ids.open, 0]));
});
