/**
 * Classic groups: FindCoordinator, one member's life, every error path on the way; commits and fetches are in group-offsets.ts.
 */
import {
  ApiKey,
  type DescribeGroupsResponse,
  type FindCoordinatorResponse,
  type JoinGroupResponse,
  type ListGroupsResponse,
  newDeleteGroupsRequest,
  newDescribeGroupsRequest,
  newFindCoordinatorRequest,
  newHeartbeatRequest,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newLeaveGroupRequest,
  newListGroupsRequest,
  newMemberIdentity,
  newOffsetDeleteRequest,
  newOffsetDeleteRequestPartition,
  newOffsetDeleteRequestTopic,
  newSyncGroupRequest,
  newSyncGroupRequestAssignment,
} from '@skarab/protocol';
import type { Recorder, Versions } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { commits, fetches, GROUP } from './group-offsets.ts';

async function findCoordinator(r: Recorder): Promise<void> {
  const api = ApiKey.FIND_COORDINATOR;
  const one = (key: string, keyType: number) => newFindCoordinatorRequest({ key, keyType });
  const many = (keyType: number, ...coordinatorKeys: string[]) =>
    newFindCoordinatorRequest({ keyType, coordinatorKeys });
  await r.prepare<FindCoordinatorResponse>(
    api,
    4,
    many(0, 'groups-a'),
    ({ coordinators }) => coordinators[0]?.errorCode === 0,
  );
  await r.call('a coordinator', api, [0, 3], one('groups-a', 0));
  await r.call('coordinators', api, [4, 6], many(0, 'groups-a', 'groups-b'));
  await r.call('coordinators of none', api, 4, many(0));
  await r.call('the coordinator of no name', api, [3, 4], (version) => (version < 4 ? one('', 0) : many(0, '')));
  await r.call('an unknown type of coordinator', api, [1, 6], (version) => (version < 4 ? one('x', 9) : many(9, 'x')));
  await r.call('a share coordinator before v6', api, [4, 5], many(2, 'groups-a:AAAAAAAAAAAAAAAAAAAAAQ:0'));
}

interface Join {
  readonly groupId?: string;
  readonly memberId?: string;
  readonly groupInstanceId?: string | null;
  readonly sessionTimeoutMs?: number;
  readonly protocolType?: string;
  readonly protocols?: readonly string[];
}

function join(fields: Join = {}) {
  const { protocols = ['range'], ...rest } = fields;
  return newJoinGroupRequest({
    groupId: GROUP,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 60_000,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    ...rest,
    protocols: protocols.map((name) => newJoinGroupRequestProtocol({ name, metadata: Buffer.from('meta') })),
  });
}

async function joinErrors(r: Recorder): Promise<void> {
  const api = ApiKey.JOIN_GROUP;
  await r.call('join without a group', api, [0, 9], join({ groupId: '' }));
  await r.call('join with too short a session', api, [5, 9], join({ sessionTimeoutMs: 10 }));
  await r.call('join with too long a session', api, 9, join({ sessionTimeoutMs: 10_000_000 }));
  await r.call('join without protocols', api, 9, join({ protocols: [] }));
  await r.call('join without a protocol type', api, 9, join({ protocolType: '' }));
  await r.call(
    'join a group that is not there, as a member',
    api,
    9,
    join({ groupId: 'groups-none', memberId: 'who' }),
  );
  await r.call('join: the member id is given first', api, [4, 9], join({ groupId: 'groups-ids' }));
}

