/**
 * Share groups (APIs 76, 77, 90–92): members' lives, how far a group has come, and where it is set to begin.
 */
import {
  ApiKey,
  type DescribeShareGroupOffsetsResponse,
  ErrorCode,
  type FindCoordinatorResponse,
  newAlterShareGroupOffsetsRequest,
  newDeleteGroupsRequest,
  newDeleteShareGroupOffsetsRequest,
  newDescribeShareGroupOffsetsRequest,
  newFindCoordinatorRequest,
  newListGroupsRequest,
  newShareGroupDescribeRequest,
  newShareGroupHeartbeatRequest,
  type ShareGroupDescribeResponse,
  type ShareGroupHeartbeatResponse,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { batch, makeTopic, produce } from './messages.ts';

const GROUP = 'share-g';
const TOPIC = 'share-g-topic';
const ANNA = 'anna-anna-anna-anna-an';
const BERT = 'bert-bert-bert-bert-be';

const beat = (fields: object) =>
  newShareGroupHeartbeatRequest({ groupId: GROUP, memberId: ANNA, subscribedTopicNames: null, ...fields });
const hasAll = (count: number) => (response: ShareGroupHeartbeatResponse) =>
  response.assignment?.topicPartitions.reduce((sum, { partitions }) => sum + partitions.length, 0) === count;
/** Who has which of the partitions is up to a hash table. */
const withoutAssignment = ({ assignment: _, ...response }: ShareGroupHeartbeatResponse) => response;
const sorted = ({ groups, ...response }: ShareGroupDescribeResponse) => ({
  ...response,
  groups: groups.map(({ members, ...group }) => ({
    ...group,
    members: members
      .toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1))
      .map(({ assignment: _, ...member }) => member),
  })),
});
const describe = (...groupIds: string[]) => newShareGroupDescribeRequest({ groupIds });
const offsets = (groupId: string, topics: { topicName: string; partitions: number[] }[] | null) =>
  newDescribeShareGroupOffsetsRequest({ groups: [{ groupId, topics }] });

async function refusedHeartbeats(r: Recorder): Promise<void> {
  const api = ApiKey.SHARE_GROUP_HEARTBEAT;
  const refused: readonly (readonly [string, object])[] = [
    ['a heartbeat without a member id', { memberId: '' }],
    ['a heartbeat without a group', { groupId: '' }],
    ['a heartbeat from an empty rack', { rackId: '' }],
    ['a first heartbeat without topics', { memberEpoch: 0 }],
    ['a first heartbeat with no topics', { memberEpoch: 0, subscribedTopicNames: [] }],
    ['a heartbeat with an invalid epoch', { memberEpoch: -2 }],
    ['a heartbeat in a group that is not there', { memberEpoch: 1 }],
    ['leaving a group that is not there', { memberEpoch: -1 }],
  ];
  for (const [title, fields] of refused) await r.call(title, api, 1, beat(fields));
}

async function members(r: Recorder): Promise<void> {
  const api = ApiKey.SHARE_GROUP_HEARTBEAT;
  const subscribedTopicNames = [TOPIC];
  await r.call('a member joins', api, 1, beat({ memberEpoch: 0, subscribedTopicNames }), {
    until: ({ errorCode }: ShareGroupHeartbeatResponse) => errorCode === 0,
  });
  await r.call('it joins until it has partitions', api, 1, beat({ memberEpoch: 0, subscribedTopicNames }), {
    until: hasAll(2),
  });
  await r.call('it beats', api, 1, beat({ memberEpoch: 2 }));
  await r.call('it beats with an old epoch', api, 1, beat({ memberEpoch: 1 }));
  await r.call('it beats with an epoch to come', api, 1, beat({ memberEpoch: 9 }));
  await r.call('it beats with its topics', api, 1, beat({ memberEpoch: 2, subscribedTopicNames }));
  await r.call('a stranger beats', api, 1, beat({ memberId: BERT, memberEpoch: 2 }));
  await r.call('the group with one member', ApiKey.SHARE_GROUP_DESCRIBE, 1, describe(GROUP));
  await r.call('another member joins', api, 1, beat({ memberId: BERT, memberEpoch: 0, subscribedTopicNames }), {
    until: hasAll(1),
    show: withoutAssignment,
  });
  await r.call('the first has less', api, 1, beat({ memberEpoch: 2, subscribedTopicNames }), {
    until: hasAll(1),
    show: withoutAssignment,
  });
  await r.call('the group with two members', ApiKey.SHARE_GROUP_DESCRIBE, 1, describe(GROUP), { show: sorted });
  await r.call('groups that are not there', ApiKey.SHARE_GROUP_DESCRIBE, 1, describe('', 'share-g-none'));
  await r.call('groups by type', ApiKey.LIST_GROUPS, 5, newListGroupsRequest({ typesFilter: ['share'] }));
}

async function offsetsWithMembers(r: Recorder): Promise<void> {
  const alter = newAlterShareGroupOffsetsRequest({
    groupId: GROUP,
    topics: [{ topicName: TOPIC, partitions: [{ partitionIndex: 0, startOffset: 1n }] }],
  });
  const forget = newDeleteShareGroupOffsetsRequest({ groupId: GROUP, topics: [{ topicName: TOPIC }] });
  await r.call('offsets of all', ApiKey.DESCRIBE_SHARE_GROUP_OFFSETS, [0, 1], offsets(GROUP, null));
  await r.call('offsets of a group with members altered', ApiKey.ALTER_SHARE_GROUP_OFFSETS, 0, alter);
  await r.call('offsets of a group with members deleted', ApiKey.DELETE_SHARE_GROUP_OFFSETS, 0, forget);
  await r.call(
    'a group with members deleted',
    ApiKey.DELETE_GROUPS,
    2,
    newDeleteGroupsRequest({ groupsNames: [GROUP] }),
  );
}

