/**
 * Consumer groups (KIP-848): the life of a member, every error path of the heartbeat, descriptions, regular expressions, and one member of each protocol.
 */
import {
  ApiKey,
  type ConsumerGroupDescribeResponse,
  type ConsumerGroupDescribeResponseMember,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  type CreateTopicsResponse,
  encodeConsumerProtocolSubscription,
  type JoinGroupResponse,
  type MetadataResponse,
  newConsumerGroupDescribeRequest,
  newConsumerGroupHeartbeatRequest,
  newConsumerGroupHeartbeatRequestTopicPartitions,
  newConsumerProtocolSubscription,
  newCreatableTopic,
  newCreateTopicsRequest,
  newDeleteGroupsRequest,
  newDescribeGroupsRequest,
  newHeartbeatRequest,
  newIncrementalAlterConfigsRequest,
  newIncrementalAlterConfigsRequestAlterableConfig,
  newIncrementalAlterConfigsRequestAlterConfigsResource,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newListGroupsRequest,
  newMetadataRequest,
  newMetadataRequestTopic,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  newSyncGroupRequest,
  Writer,
} from '@skarab/protocol';
import type { Recorder, Versions } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';

const TOPIC = 'consumers-topic';
const GROUP = 'consumers';
const BOTH: Versions = [0, 1];

function beat(fields: Partial<ConsumerGroupHeartbeatRequest>) {
  const isJoining = (fields.memberEpoch ?? 0) === 0;
  const joining = { rebalanceTimeoutMs: 60_000, subscribedTopicNames: [TOPIC], topicPartitions: [] };
  return newConsumerGroupHeartbeatRequest({
    groupId: GROUP,
    memberId: 'first-member-0000000000',
    ...(isJoining ? joining : {}),
    ...fields,
  });
}

async function topicId(r: Recorder): Promise<string> {
  const topics = [newCreatableTopic({ name: TOPIC, numPartitions: 4, replicationFactor: 1 })];
  await r.prepare<CreateTopicsResponse>(
    ApiKey.CREATE_TOPICS,
    7,
    newCreateTopicsRequest({ topics, timeoutMs: 5000 }),
    () => true,
  );
  let id = '';
  const request = newMetadataRequest({ topics: [newMetadataRequestTopic({ name: TOPIC })] });
  await r.prepare<MetadataResponse>(ApiKey.METADATA, 12, request, ({ topics: found }) => {
    id = found[0]?.topicId ?? '';
    return found[0]?.errorCode === 0 && found[0].partitions.length === 4;
  });
  // The coordinator learns of topics a little later than others.
  const probe = beat({ groupId: 'consumers-probe' });
  await r.prepare<ConsumerGroupHeartbeatResponse>(ApiKey.CONSUMER_GROUP_HEARTBEAT, 1, probe, ({ assignment }) => {
    return assignment?.topicPartitions[0]?.partitions.length === 4;
  });
  return id;
}

async function invalid(r: Recorder): Promise<void> {
  const api = ApiKey.CONSUMER_GROUP_HEARTBEAT;
  await r.call('a heartbeat without a group', api, BOTH, beat({ groupId: '' }));
  await r.call('a heartbeat without a member', api, 1, beat({ memberId: ' ' }));
  await r.call('a heartbeat of a member that has no name', api, BOTH, beat({ memberId: '', memberEpoch: 1 }));
  await r.call('an empty instance id', api, BOTH, beat({ instanceId: '' }));
  await r.call('an empty rack', api, BOTH, beat({ rackId: '' }));
  await r.call('joining without a rebalance timeout', api, BOTH, beat({ rebalanceTimeoutMs: -1 }));
  await r.call('joining without partitions', api, BOTH, beat({ topicPartitions: null }));
  const owned = [newConsumerGroupHeartbeatRequestTopicPartitions({ partitions: [0] })];
  await r.call('joining with partitions', api, BOTH, beat({ topicPartitions: owned }));
  await r.call('joining without a subscription', api, BOTH, beat({ subscribedTopicNames: null }));
  await r.call('a wrong epoch', api, BOTH, beat({ memberEpoch: -3 }));
  await r.call('leaving for a while without an instance id', api, BOTH, beat({ memberEpoch: -2 }));
  await r.call('an assignor that is not there', api, BOTH, beat({ serverAssignor: 'best' }));
  await r.call('an expression that is none', api, 1, beat({ subscribedTopicRegex: '(' }));
  await r.call('a heartbeat to a group that is not there', api, BOTH, beat({ memberEpoch: 3 }));
  await r.call('leaving a group that is not there', api, BOTH, beat({ memberEpoch: -1 }));
}