/** One member joins, syncs, lives and leaves. */
async function life(r: Recorder): Promise<{ memberId: string; generationId: number }> {
  const api = ApiKey.JOIN_GROUP;
  const first = await r.call<JoinGroupResponse>('the first join', api, 9, join());
  const { memberId } = first;
  const joined = await r.call<JoinGroupResponse>('the join with the member id', api, 9, join({ memberId }));
  const { generationId } = joined;
  await r.call('a join with another protocol type', api, 9, join({ protocolType: 'connect' }));
  await r.call('a join with no common protocol', api, 9, join({ protocols: ['sticky'] }));
  await r.call('a join of an unknown member', api, 9, join({ memberId: 'who' }));
  const beat = (title: string, fields: object, versions: Versions = 4): Promise<unknown> =>
    r.call(
      title,
      ApiKey.HEARTBEAT,
      versions,
      newHeartbeatRequest({ groupId: GROUP, generationId, memberId, groupInstanceId: null, ...fields }),
    );
  await beat('a heartbeat before the sync', {});
  const sync = (title: string, fields: object = {}, versions: Versions = 5): Promise<unknown> =>
    r.call(
      title,
      ApiKey.SYNC_GROUP,
      versions,
      newSyncGroupRequest({
        groupId: GROUP,
        generationId,
        memberId,
        groupInstanceId: null,
        protocolType: 'consumer',
        protocolName: 'range',
        assignments: [newSyncGroupRequestAssignment({ memberId, assignment: Buffer.from('mine') })],
        ...fields,
      }),
    );
  await sync('a sync of another generation', { generationId: 77 });
  await sync('a sync of an unknown member', { memberId: 'who' });
  await sync('a sync of another protocol', { protocolName: 'sticky' });
  await sync('a sync of another protocol type', { protocolType: 'connect' });
  await sync('a sync of another group', { groupId: 'groups-none' });
  await sync('a sync of no group', { groupId: '' });
  await sync('the sync');
  await sync('the sync at every version', {}, [0, 4]);
  await beat('a heartbeat', {}, [0, 4]);
  await beat('a heartbeat of another generation', { generationId: 77 });
  await beat('a heartbeat of an unknown member', { memberId: 'who' });
  await beat('a heartbeat of another group', { groupId: 'groups-none' });
  await beat('a heartbeat of no group', { groupId: '' });
  await beat('a heartbeat of an unknown instance', { groupInstanceId: 'static' });
  return { memberId, generationId };
}

async function describe(r: Recorder): Promise<void> {
  const api = ApiKey.DESCRIBE_GROUPS;
  await r.call('a group', api, [0, 6], newDescribeGroupsRequest({ groups: [GROUP] }));
  await r.call(
    'a group with operations',
    api,
    6,
    newDescribeGroupsRequest({ groups: [GROUP], includeAuthorizedOperations: true }),
    {
      show: ({ groups }: DescribeGroupsResponse) => groups.map(({ authorizedOperations }) => authorizedOperations),
    },
  );
  await r.call('a group that is not', api, [4, 6], newDescribeGroupsRequest({ groups: ['groups-nobody'] }));
  await r.call('a group of offsets only', api, 6, newDescribeGroupsRequest({ groups: ['groups-simple'] }));
  await r.call('a group without a name', api, 6, newDescribeGroupsRequest({ groups: [''] }));
  const list = ApiKey.LIST_GROUPS;
  const mine = ({ groups, ...rest }: ListGroupsResponse): unknown => ({
    ...rest,
    groups: groups
      .filter(({ groupId }) => groupId.startsWith('groups-'))
      .sort((a, b) => (a.groupId < b.groupId ? -1 : 1)),
  });
  await r.call('list groups', list, [0, 5], newListGroupsRequest(), { show: mine });
  for (const state of ['Stable', 'stable', 'Empty', 'Dead', 'Nonsense']) {
    await r.call(`list groups that are ${state}`, list, 5, newListGroupsRequest({ statesFilter: [state] }), {
      show: mine,
    });
  }
  for (const type of ['classic', 'Classic', 'consumer', 'nonsense']) {
    await r.call(`list groups of type ${type}`, list, 5, newListGroupsRequest({ typesFilter: [type] }), { show: mine });
  }
}

