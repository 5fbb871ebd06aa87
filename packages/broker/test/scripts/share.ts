/**
 * What share groups persist (APIs 83–87), and what their members fetch and acknowledge (78, 79), without a group coordinator: the state of the
 * partitions is made by hand.
 */
import {
  ApiKey,
  type FindCoordinatorResponse,
  newAcknowledgePartition,
  newAcknowledgeTopic,
  newDeleteShareGroupStateRequest,
  newFindCoordinatorRequest,
  newInitializeShareGroupStateRequest,
  newReadShareGroupStateRequest,
  newReadShareGroupStateSummaryRequest,
  newShareAcknowledgeRequest,
  newShareFetchRequest,
  newShareFetchRequestFetchPartition,
  newShareFetchRequestFetchTopic,
  newShareFetchRequestForgottenTopic,
  newWriteShareGroupStateRequest,
  type ReadShareGroupStateSummaryResponse,
  type ShareFetchResponse,
  type WriteShareGroupStateRequestStateBatch,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { batch, makeTopic, produce } from './messages.ts';

const UNKNOWN_ID = 'dW5rbm93bi10b3BpYy1pZA';
const GROUP = 'share-a';

/** One partition's request of any of the state APIs. */
const of = <P extends object>(topicId: string, partition: P, groupId = GROUP) => ({
  groupId,
  topics: [{ topicId, partitions: [partition] }],
});

async function coordinator(r: Recorder, topicId: string): Promise<void> {
  const api = ApiKey.FIND_COORDINATOR;
  const find = (key: string) => newFindCoordinatorRequest({ keyType: 2, coordinatorKeys: [key] });
  await r.prepare<FindCoordinatorResponse>(
    api,
    6,
    find(`${GROUP}:${topicId}:0`),
    ({ coordinators }) => coordinators[0]?.errorCode === 0,
  );
  await r.call('the coordinator of a share partition', api, [4, 6], find('g:AAAAAAAAAAAAAAAAAAAAAQ:0'));
  await r.call(
    'the coordinator of a share partition, key in the old place',
    api,
    [1, 3],
    newFindCoordinatorRequest({ keyType: 2, key: 'g:AAAAAAAAAAAAAAAAAAAAAQ:0' }),
  );
  for (const key of [
    '',
    'g',
    'g:AAAAAAAAAAAAAAAAAAAAAQ',
    'g:AAAAAAAAAAAAAAAAAAAAAQ:x',
    'g:no:0',
    ':AAAAAAAAAAAAAAAAAAAAAQ:0',
  ])
    await r.call(`the coordinator of '${key}'`, api, 6, find(key));
}

async function states(r: Recorder, topicId: string): Promise<void> {
  const read = (partition = 0, leaderEpoch = -1, id = topicId) =>
    newReadShareGroupStateRequest(of(id, { partition, leaderEpoch }));
  const summary = (partition = 0, id = topicId) =>
    newReadShareGroupStateSummaryRequest(of(id, { partition, leaderEpoch: -1 }));
  const initialize = (partition = 0, stateEpoch = 1, startOffset = -1n, id = topicId) =>
    newInitializeShareGroupStateRequest(of(id, { partition, stateEpoch, startOffset }));
  const write = (fields: object, stateBatches: WriteShareGroupStateRequestStateBatch[] = []) =>
    newWriteShareGroupStateRequest(
      of(topicId, {
        partition: 0,
        stateEpoch: 1,
        leaderEpoch: 0,
        startOffset: -1n,
        deliveryCompleteCount: 0,
        stateBatches,
        ...fields,
      }),
    );
  const stateBatch = (firstOffset: bigint, lastOffset: bigint, deliveryState: number, deliveryCount: number) => ({
    firstOffset,
    lastOffset,
    deliveryState,
    deliveryCount,
  });
  await r.prepare<ReadShareGroupStateSummaryResponse>(
    ApiKey.READ_SHARE_GROUP_STATE_SUMMARY,
    0,
    summary(),
    ({ results }) => results[0]?.partitions[0]?.errorCode === 0,
  );
  await r.call('a summary of nothing', ApiKey.READ_SHARE_GROUP_STATE_SUMMARY, [0, 1], summary());
  await r.call('a read of nothing', ApiKey.READ_SHARE_GROUP_STATE, 0, read());
  await r.call('a write to nothing', ApiKey.WRITE_SHARE_GROUP_STATE, [0, 1], write({}));
  await r.call(
    'a deletion of nothing',
    ApiKey.DELETE_SHARE_GROUP_STATE,
    0,
    newDeleteShareGroupStateRequest(of(topicId, { partition: 0 })),
  );
  await r.call('a first state', ApiKey.INITIALIZE_SHARE_GROUP_STATE, 0, initialize());
  await r.call(
    'a first state of an unknown topic',
    ApiKey.INITIALIZE_SHARE_GROUP_STATE,
    0,
    initialize(0, 1, -1n, UNKNOWN_ID),
  );
  await r.call('a first state of an unknown partition', ApiKey.INITIALIZE_SHARE_GROUP_STATE, 0, initialize(7));
  await r.call('a first state of a negative partition', ApiKey.INITIALIZE_SHARE_GROUP_STATE, 0, initialize(-1));
  await r.call('a first state in an older epoch', ApiKey.INITIALIZE_SHARE_GROUP_STATE, 0, initialize(0, 0));
  await r.call('a read by a leader', ApiKey.READ_SHARE_GROUP_STATE, 0, read(0, 3));
  await r.call('a read by an older leader', ApiKey.READ_SHARE_GROUP_STATE, 0, read(0, 2));
  await r.call('a write by an older leader', ApiKey.WRITE_SHARE_GROUP_STATE, [0, 1], write({ leaderEpoch: 2 }));
  await r.call(
    'a write in an older state epoch',
    ApiKey.WRITE_SHARE_GROUP_STATE,
    [0, 1],
    write({ leaderEpoch: 3, stateEpoch: 0 }),
  );
  await r.call(
    'a write',
    ApiKey.WRITE_SHARE_GROUP_STATE,
    1,
    write({ leaderEpoch: 3, startOffset: 5n, deliveryCompleteCount: 4 }, [
      stateBatch(5n, 9n, 2, 1),
      stateBatch(8n, 12n, 0, 2),
    ]),
  );
  await r.call('what was written', ApiKey.READ_SHARE_GROUP_STATE, 0, read());
  await r.call('what was written, in short', ApiKey.READ_SHARE_GROUP_STATE_SUMMARY, [0, 1], summary());
  await r.call(
    'a write that says less',
    ApiKey.WRITE_SHARE_GROUP_STATE,
    0,
    write({ leaderEpoch: 3 }, [stateBatch(6n, 6n, 4, 1)]),
  );
  await r.call('what was written then', ApiKey.READ_SHARE_GROUP_STATE, 0, read());
  await r.call('a state anew', ApiKey.INITIALIZE_SHARE_GROUP_STATE, 0, initialize(0, 2, 100n));
  await r.call('a state anew, read', ApiKey.READ_SHARE_GROUP_STATE, 0, read());
  await r.call('a state anew, in short', ApiKey.READ_SHARE_GROUP_STATE_SUMMARY, 1, summary());
  await r.call(
    'a deletion',
    ApiKey.DELETE_SHARE_GROUP_STATE,
    0,
    newDeleteShareGroupStateRequest(of(topicId, { partition: 0 })),
  );
  await r.call('what is deleted', ApiKey.READ_SHARE_GROUP_STATE, 0, read());
  await r.call(
    'a read of no group',
    ApiKey.READ_SHARE_GROUP_STATE,
    0,
    newReadShareGroupStateRequest(of(topicId, { partition: 0, leaderEpoch: -1 }, '')),
  );
  await r.call(
    'a write of no partitions',
    ApiKey.WRITE_SHARE_GROUP_STATE,
    1,
    newWriteShareGroupStateRequest({ groupId: GROUP, topics: [{ topicId, partitions: [] }] }),
  );
  await r.call(
    'a first state of no partitions',
    ApiKey.INITIALIZE_SHARE_GROUP_STATE,
    0,
    newInitializeShareGroupStateRequest({ groupId: GROUP, topics: [{ topicId, partitions: [] }] }),
  );
}

const MEMBER = 'AAAAAAAAAAAAAAAAAAAAAA';

interface Wish {
  readonly epoch: number;
  readonly partitions?: readonly number[];
  readonly acknowledge?: readonly (readonly [bigint, bigint, readonly number[]])[];
  readonly fields?: object;
}

function fetchOf(topicId: string, { epoch, partitions = [0], acknowledge = [], fields = {} }: Wish) {
  const acknowledgementBatches = acknowledge.map(([firstOffset, lastOffset, types]) => ({
    firstOffset,
    lastOffset,
    acknowledgeTypes: [...types],
  }));
  return newShareFetchRequest({
    groupId: GROUP,
    memberId: MEMBER,
    shareSessionEpoch: epoch,
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 1 << 20,
    maxRecords: 500,
    batchSize: 500,
    topics:
      partitions.length === 0
        ? []
        : [
            newShareFetchRequestFetchTopic({
              topicId,
              partitions: partitions.map((partitionIndex) =>
                newShareFetchRequestFetchPartition({ partitionIndex, acknowledgementBatches }),
              ),
            }),
          ],
    ...fields,
  });
}

async function fetches(r: Recorder, topicId: string): Promise<void> {
  const api = ApiKey.SHARE_FETCH;
  const initialize = newInitializeShareGroupStateRequest(of(topicId, { partition: 0, stateEpoch: 1, startOffset: 0n }));
  await r.prepare(ApiKey.INITIALIZE_SHARE_GROUP_STATE, 0, initialize);
  for (const values of [
    ['a', 'b', 'c', 'd'],
    ['e', 'f', 'g', 'h', 'i', 'j'],
  ])
    await r.prepare(ApiKey.PRODUCE, 9, produce({ topic: 'share-topic', records: batch(values) }));
  const renew = { isRenewAck: true, maxBytes: 0, minBytes: 0, maxRecords: 0, maxWaitMs: 0 };
  await r.call('a fetch without a session', api, [1, 2], fetchOf(topicId, { epoch: 5 }));
  await r.call('the end of no session', api, 2, fetchOf(topicId, { epoch: -1 }));
  await r.call(
    'a first fetch with acknowledgements',
    api,
    2,
    fetchOf(topicId, { epoch: 0, acknowledge: [[0n, 0n, [1]]] }),
  );
  await r.call('a fetch by nobody', api, 2, fetchOf(topicId, { epoch: 0, fields: { memberId: '' } }));
  await r.call('a fetch by a long name', api, 2, fetchOf(topicId, { epoch: 0, fields: { memberId: 'x'.repeat(37) } }));
  await r.call('a fetch of no group', api, 2, fetchOf(topicId, { epoch: 0, fields: { groupId: null } }));
  await r.prepare<ShareFetchResponse>(
    api,
    2,
    fetchOf(topicId, { epoch: 0, fields: { maxRecords: 2, shareAcquireMode: 1, maxWaitMs: 2000 } }),
    ({ responses }) => (responses[0]?.partitions[0]?.acquiredRecords.length ?? 0) > 0,
  );
  await r.call(
    'more records, no more than one',
    api,
    2,
    fetchOf(topicId, { epoch: 1, fields: { maxRecords: 1, shareAcquireMode: 1 } }),
  );
  await r.call(
    'the rest, along the batches',
    api,
    2,
    fetchOf(topicId, { epoch: 2, partitions: [], fields: { maxRecords: 3 } }),
  );
  await r.call('all that is left', api, 2, fetchOf(topicId, { epoch: 3, partitions: [] }));
  await r.call('nothing is left', api, 2, fetchOf(topicId, { epoch: 4, partitions: [] }));
  await r.call('an old epoch', api, 2, fetchOf(topicId, { epoch: 4, partitions: [] }));
  await r.call(
    'acknowledgements of all kinds, and what is given back',
    api,
    2,
    fetchOf(topicId, { epoch: 5, acknowledge: [[0n, 3n, [1, 2, 3, 1]]], fields: { maxWaitMs: 2000 } }),
  );
  await r.call('nothing is left again', api, 2, fetchOf(topicId, { epoch: 6, partitions: [] }));
  await r.call('acknowledged twice', api, 2, fetchOf(topicId, { epoch: 7, acknowledge: [[0n, 0n, [1]]] }));
  await r.call('acknowledged beyond the end', api, 2, fetchOf(topicId, { epoch: 8, acknowledge: [[9n, 12n, [1]]] }));
  await r.call('acknowledged upside down', api, 2, fetchOf(topicId, { epoch: 9, acknowledge: [[5n, 4n, [1]]] }));
  await r.call(
    'acknowledged in too many ways',
    api,
    2,
    fetchOf(topicId, { epoch: 10, acknowledge: [[4n, 5n, [1, 1, 1]]] }),
  );
  await r.call('acknowledged in an unknown way', api, 2, fetchOf(topicId, { epoch: 11, acknowledge: [[4n, 5n, [9]]] }));
  await r.call('renewed without a word', api, 2, fetchOf(topicId, { epoch: 12, acknowledge: [[4n, 5n, [4]]] }));
  await r.call(
    'renewed with a wish for records',
    api,
    2,
    fetchOf(topicId, { epoch: 13, fields: { isRenewAck: true } }),
  );
  await r.call('renewed', api, 2, fetchOf(topicId, { epoch: 13, acknowledge: [[4n, 5n, [4]]], fields: renew }));
  await r.call('an unknown topic', api, 2, fetchOf(UNKNOWN_ID, { epoch: 14 }));
  await r.call(
    'an unknown topic, forgotten',
    api,
    2,
    fetchOf(topicId, {
      epoch: 15,
      partitions: [],
      fields: { forgottenTopicsData: [newShareFetchRequestForgottenTopic({ topicId: UNKNOWN_ID, partitions: [0] })] },
    }),
  );
  await r.call('an unknown partition', api, 2, fetchOf(topicId, { epoch: 16, partitions: [44] }));
  await r.call(
    'a partition without a state',
    api,
    2,
    fetchOf(topicId, { epoch: 17, partitions: [1], fields: { maxWaitMs: 1500 } }),
    {
      show: ({ errorCode }: ShareFetchResponse) => ({ errorCode }),
    },
  );
}

async function acknowledgements(r: Recorder, topicId: string): Promise<void> {
  const api = ApiKey.SHARE_ACKNOWLEDGE;
  const acknowledge = (
    epoch: number,
    first: bigint,
    last: bigint,
    types: number[],
    fields: object = {},
    id = topicId,
  ) =>
    newShareAcknowledgeRequest({
      groupId: GROUP,
      memberId: MEMBER,
      shareSessionEpoch: epoch,
      topics: [
        newAcknowledgeTopic({
          topicId: id,
          partitions: [
            newAcknowledgePartition({
              partitionIndex: 0,
              acknowledgementBatches: [{ firstOffset: first, lastOffset: last, acknowledgeTypes: types }],
            }),
          ],
        }),
      ],
      ...fields,
    });
  await r.call('acknowledged at the beginning', api, [1, 2], acknowledge(0, 4n, 4n, [1]));
  await r.call('acknowledged in another epoch', api, [1, 2], acknowledge(99, 4n, 4n, [1]));
  await r.call('acknowledged by a stranger', api, [1, 2], acknowledge(18, 4n, 4n, [1], { memberId: 'who' }));
  await r.call('acknowledged by itself', api, 2, acknowledge(18, 4n, 4n, [1]));
  await r.call('acknowledged of an unknown topic', api, 2, acknowledge(19, 4n, 4n, [1], {}, UNKNOWN_ID));
  await r.call('renewed by itself', api, 2, acknowledge(20, 5n, 6n, [4], { isRenewAck: true }));
  await r.call('acknowledged in the older version', api, 1, acknowledge(21, 5n, 6n, [1]));
  await r.call('renewed in the older version', api, 1, acknowledge(22, 7n, 7n, [4]));
  await r.call('acknowledged at the end', api, 2, acknowledge(-1, 7n, 8n, [1]));
  await r.call('acknowledged after the end', api, 2, acknowledge(-1, 7n, 8n, [1]));
}

/** What became of all that: the state as it is persisted. */
async function outcome(r: Recorder, topicId: string): Promise<void> {
  await r.call(
    'how far the group has come',
    ApiKey.READ_SHARE_GROUP_STATE,
    0,
    newReadShareGroupStateRequest(of(topicId, { partition: 0, leaderEpoch: -1 })),
    {
      // What the end of the session gave back is written a moment later.
      until: ({ results }: { results: { partitions: { stateBatches: unknown[] }[] }[] }) =>
        results[0]?.partitions[0]?.stateBatches.length === 4,
    },
  );
  await r.call(
    'records that came back',
    ApiKey.SHARE_FETCH,
    2,
    fetchOf(topicId, { epoch: 0, fields: { maxWaitMs: 2000 } }),
    {
      until: ({ responses }: ShareFetchResponse) => (responses[0]?.partitions[0]?.acquiredRecords.length ?? 0) > 0,
    },
  );
}

export const shareScript: Script = {
  name: 'share',
  differences: [
    {
      title: 'an unknown topic',
      reason:
        'the JVM fails for want of a name to authorize, after it has taken the topic into the session; KIP-932 has UNKNOWN_TOPIC_ID',
      ours: `ShareFetch v2: {
  throttleTimeMs: 0
  errorCode: 0
  errorMessage: null
  acquisitionLockTimeoutMs: 30000
  responses: [
    {
      topicId: <topic 2>
      partitions: [
        {
          partitionIndex: 0
          errorCode: 100
          errorMessage: null
          acknowledgeErrorCode: 0
          acknowledgeErrorMessage: null
          currentLeader: { leaderId: 0, leaderEpoch: 0 }
          records: []
          acquiredRecords: []
        }
      ]
    }
  ]
  nodeEndpoints: []
}`,
    },
  ],
  run: async (r) => {
    const topicId = await makeTopic(r, 'share-topic', { partitions: 2 });
    await coordinator(r, topicId);
    await states(r, topicId);
    await fetches(r, topicId);
    await acknowledgements(r, topicId);
    await outcome(r, topicId);
  },
};