async function life(r: Recorder, id: string): Promise<void> {
  const api = ApiKey.CONSUMER_GROUP_HEARTBEAT;
  await r.call<ConsumerGroupHeartbeatResponse>('joining', api, 1, beat({}));
  await r.call('joining again', api, BOTH, beat({}));
  await r.call('a heartbeat', api, BOTH, beat({ memberEpoch: 2 }));
  await r.call('an epoch of the future', api, BOTH, beat({ memberEpoch: 9 }));
  await r.call('an epoch of the past', api, BOTH, beat({ memberEpoch: 1 }));
  await r.call('another member', api, BOTH, beat({ memberEpoch: 2, memberId: 'unknown-member-00000000' }));
  const describe = newConsumerGroupDescribeRequest({ groupIds: ['', GROUP] });
  await r.call<ConsumerGroupDescribeResponse>('a description', ApiKey.CONSUMER_GROUP_DESCRIBE, BOTH, describe);
  await r.call(
    'a description with rights',
    ApiKey.CONSUMER_GROUP_DESCRIBE,
    1,
    newConsumerGroupDescribeRequest({ groupIds: [GROUP], includeAuthorizedOperations: true }),
  );
  await r.call('as a classic group', ApiKey.DESCRIBE_GROUPS, [5, 6], newDescribeGroupsRequest({ groups: [GROUP] }));
  await r.call(
    'in the list',
    ApiKey.LIST_GROUPS,
    5,
    newListGroupsRequest({ typesFilter: ['consumer'], statesFilter: ['Stable'] }),
  );
  await offsets(r, id);
  await r.call('deleting it', ApiKey.DELETE_GROUPS, 2, newDeleteGroupsRequest({ groupsNames: [GROUP] }));
  await r.call('leaving', api, BOTH, (version) =>
    beat({ memberEpoch: -1, memberId: version === 0 ? 'nobody' : 'first-member-0000000000' }),
  );
  await r.call(
    'a description of nobody',
    ApiKey.CONSUMER_GROUP_DESCRIBE,
    1,
    newConsumerGroupDescribeRequest({ groupIds: [GROUP] }),
  );
  await r.call('deleting what is empty', ApiKey.DELETE_GROUPS, 2, newDeleteGroupsRequest({ groupsNames: [GROUP] }));
}

async function offsets(r: Recorder, id: string): Promise<void> {
  const commit = (memberId: string, epoch: number) => (version: number) =>
    newOffsetCommitRequest({
      groupId: GROUP,
      memberId,
      generationIdOrMemberEpoch: epoch,
      topics: [
        newOffsetCommitRequestTopic({
          name: version < 10 ? TOPIC : '',
          topicId: version < 10 ? undefined : id,
          partitions: [newOffsetCommitRequestPartition({ committedOffset: 1n })],
        } as object),
      ],
    });
  const member = 'first-member-0000000000';
  await r.call('committing in its epoch', ApiKey.OFFSET_COMMIT, [9, 10], commit(member, 2));
  await r.call('committing in an old epoch', ApiKey.OFFSET_COMMIT, [9, 10], commit(member, 1));
  await r.call('committing in a future epoch', ApiKey.OFFSET_COMMIT, [9, 10], commit(member, 7));
  await r.call('committing as an old client', ApiKey.OFFSET_COMMIT, 8, commit(member, 2));
  await r.call('committing as nobody', ApiKey.OFFSET_COMMIT, [9, 10], commit('', -1));
  const fetch = (memberEpoch: number) =>
    newOffsetFetchRequest({
      groups: [
        newOffsetFetchRequestGroup({
          groupId: GROUP,
          memberId: member,
          memberEpoch,
          topics: [newOffsetFetchRequestTopics({ name: TOPIC, partitionIndexes: [0] })],
        }),
      ],
    });
  await r.call('fetching in its epoch', ApiKey.OFFSET_FETCH, 9, fetch(2));
  await r.call('fetching in an old epoch', ApiKey.OFFSET_FETCH, 9, fetch(1));
}

async function staticMember(r: Recorder): Promise<void> {
  const groupId = 'consumers-static';
  const api = ApiKey.CONSUMER_GROUP_HEARTBEAT;
  const one = { groupId, instanceId: 'one' };
  const first = 'static-member-00000001';
  const second = 'static-member-00000002';
  await r.call('a static member joins', api, 1, beat({ ...one, memberId: first }));
  await r.call('another one of its name', api, 1, beat({ ...one, memberId: second }));
  await r.call('it leaves for a while', api, 1, beat({ ...one, memberId: first, memberEpoch: -2 }));
  await r.call('another one takes its place', api, 1, beat({ ...one, memberId: second }));
  await r.call('the first is fenced', api, 1, beat({ ...one, memberId: first, memberEpoch: 2 }));
  await r.call('the second leaves', api, 1, beat({ ...one, memberId: second, memberEpoch: -1 }));
}