async function endings(r: Recorder, { memberId }: { memberId: string }): Promise<void> {
  const remove = (name: string, topic = 'groups-topic', partitionIndex = 0) =>
    r.call(
      name,
      ApiKey.OFFSET_DELETE,
      0,
      newOffsetDeleteRequest({
        groupId: name.includes('not') ? 'groups-nobody' : name.includes('no name') ? '' : GROUP,
        topics: [
          newOffsetDeleteRequestTopic({
            name: topic,
            partitions: [newOffsetDeleteRequestPartition({ partitionIndex })],
          }),
        ],
      }),
    );
  await remove('delete an offset of a group that lives');
  await remove('delete an offset of a group that is not');
  await remove('delete an offset of a group of no name');
  const drop = (title: string, ...groupsNames: string[]): Promise<unknown> =>
    r.call(title, ApiKey.DELETE_GROUPS, [0, 2], newDeleteGroupsRequest({ groupsNames }));
  await drop('delete a group that lives', GROUP);
  await drop('delete a group that is not', 'groups-nobody');
  await drop('delete a group without a name', '');
  const leave = (title: string, version: Versions, fields: object): Promise<unknown> =>
    r.call(title, ApiKey.LEAVE_GROUP, version, newLeaveGroupRequest({ groupId: GROUP, ...fields }));
  await leave('an unknown member leaves', [3, 5], {
    members: [newMemberIdentity({ memberId: 'who', groupInstanceId: null })],
  });
  await leave('an unknown instance leaves', 5, {
    members: [newMemberIdentity({ memberId: '', groupInstanceId: 'static' })],
  });
  await leave('an unknown member leaves, older versions', [0, 2], { memberId: 'who' });
  await leave('somebody leaves a group that is not', 5, {
    groupId: 'groups-nobody',
    members: [newMemberIdentity({ memberId: 'who', groupInstanceId: null })],
  });
  await leave('somebody leaves a group without a name', 5, {
    groupId: '',
    members: [newMemberIdentity({ memberId: 'who', groupInstanceId: null })],
  });
  await leave('the member leaves', 5, { members: [newMemberIdentity({ memberId, groupInstanceId: null })] });
  await leave('the member leaves again', 5, { members: [newMemberIdentity({ memberId, groupInstanceId: null })] });
  await r.call('the group it left', ApiKey.DESCRIBE_GROUPS, 6, newDescribeGroupsRequest({ groups: [GROUP] }));
  await remove('delete an offset of an empty group');
  await remove('delete an offset of an unknown topic', 'groups-none');
  await remove('delete an offset of an unknown partition', 'groups-topic', 77);
  await drop('delete a group');
  await r.call(
    'delete an empty group',
    ApiKey.DELETE_GROUPS,
    2,
    newDeleteGroupsRequest({ groupsNames: [GROUP, GROUP, 'groups-simple'] }),
    {
      show: ({ results }: { results: { groupId: string }[] }) =>
        [...results].sort((a, b) => (a.groupId < b.groupId ? -1 : 1)),
    },
  );
}

/** A static member comes back under its name. */
async function staticMember(r: Recorder): Promise<void> {
  const groupId = 'groups-static';
  const joinStatic = (title: string, memberId = '') =>
    r.call<JoinGroupResponse>(title, ApiKey.JOIN_GROUP, 9, join({ groupId, memberId, groupInstanceId: 'one' }));
  const { memberId, generationId } = await joinStatic('a static member joins');
  await r.call(
    'a static member syncs',
    ApiKey.SYNC_GROUP,
    5,
    newSyncGroupRequest({
      groupId,
      generationId,
      memberId,
      groupInstanceId: 'one',
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: [newSyncGroupRequestAssignment({ memberId, assignment: Buffer.from('mine') })],
    }),
  );
  const second = await joinStatic('a static member comes back');
  await r.call(
    'its old id is fenced',
    ApiKey.HEARTBEAT,
    4,
    newHeartbeatRequest({ groupId, generationId, memberId, groupInstanceId: 'one' }),
  );
  await r.call(
    'its new id is not',
    ApiKey.HEARTBEAT,
    4,
    newHeartbeatRequest({ groupId, generationId, memberId: second.memberId, groupInstanceId: 'one' }),
  );
  await joinStatic('its old id joins', memberId);
  await r.call(
    'a static member leaves by its name',
    ApiKey.LEAVE_GROUP,
    5,
    newLeaveGroupRequest({ groupId, members: [newMemberIdentity({ memberId: '', groupInstanceId: 'one' })] }),
  );
}

export const groupsScript: Script = {
  name: 'groups',
  run: async (r) => {
    await findCoordinator(r);
    await joinErrors(r);
    const member = await life(r);
    await commits(r, member);
    await fetches(r);
    await describe(r);
    await endings(r, member);
    await staticMember(r);
  },
};
