/**
 * Produce v3–v13: acks, where to, what a batch may be, what a topic demands of it, timestamps, compression.
 */
import {
  ApiKey,
  type FetchResponse,
  newFindCoordinatorRequest,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import { buildBatch, compressionTypes, RecordBatch } from '@skarab/records';
import { T0 } from '../transcript/normalise.ts';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { batch, byVersion, fetch, makeTopic, produce } from './messages.ts';

const api = ApiKey.PRODUCE;
const UNKNOWN_ID = 'dW5rbm93bi10b3BpYy1pZA';
const MAGIC_POSITION = 16;
const RECORD_COUNT_POSITION = 57;
const LAST_OFFSET_DELTA_POSITION = 23;
const BATCH_LENGTH_POSITION = 8;

/** A good batch with something done to its bytes; the CRC is made right again unless told otherwise. */
function spoiled(change: (bytes: Buffer) => void, fixCrc = true): Uint8Array {
  const bytes = Buffer.from(batch(['a', 'b']));
  change(bytes);
  if (fixCrc) new RecordBatch(bytes).stampCrc();
  return bytes;
}

/** What a topic holds now. */
async function showLog(r: Recorder, title: string, topic: string): Promise<void> {
  await r.call<FetchResponse>(title, ApiKey.FETCH, 12, fetch({ topic }), {
    show: ({ responses }) => responses.map(({ partitions }) => partitions),
  });
}

async function everyVersion(r: Recorder): Promise<void> {
  const topicId = await makeTopic(r, 'produce-a');
  await r.call('acks=-1 at every version', api, [3, 13], (version) =>
    produce({ ...byVersion(version, 'produce-a', topicId), records: batch([`v${version}`]) }),
  );
  await r.call('acks=1', api, 12, produce({ topic: 'produce-a', records: batch(['one']), acks: 1 }));
  await r.call('acks=2', api, [3, 12], produce({ topic: 'produce-a', records: batch(['two']), acks: 2 }));
  await r.call('acks=-2', api, 12, produce({ topic: 'produce-a', records: batch(['minus two']), acks: -2 }));
  const main = await r.client();
  main.tell(api, 12, produce({ topic: 'produce-a', records: batch(['zero']), acks: 0 }));
  await showLog(r, 'what is in the log, with what acks=0 sent', 'produce-a');
  main.tell(api, 12, produce({ topic: 'produce-none', records: batch(['zero']), acks: 0 }));
  r.note('acks=0 to an unknown topic closes the connection', await main.closesWithin(3_000));
}

async function destinations(r: Recorder): Promise<void> {
  const send = (title: string, version: number, to: Parameters<typeof produce>[0]): Promise<unknown> =>
    r.call(title, api, version, produce(to));
  await send('an unknown topic', 12, { topic: 'produce-none', records: batch(['a']) });
  await send('an unknown topic id', 13, { topicId: UNKNOWN_ID, records: batch(['a']) });
  await send('the zero topic id', 13, { records: batch(['a']) });
  await send('an unknown partition', 12, { topic: 'produce-a', partition: 7, records: batch(['a']) });
  await send('a negative partition', 12, { topic: 'produce-a', partition: -1, records: batch(['a']) });
  await send('a bad topic name', 12, { topic: 'produce/a', records: batch(['a']) });
  await send('an empty topic name', 12, { topic: '', records: batch(['a']) });
  await r.prepare<{ coordinators: { errorCode: number }[] }>(
    ApiKey.FIND_COORDINATOR,
    4,
    newFindCoordinatorRequest({ coordinatorKeys: ['produce'] }),
    ({ coordinators }) => coordinators[0]?.errorCode === 0,
  );
  await send('an internal topic', 12, { topic: '__consumer_offsets', records: batch(['a']) });
  const data = (name: string, index: number): ReturnType<typeof newTopicProduceData> =>
    newTopicProduceData({ name, partitionData: [newPartitionProduceData({ index, records: batch(['multi']) })] });
  await makeTopic(r, 'produce-multi', { partitions: 2 });
  const many = [data('produce-multi', 1), data('produce-none', 0), data('produce-multi', 0)];
  const several = newProduceRequest({ acks: -1, timeoutMs: 5000, topicData: many });
  await r.call<ProduceResponse>('several topics, one unknown', api, 12, several, { show: sorted });
  await r.call('no topics at all', api, 12, newProduceRequest({ acks: -1, timeoutMs: 5000 }));
  await makeTopic(r, 'produce-isr', { configs: { 'min.insync.replicas': '2' } });
  await send('too few in-sync replicas, acks=-1', 12, { topic: 'produce-isr', records: batch(['a']) });
  await send('too few in-sync replicas, acks=1', 12, { topic: 'produce-isr', records: batch(['a']), acks: 1 });
}

/** Kafka answers in the order of a hash map. */
const sorted = ({ responses }: ProduceResponse): unknown =>
  responses
    .flatMap(({ name, partitionResponses }) => partitionResponses.map((partition) => ({ name, ...partition })))
    .sort((a, b) => (a.name === b.name ? a.index - b.index : a.name < b.name ? -1 : 1));

async function batches(r: Recorder): Promise<void> {
  const topicId = await makeTopic(r, 'produce-b');
  const send = (title: string, records: Uint8Array | null, version = 12): Promise<unknown> =>
    r.call(title, api, version, produce({ ...byVersion(version, 'produce-b', topicId), records }));
  for (const magic of [0, 1, 3]) {
    await send(
      `magic ${magic}`,
      spoiled((bytes) => bytes.writeInt8(magic, MAGIC_POSITION), false),
    );
  }
  await send('two batches', Buffer.concat([batch(['a']), batch(['b'])]));
  // The JVM forgets the connection.
  await r.call('no records field', api, 12, produce({ topic: 'produce-b', records: null }), { timeoutMs: 700 });
  await send('an empty records field', Buffer.alloc(0));
  await send(
    'a wrong checksum',
    spoiled((bytes) => bytes.writeInt32BE(1, 17), false),
  );
  await send(
    'a wrong checksum, v3',
    spoiled((bytes) => bytes.writeInt32BE(1, 17), false),
    3,
  );
  await send(
    'a wrong checksum, v13',
    spoiled((bytes) => bytes.writeInt32BE(1, 17), false),
    13,
  );
  await send('half a batch', batch(['a', 'b']).subarray(0, 70));
  await send('a batch and half another', Buffer.concat([batch(['a']), batch(['b']).subarray(0, 40)]));
  await send('garbage', Buffer.from('this is not a batch of records, not at all, and it is long enough for one'));
  await send(
    'a batch length too small',
    spoiled((bytes) => bytes.writeInt32BE(10, BATCH_LENGTH_POSITION), false),
  );
  await send(
    'a negative batch length',
    spoiled((bytes) => bytes.writeInt32BE(-1, BATCH_LENGTH_POSITION), false),
  );
  await send(
    'a record count too high',
    spoiled((bytes) => bytes.writeInt32BE(3, RECORD_COUNT_POSITION)),
  );
  await send(
    'a record count too low',
    spoiled((bytes) => bytes.writeInt32BE(1, RECORD_COUNT_POSITION)),
  );
  await send(
    'a last offset delta that does not fit',
    spoiled((bytes) => bytes.writeInt32BE(9, LAST_OFFSET_DELTA_POSITION)),
  );
  await send('no records in the batch', buildBatch({ records: [] }));
  await send(
    'a control batch',
    buildBatch({ isControlBatch: true, producerId: 1, producerEpoch: 0, records: [record('x')] }),
  );
  await send('a transactional batch', buildBatch({ ...idempotent, isTransactional: true, records: [record('x')] }));
  await send('a base offset', batch(['offset 77'], { baseOffset: 77 }));
  await send('a leader epoch', batch(['epoch 9'], { partitionLeaderEpoch: 9 }));
  await send(
    'a header',
    buildBatch({ records: [{ ...record('headers'), headers: [{ key: 'h', value: Buffer.from('1') }] }] }),
  );
  await send('null key and value', buildBatch({ records: [{ timestamp: T0, key: null, value: null }] }));
  await showLog(r, 'what is in the log', 'produce-b');
}

const record = (value: string) => ({ timestamp: T0, key: Buffer.from('k'), value: Buffer.from(value) });

const idempotent = { producerId: 1, producerEpoch: 0, baseSequence: 0 };

async function topicDemands(r: Recorder): Promise<void> {
  await makeTopic(r, 'produce-small', { configs: { 'max.message.bytes': '200' } });
  const large = batch(['x'.repeat(200)]);
  await r.call('too large a batch', api, [9, 12], produce({ topic: 'produce-small', records: large }));
  await r.call('a batch that is small enough', api, 12, produce({ topic: 'produce-small', records: batch(['x']) }));
  await makeTopic(r, 'produce-compact', { configs: { 'cleanup.policy': 'compact' } });
  const keyless = batch(['a', 'b'], { key: null });
  await r.call('no key in a compacted topic', api, [3, 12], produce({ topic: 'produce-compact', records: keyless }));
  await makeTopic(r, 'produce-append-time', { configs: { 'message.timestamp.type': 'LogAppendTime' } });
  const stamped = (compression: 'none' | 'gzip') =>
    produce({ topic: 'produce-append-time', records: batch(['a', 'b'], { compression }) });
  await r.call('log append time', api, [3, 12], stamped('none'));
  await r.call('log append time, compressed', api, 12, stamped('gzip'));
  await r.call<FetchResponse>(
    'log append time, fetched',
    ApiKey.FETCH,
    12,
    fetch({ topic: 'produce-append-time', offset: 18 }),
    {
      show: ({ responses }) => responses,
    },
  );
}

async function timestamps(r: Recorder): Promise<void> {
  await makeTopic(r, 'produce-time', {
    configs: { 'message.timestamp.before.max.ms': '3600000', 'message.timestamp.after.max.ms': '3600000' },
  });
  const at = (...times: number[]): Uint8Array =>
    buildBatch({ records: times.map((timestamp) => ({ ...record('t'), timestamp })) });
  const send = (title: string, ...times: number[]): Promise<unknown> =>
    r.call(title, api, 12, produce({ topic: 'produce-time', records: at(...times) }));
  const now = Date.now();
  await send('timestamps within bounds', now - 60_000, now + 60_000);
  await send('too old', now, now - 90_000_000, now - 90_000_001);
  await send('too new', now, now + 90_000_000);
  await send('negative', -1);
  await makeTopic(r, 'produce-time-2');
  const negative = produce({ topic: 'produce-time-2', records: at(-1) });
  await r.call('no timestamp, no bounds', api, 12, negative);
  await r.call('too new by default', api, 12, produce({ topic: 'produce-time-2', records: at(now + 90_000_000) }));
}

async function compressions(r: Recorder): Promise<void> {
  for (const wanted of ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd']) {
    const topic = `produce-to-${wanted}`;
    await makeTopic(r, topic, { configs: { 'compression.type': wanted } });
    for (const compression of compressionTypes) {
      await r.call(
        `${compression} to ${wanted}`,
        api,
        12,
        produce({ topic, records: batch([compression, '2'], { compression }) }),
        {
          show: ({ responses }: { responses: { partitionResponses: { errorCode: number; baseOffset: bigint }[] }[] }) =>
            responses.flatMap(({ partitionResponses }) =>
              partitionResponses.map(({ errorCode, baseOffset }) => ({ errorCode, baseOffset })),
            ),
        },
      );
    }
    await showLog(r, `what is in the log of ${wanted}`, topic);
  }
  await makeTopic(r, 'produce-zstd');
  await r.call(
    'zstd before v7',
    api,
    [3, 7],
    produce({ topic: 'produce-zstd', records: batch(['z'], { compression: 'zstd' }) }),
  );
  const bytes = Buffer.from(batch(['a', 'b'], { compression: 'gzip' }));
  bytes.fill(0x55, 61);
  new RecordBatch(bytes).stampCrc();
  await r.call('compressed garbage', api, 12, produce({ topic: 'produce-zstd', records: bytes }));
}

/** Our answer to a request without records. */
const NO_RECORDS = `Produce v12: {
  responses: [
    {
      name: "produce-b"
      topicId: <none>
      partitionResponses: [
        {
          index: 0
          errorCode: 87
          baseOffset: -1
          logAppendTimeMs: -1
          logStartOffset: -1
          recordErrors: []
          errorMessage: null
          currentLeader: { leaderId: -1, leaderEpoch: -1 }
        }
      ]
    }
  ]
  throttleTimeMs: 0
  nodeEndpoints: []
}`;

export const produceScript: Script = {
  name: 'produce',
  run: async (r) => {
    await everyVersion(r);
    await destinations(r);
    await batches(r);
    await topicDemands(r);
    await timestamps(r);
    await compressions(r);
  },
  differences: [
    {
      title: 'no records field',
      reason: 'the JVM fails inside and never answers; a client should hear what is wrong',
      ours: NO_RECORDS,
    },
    {
      title: 'an empty records field',
      reason: 'the JVM fails inside and ends the connection; a client should hear what is wrong',
      ours: NO_RECORDS,
    },
    {
      title: 'compressed garbage',
      reason: 'the JVM answers UNKNOWN_SERVER_ERROR, which clients retry; the record is what is invalid',
      ours: NO_RECORDS.replace('produce-b', 'produce-zstd').replace('logStartOffset: -1', 'logStartOffset: 0'),
    },
  ],
};