async function regex(r: Recorder): Promise<void> {
  const member = { groupId: 'consumers-regex', memberId: 'regex-member-000000001' };
  const api = ApiKey.CONSUMER_GROUP_HEARTBEAT;
  const join = beat({ ...member, subscribedTopicNames: null, subscribedTopicRegex: 'consumers-t.*' });
  await r.call('joining with an expression', api, 1, join, {
    until: ({ assignment }: ConsumerGroupHeartbeatResponse) => (assignment?.topicPartitions.length ?? 0) > 0,
  });
  await r.call(
    'its description',
    ApiKey.CONSUMER_GROUP_DESCRIBE,
    1,
    newConsumerGroupDescribeRequest({ groupIds: [member.groupId] }),
  );
}

async function ownConfig(r: Recorder): Promise<void> {
  const groupId = 'consumers-configured';
  const alter = (name: string, value: string) =>
    newIncrementalAlterConfigsRequest({
      resources: [
        newIncrementalAlterConfigsRequestAlterConfigsResource({
          resourceType: 32,
          resourceName: groupId,
          configs: [newIncrementalAlterConfigsRequestAlterableConfig({ name, value, configOperation: 0 })],
        }),
      ],
    });
  const api = ApiKey.INCREMENTAL_ALTER_CONFIGS;
  await r.call('too long a heartbeat interval', api, 1, alter('consumer.heartbeat.interval.ms', '60000'));
  await r.call('a heartbeat interval of its own', api, 1, alter('consumer.heartbeat.interval.ms', '6000'));
  await r.call('its members learn it', ApiKey.CONSUMER_GROUP_HEARTBEAT, 1, beat({ groupId }), {
    until: ({ heartbeatIntervalMs }: ConsumerGroupHeartbeatResponse) => heartbeatIntervalMs === 6000,
  });
}

/** Members come in the order of a Java hash table; here those with more topics come first. */
function membersByAssignment(response: ConsumerGroupDescribeResponse): unknown {
  const size = ({ assignment }: ConsumerGroupDescribeResponseMember): number => assignment.topicPartitions.length;
  const sorted = response.groups.map((group) => ({
    ...group,
    members: group.members.toSorted((a, b) => size(b) - size(a)),
  }));
  return { ...response, groups: sorted };
}

async function bothProtocols(r: Recorder): Promise<void> {
  const groupId = 'consumers-both';
  await r.call('a member of the new protocol', ApiKey.CONSUMER_GROUP_HEARTBEAT, 1, beat({ groupId }));
  const writer = new Writer();
  writer.int16(1);
  encodeConsumerProtocolSubscription(writer, newConsumerProtocolSubscription({ topics: [TOPIC] }), 1);
  const protocols = [newJoinGroupRequestProtocol({ name: 'range', metadata: writer.toBytes() })];
  const join = (memberId: string) =>
    newJoinGroupRequest({
      groupId,
      memberId,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: 'consumer',
      protocols,
    });
  const { memberId } = await r.call<JoinGroupResponse>('a classic member asks', ApiKey.JOIN_GROUP, 9, join(''));
  const { generationId } = await r.call<JoinGroupResponse>(
    'a classic member joins',
    ApiKey.JOIN_GROUP,
    9,
    join(memberId),
  );
  const identity = { groupId, memberId, generationId };
  await r.call(
    'it syncs',
    ApiKey.SYNC_GROUP,
    5,
    newSyncGroupRequest({ ...identity, protocolType: 'consumer', protocolName: 'range' }),
  );
  await r.call(
    'it syncs another protocol',
    ApiKey.SYNC_GROUP,
    5,
    newSyncGroupRequest({ ...identity, protocolType: 'consumer', protocolName: 'sticky' }),
  );
  await r.call('its heartbeat', ApiKey.HEARTBEAT, 4, newHeartbeatRequest({ ...identity, generationId: 9 }));
  const describe = newConsumerGroupDescribeRequest({ groupIds: [groupId] });
  await r.call('both', ApiKey.CONSUMER_GROUP_DESCRIBE, BOTH, describe, { show: membersByAssignment });
  await r.call('the new one leaves', ApiKey.CONSUMER_GROUP_HEARTBEAT, 1, beat({ groupId, memberEpoch: -1 }));
  await r.call('a classic group is left', ApiKey.DESCRIBE_GROUPS, 6, newDescribeGroupsRequest({ groups: [groupId] }));
}

export const consumerGroupsScript: Script = {
  name: 'consumer-groups',
  run: async (r) => {
    const id = await topicId(r);
    await invalid(r);
    await life(r, id);
    await staticMember(r);
    await regex(r);
    await bothProtocols(r);
    await ownConfig(r);
  },
};
