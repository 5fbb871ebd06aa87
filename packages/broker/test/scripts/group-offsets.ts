/**
 * OffsetCommit v2–v10 and OffsetFetch v1–v10 of a classic group with one member; part of the groups script.
 */
import {
  ApiKey,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopic,
  newOffsetFetchRequestTopics,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import { makeTopic } from './messages.ts';

const UNKNOWN_ID = 'dW5rbm93bi10b3BpYy1pZA';

/** The group with a member. */
export const GROUP = 'groups-a';

function commit(
  fields: object,
  partitions: readonly (readonly [number, number, string | null])[] = [[0, 5, 'meta']],
  topic: object = { name: 'groups-topic' },
) {
  return newOffsetCommitRequest({
    groupId: GROUP,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null,
    ...fields,
    topics: [
      newOffsetCommitRequestTopic({
        ...topic,
        partitions: partitions.map(([partitionIndex, committedOffset, committedMetadata]) =>
          newOffsetCommitRequestPartition({
            partitionIndex,
            committedOffset: BigInt(committedOffset),
            committedMetadata,
          }),
        ),
      }),
    ],
  });
}

/** Commits by the member, and by those who may not. */
export async function commits(
  r: Recorder,
  { memberId, generationId }: { memberId: string; generationId: number },
): Promise<void> {
  const topicId = await makeTopic(r, 'groups-topic', { partitions: 3 });
  const api = ApiKey.OFFSET_COMMIT;
  const member = { memberId, generationIdOrMemberEpoch: generationId };
  const topicOf = (version: number): object => (version >= 10 ? { topicId } : { name: 'groups-topic' });
  await r.call('a commit', api, [2, 10], (version) =>
    commit(
      member,
      [
        [0, 5, 'meta'],
        [1, 6, null],
      ],
      topicOf(version),
    ),
  );
  await r.call('a commit of an unknown topic', api, 9, commit(member, [[0, 5, '']], { name: 'groups-none' }));
  await r.call('a commit of an unknown topic id', api, 10, commit(member, [[0, 5, '']], { topicId: UNKNOWN_ID }));
  await r.call('a commit of an unknown partition', api, 9, commit(member, [[44, 5, '']]));
  await r.call('a commit of a negative offset', api, 9, commit(member, [[0, -1, '']]));
  await r.call(
    'a commit with too much metadata',
    api,
    9,
    commit(member, [
      [0, 5, 'x'.repeat(5000)],
      [1, 7, 'fine'],
    ]),
  );
  await r.call('a commit of another generation', api, 9, commit({ ...member, generationIdOrMemberEpoch: 88 }));
  await r.call('a commit of an unknown member', api, 9, commit({ ...member, memberId: 'who' }));
  await r.call('a commit by nobody to a group that lives', api, 9, commit({}));
  await r.call('a commit of an unknown instance', api, 9, commit({ ...member, groupInstanceId: 'static' }));
  await r.call('a commit of no group', api, 9, commit({ groupId: '' }));
  await r.call('a commit by a member to a group that is not', api, 9, commit({ ...member, groupId: 'groups-nobody' }));
  await r.call('a commit by nobody to a group that is not', api, 9, commit({ groupId: 'groups-simple' }));
}

/** Committed offsets, by partition and all, of groups that are and that are not. */
export async function fetches(r: Recorder): Promise<void> {
  const topicId = await makeTopic(r, 'groups-topic', { partitions: 3 });
  const api = ApiKey.OFFSET_FETCH;
  const old = (groupId: string, topics: readonly (readonly [string, number[]])[] | null) =>
    newOffsetFetchRequest({
      groupId,
      topics: topics?.map(([name, partitionIndexes]) => newOffsetFetchRequestTopic({ name, partitionIndexes })) ?? null,
    });
  const groups = (
    names: readonly string[],
    topic: { name?: string; topicId?: string } | null,
    partitionIndexes = [0, 1, 2],
    member: object = {},
  ) =>
    newOffsetFetchRequest({
      groups: names.map((groupId) =>
        newOffsetFetchRequestGroup({
          groupId,
          memberId: null,
          memberEpoch: -1,
          ...member,
          topics: topic === null ? null : [newOffsetFetchRequestTopics({ ...topic, partitionIndexes })],
        }),
      ),
    });
  await r.call('offsets of some partitions', api, [1, 7], old(GROUP, [['groups-topic', [0, 1, 2]]]));
  await r.call('offsets of all', api, [2, 7], old(GROUP, null));
  await r.call('offsets of an unknown topic', api, 7, old(GROUP, [['groups-none', [0]]]));
  await r.call('offsets of a group that is not', api, 7, old('groups-nobody', [['groups-topic', [0]]]));
  await r.call('offsets of a group that is not, all', api, 7, old('groups-nobody', null));
  await r.call('offsets of no group', api, 7, old('', null));
  const topicOf = (version: number) => (version >= 10 ? { topicId } : { name: 'groups-topic' });
  await r.call('offsets of groups', api, [8, 10], (version) =>
    groups([GROUP, 'groups-simple', 'groups-nobody'], topicOf(version)),
  );
  await r.call('all offsets of groups', api, [8, 10], groups([GROUP, 'groups-simple', 'groups-nobody'], null));
  await r.call('offsets of an unknown topic id', api, 10, groups([GROUP], { topicId: UNKNOWN_ID }));
  await r.call(
    'offsets for a member that is none',
    api,
    9,
    groups([GROUP], { name: 'groups-topic' }, [0], { memberId: 'who', memberEpoch: 3 }),
  );
  await r.call('offsets of no groups', api, 9, groups([], null));
}