async function leaving(r: Recorder): Promise<void> {
  const api = ApiKey.SHARE_GROUP_HEARTBEAT;
  await r.call('the second leaves', api, 1, beat({ memberId: BERT, memberEpoch: -1 }));
  await r.call('the second leaves again', api, 1, beat({ memberId: BERT, memberEpoch: -1 }));
  await r.call('the first leaves', api, 1, beat({ memberEpoch: -1 }));
  await r.call('the group without members', ApiKey.SHARE_GROUP_DESCRIBE, 1, describe(GROUP));
}

async function administration(r: Recorder): Promise<void> {
  const alter = (groupId: string, topicName: string, partitions: [number, bigint][]) =>
    newAlterShareGroupOffsetsRequest({
      groupId,
      topics: [
        { topicName, partitions: partitions.map(([partitionIndex, startOffset]) => ({ partitionIndex, startOffset })) },
      ],
    });
  const forget = (groupId: string, ...names: string[]) =>
    newDeleteShareGroupOffsetsRequest({ groupId, topics: names.map((topicName) => ({ topicName })) });
  const [describing, altering, deleting] = [
    ApiKey.DESCRIBE_SHARE_GROUP_OFFSETS,
    ApiKey.ALTER_SHARE_GROUP_OFFSETS,
    ApiKey.DELETE_SHARE_GROUP_OFFSETS,
  ];
  const begins = (startOffset: bigint) => ({
    until: ({ groups }: DescribeShareGroupOffsetsResponse) =>
      groups[0]?.topics[0]?.partitions[0]?.startOffset === startOffset,
  });
  const first = offsets(GROUP, [{ topicName: TOPIC, partitions: [0] }]);
  await r.call(
    'offsets altered',
    altering,
    0,
    alter(GROUP, TOPIC, [
      [0, 2n],
      [7, 1n],
    ]),
  );
  await r.call('offsets after that', describing, 1, first, begins(2n));
  await r.call('offsets of an unknown topic altered', altering, 0, alter(GROUP, 'share-g-no', [[0, 2n]]));
  await r.call('offsets of no group altered', altering, 0, alter('', TOPIC, [[0, 2n]]));
  await r.call(
    'offsets of a topic that is not there',
    describing,
    1,
    offsets(GROUP, [{ topicName: 'share-g-no', partitions: [0] }]),
  );
  await r.call('offsets deleted', deleting, 0, forget(GROUP, TOPIC));
  await r.call('offsets after their deletion', describing, 1, first);
  await r.call('all offsets after their deletion', describing, 1, offsets(GROUP, null));
  await r.call('offsets deleted again', deleting, 0, forget(GROUP, TOPIC));
  await r.call('offsets of an unknown topic deleted', deleting, 0, forget(GROUP, 'share-g-no'));
  await r.call('offsets of no group deleted', deleting, 0, forget('', TOPIC));
  await r.call('offsets of a group that is not there deleted', deleting, 0, forget('share-g-none', TOPIC));
  await r.call('offsets of a group that is not there', describing, 1, offsets('share-g-none', null));
  await r.call('offsets of a new group altered', altering, 0, alter('share-g-new', TOPIC, [[1, 1n]]));
  await r.call('the new group', ApiKey.SHARE_GROUP_DESCRIBE, 1, describe('share-g-new'));
  for (const groupId of [GROUP, 'share-g-new']) {
    await r.call(`${groupId} deleted`, ApiKey.DELETE_GROUPS, 2, newDeleteGroupsRequest({ groupsNames: [groupId] }));
    await r.call(`${groupId} after that`, ApiKey.SHARE_GROUP_DESCRIBE, 1, describe(groupId));
  }
}

export const shareGroupsScript: Script = {
  name: 'share-groups',
  run: async (r) => {
    const topicId = await makeTopic(r, TOPIC, { partitions: 2 });
    await r.prepare<FindCoordinatorResponse>(
      ApiKey.FIND_COORDINATOR,
      6,
      newFindCoordinatorRequest({ keyType: 2, coordinatorKeys: [`${GROUP}:${topicId}:0`] }),
      ({ coordinators }) => coordinators[0]?.errorCode === 0,
    );
    await r.prepare<FindCoordinatorResponse>(
      ApiKey.FIND_COORDINATOR,
      6,
      newFindCoordinatorRequest({ keyType: 0, coordinatorKeys: [GROUP] }),
      ({ coordinators }) => coordinators[0]?.errorCode === 0,
    );
    await r.prepare<ShareGroupDescribeResponse>(
      ApiKey.SHARE_GROUP_DESCRIBE,
      1,
      describe(GROUP),
      ({ groups }) => groups[0]?.errorCode === ErrorCode.GROUP_ID_NOT_FOUND,
    );
    await r.prepare(ApiKey.PRODUCE, 9, produce({ topic: TOPIC, records: batch(['a', 'b', 'c']) }));
    await refusedHeartbeats(r);
    await members(r);
    await offsetsWithMembers(r);
    await leaving(r);
    await administration(r);
  },
};
