/**
 * ListOffsets v1–v11, DeleteRecords, OffsetForLeaderEpoch.
 */
import {
  ApiKey,
  newDeleteRecordsPartition,
  newDeleteRecordsRequest,
  newDeleteRecordsTopic,
  newListOffsetsPartition,
  newListOffsetsRequest,
  newListOffsetsTopic,
  newOffsetForLeaderEpochRequest,
  newOffsetForLeaderPartition,
  newOffsetForLeaderTopic,
} from '@skarab/protocol';
import { T0 } from '../transcript/normalise.ts';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { batch, fetch, makeTopic, produce } from './messages.ts';

const topic = 'offsets-a';

async function append(
  r: Recorder,
  name: string,
  values: readonly string[],
  compression: 'none' | 'gzip' = 'none',
): Promise<void> {
  await r.prepare(ApiKey.PRODUCE, 12, produce({ topic: name, records: batch(values, { compression }) }));
}

interface ListAt {
  readonly name?: string;
  readonly partitionIndex?: number;
  readonly currentLeaderEpoch?: number;
  readonly isolationLevel?: number;
  readonly replicaId?: number;
}

function list(timestamp: number, at: ListAt = {}) {
  const { name = topic, partitionIndex = 0, currentLeaderEpoch = -1, isolationLevel = 0, replicaId = -1 } = at;
  return newListOffsetsRequest({
    replicaId,
    isolationLevel,
    topics: [
      newListOffsetsTopic({
        name,
        partitions: [newListOffsetsPartition({ partitionIndex, currentLeaderEpoch, timestamp: BigInt(timestamp) })],
      }),
    ],
  });
}

async function listOffsets(r: Recorder): Promise<void> {
  await makeTopic(r, topic);
  await makeTopic(r, 'offsets-empty');
  await append(r, topic, ['0', '1', '2']);
  await append(r, topic, ['3', '4'], 'gzip');
  const api = ApiKey.LIST_OFFSETS;
  const special = {
    latest: -1,
    earliest: -2,
    'max timestamp': -3,
    'earliest local': -4,
    'latest tiered': -5,
    'earliest pending upload': -6,
    'no such special': -7,
  };
  for (const [what, timestamp] of Object.entries(special)) {
    await r.call(what, api, [1, 11], list(timestamp));
    await r.call(`${what} of an empty log`, api, 11, list(timestamp, { name: 'offsets-empty' }));
  }
  await r.call('by the time of the first record', api, [1, 11], list(T0));
  await r.call('by a time before all', api, 11, list(T0 - 1));
  await r.call('by a time within a batch', api, 11, list(T0 + 2));
  await r.call('by a time behind all', api, [1, 11], list(T0 + 500));
  await r.call('by a time of an empty log', api, 11, list(T0, { name: 'offsets-empty' }));
  await r.call('time zero', api, 11, list(0));
  await r.call('latest, read committed', api, [2, 11], list(-1, { isolationLevel: 1 }));
  await r.call('by time, read committed', api, 11, list(T0, { isolationLevel: 1 }));
  await r.call('unknown topic', api, [1, 11], list(-1, { name: 'offsets-none' }));
  await r.call('unknown partition', api, 11, list(-1, { partitionIndex: 5 }));
  await r.call('bad topic name', api, 11, list(-1, { name: 'offsets/none' }));
  await r.call('the current epoch', api, 11, list(-1, { currentLeaderEpoch: 0 }));
  await r.call('an epoch to come', api, [4, 11], list(-1, { currentLeaderEpoch: 9 }));
  await r.call('as the debugging consumer', api, 11, list(-1, { replicaId: -2 }));
  await r.call('as a replica', api, 11, list(-1, { replicaId: 5 }));
  const twice = list(-1);
  twice.topics[0]?.partitions.push(newListOffsetsPartition({ partitionIndex: 0, timestamp: -2n }));
  await r.call('the same partition twice', api, [1, 11], twice);
}

async function deleteRecords(r: Recorder): Promise<void> {
  const api = ApiKey.DELETE_RECORDS;
  const remove = (offset: number, name = topic, partitionIndex = 0) =>
    newDeleteRecordsRequest({
      timeoutMs: 3_000,
      topics: [
        newDeleteRecordsTopic({
          name,
          partitions: [newDeleteRecordsPartition({ partitionIndex, offset: BigInt(offset) })],
        }),
      ],
    });
  await r.call('delete up to 1', api, [0, 2], remove(1));
  await r.call('delete up to an earlier offset', api, 2, remove(0));
  await r.call('delete beyond the high watermark', api, 2, remove(9));
  await r.call('delete up to a negative offset', api, 2, remove(-5));
  await r.call('delete in an unknown topic', api, 2, remove(1, 'offsets-none'));
  await r.call('delete in an unknown partition', api, 2, remove(1, topic, 5));
  await r.call('delete in a bad topic name', api, 2, remove(1, 'offsets/none'));
  await r.call('delete in an internal topic', api, 2, remove(0, '__consumer_offsets'));
  await makeTopic(r, 'offsets-compact', { configs: { 'cleanup.policy': 'compact' } });
  await r.call('delete in a compacted topic', api, 2, remove(0, 'offsets-compact'));
  await r.call('earliest after the deletion', ApiKey.LIST_OFFSETS, 11, list(-2));
  await r.call('fetch below the start', ApiKey.FETCH, 12, fetch({ topic, offset: 0 }));
  await r.call('fetch at the start, within a batch', ApiKey.FETCH, 12, fetch({ topic, offset: 1 }));
  await r.call('delete all', api, 2, remove(-1));
  await r.call('earliest after deleting all', ApiKey.LIST_OFFSETS, 11, list(-2));
  await r.call('fetch of nothing', ApiKey.FETCH, 12, fetch({ topic, offset: 5 }));
  await append(r, topic, ['5']);
  await r.call('fetch after deleting and writing', ApiKey.FETCH, 12, fetch({ topic, offset: 5 }));
  await r.call('by time after deleting', ApiKey.LIST_OFFSETS, 11, list(T0));
  await r.call('max timestamp after deleting', ApiKey.LIST_OFFSETS, 11, list(-3));
}

async function leaderEpochs(r: Recorder): Promise<void> {
  const api = ApiKey.OFFSET_FOR_LEADER_EPOCH;
  const ask = (leaderEpoch: number, currentLeaderEpoch = -1, name = topic, partition = 0) =>
    newOffsetForLeaderEpochRequest({
      replicaId: -1,
      topics: [
        newOffsetForLeaderTopic({
          topic: name,
          partitions: [newOffsetForLeaderPartition({ partition, leaderEpoch, currentLeaderEpoch })],
        }),
      ],
    });
  await r.call('end of epoch 0', api, 4, ask(0));
  await r.call('end of epoch 0, older versions', api, [2, 3], ask(0));
  await r.call('end of an epoch to come', api, 4, ask(7));
  await r.call('end of a negative epoch', api, 4, ask(-1));
  await r.call('end of an epoch, current epoch right', api, 4, ask(0, 0));
  await r.call('end of an epoch, current epoch wrong', api, 4, ask(0, 3));
  await r.call('end of an epoch, unknown topic', api, 4, ask(0, -1, 'offsets-none'));
  await r.call('end of an epoch, unknown partition', api, 4, ask(0, -1, topic, 6));
  await r.call('end of an epoch, empty log', api, 4, ask(0, -1, 'offsets-empty'));
}

export const offsetsScript: Script = {
  name: 'offsets',
  run: async (r) => {
    await listOffsets(r);
    await deleteRecords(r);
    await leaderEpochs(r);
  },
};
