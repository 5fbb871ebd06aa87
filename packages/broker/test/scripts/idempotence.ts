/**
 * InitProducerId, and what a partition makes of sequence numbers and epochs; DescribeProducers.
 */
import {
  ApiKey,
  type InitProducerIdResponse,
  newDescribeProducersRequest,
  newDescribeProducersRequestTopicRequest,
  newInitProducerIdRequest,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { batch, fetch, makeTopic, produce } from './messages.ts';

async function producerIds(r: Recorder): Promise<void> {
  const api = ApiKey.INIT_PRODUCER_ID;
  const init = (fields: Parameters<typeof newInitProducerIdRequest>[0] = {}) =>
    newInitProducerIdRequest({ transactionalId: null, transactionTimeoutMs: 60_000, ...fields });
  await r.prepare<InitProducerIdResponse>(api, 4, init(), ({ errorCode }) => errorCode === 0);
  await r.call('a producer id at every version', api, [0, 5], init());
  await r.call('an unstable version', api, 6, init());
  await r.call('any transaction timeout will do', api, 4, init({ transactionTimeoutMs: -1 }));
  await r.call('an id and an epoch without a transactional id', api, 4, init({ producerId: 5n, producerEpoch: 3 }));
  await r.call('an id without an epoch', api, 4, init({ producerId: 5n }));
  await r.call('an epoch without an id', api, 4, init({ producerEpoch: 3 }));
  await r.call('an empty transactional id', api, 4, init({ transactionalId: '' }));
}

async function sequences(r: Recorder): Promise<void> {
  const topic = 'idempotence-a';
  await makeTopic(r, topic);
  const { producerId } = await r.prepare<InitProducerIdResponse>(
    ApiKey.INIT_PRODUCER_ID,
    4,
    newInitProducerIdRequest({ transactionalId: null, transactionTimeoutMs: 60_000 }),
    ({ errorCode }) => errorCode === 0,
  );
  const send = (title: string, baseSequence: number, count: number, producerEpoch = 0): Promise<unknown> => {
    const values = Array.from({ length: count }, (_, i) => `${title} ${i}`);
    const records = batch(values, { producerId: Number(producerId), producerEpoch, baseSequence });
    return r.call(title, ApiKey.PRODUCE, 12, produce({ topic, records }));
  };
  await send('first', 0, 3);
  await send('second', 3, 2);
  await send('duplicate of the second', 3, 2);
  await send('duplicate of the first', 0, 3);
  await send('part of a duplicate', 3, 1);
  await send('a gap', 6, 1);
  await send('an overlap', 4, 2);
  await send('third', 5, 1);
  for (let sequence = 6; sequence < 11; sequence++) await send(`batch at ${sequence}`, sequence, 1);
  await send('a duplicate that is too old to know', 0, 3);
  await send('a duplicate within the last five', 6, 1);
  await send('a new epoch that does not begin at 0', 11, 1, 1);
  await send('a new epoch', 0, 1, 1);
  await send('an old epoch', 11, 1, 0);
  await send('a negative sequence', -1, 1, 1);
  await r.call(
    'an unknown producer that does not begin at 0',
    ApiKey.PRODUCE,
    12,
    produce({ topic, records: batch(['a'], { producerId: 98765, producerEpoch: 0, baseSequence: 5 }) }),
  );
  await r.call(
    'a sequence after an unknown producer',
    ApiKey.PRODUCE,
    12,
    produce({ topic, records: batch(['b'], { producerId: 98765, producerEpoch: 0, baseSequence: 6 }) }),
  );
  await r.call(
    'a producer id without an epoch',
    ApiKey.PRODUCE,
    12,
    produce({ topic, records: batch(['c'], { producerId: 98766, producerEpoch: -1, baseSequence: 0 }) }),
  );
  await r.call('what is in the log', ApiKey.FETCH, 12, fetch({ topic }));
}

async function wrapping(r: Recorder): Promise<void> {
  const topic = 'idempotence-wrap';
  await makeTopic(r, topic);
  const send = (title: string, baseSequence: number, values: string[]): Promise<unknown> => {
    const records = batch(values, { producerId: 12345, producerEpoch: 0, baseSequence });
    return r.call(title, ApiKey.PRODUCE, 12, produce({ topic, records }));
  };
  await send('the last sequence numbers', 2147483646, ['a', 'b']);
  await send('sequence numbers begin again', 0, ['c']);
  await send('a batch across the last sequence number, as a duplicate', 2147483646, ['a', 'b']);
}

async function describe(r: Recorder): Promise<void> {
  const api = ApiKey.DESCRIBE_PRODUCERS;
  const of = (name: string, ...partitionIndexes: number[]) =>
    newDescribeProducersRequest({ topics: [newDescribeProducersRequestTopicRequest({ name, partitionIndexes })] });
  await r.call('producers of a partition', api, 0, of('idempotence-wrap', 0));
  await r.call('producers of an unknown partition', api, 0, of('idempotence-wrap', 5));
  await r.call('producers of an unknown topic', api, 0, of('idempotence-none', 0));
  await r.call('producers of a bad topic name', api, 0, of('idempotence/none', 0));
}

export const idempotenceScript: Script = {
  name: 'idempotence',
  run: async (r) => {
    await producerIds(r);
    await sequences(r);
    await wrapping(r);
    await describe(r);
  },
};
