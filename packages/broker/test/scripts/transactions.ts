/**
 * Transactions from start to end, as old and new producers lead them, and everything that can be wrong with their requests.
 */
import {
  ApiKey,
  type EndTxnResponse,
  type FindCoordinatorResponse,
  type InitProducerIdResponse,
  type ListTransactionsResponse,
  newDescribeProducersRequest,
  newDescribeProducersRequestTopicRequest,
  newDescribeTransactionsRequest,
  newFindCoordinatorRequest,
  newListTransactionsRequest,
  newWritableTxnMarker,
  newWritableTxnMarkerTopic,
  newWriteTxnMarkersRequest,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { fetch, makeTopic } from './messages.ts';
import {
  add,
  addBatch,
  described,
  end,
  init,
  inOrder,
  listed,
  type Producer,
  settled,
  started,
  write,
} from './transaction-messages.ts';
import { transactionalOffsets } from './transactional-offsets.ts';

const READ_COMMITTED = 1;

async function coordinators(r: Recorder): Promise<void> {
  const api = ApiKey.FIND_COORDINATOR;
  const one = newFindCoordinatorRequest({ key: 'txn-a', keyType: 1 });
  const several = newFindCoordinatorRequest({ coordinatorKeys: ['txn-a', 'txn-b', ''], keyType: 1 });
  await r.prepare<FindCoordinatorResponse>(api, 1, one, ({ errorCode }) => errorCode === 0);
  await r.call('coordinator of a transactional id', api, [1, 3], one);
  await r.call('coordinators of transactional ids', api, [4, 6], several);
}

async function producers(r: Recorder): Promise<void> {
  const api = ApiKey.INIT_PRODUCER_ID;
  await r.prepare<InitProducerIdResponse>(api, 4, init('txn-warm'), ({ errorCode }) => errorCode === 0);
  await r.call('a producer that starts again and again', api, [0, 5], init('txn-a'));
  for (const timeoutMs of [0, -1, 900_000, 900_001])
    await r.call(`a timeout of ${timeoutMs}`, api, 5, init('txn-timeouts', { transactionTimeoutMs: timeoutMs }));
  const { producerId, producerEpoch } = await started(r, 'txn-goes-on');
  const expect = (epoch: number, id = producerId) => init('txn-goes-on', { producerId: id, producerEpoch: epoch });
  await r.call('a producer goes on', api, [3, 5], (version) => expect(producerEpoch + version - 3));
  await r.call('it asks again, its answer being lost', api, 5, expect(producerEpoch + 2));
  await r.call('it goes on with an old epoch', api, [3, 5], expect(producerEpoch));
  await r.call('it goes on with an epoch to come', api, 5, expect(producerEpoch + 9));
  await r.call('it goes on with a foreign id', api, [3, 5], expect(producerEpoch + 3, producerId + 77n));
  await r.call('it goes on with an id and no epoch', api, 5, expect(-1));
  await r.call('a new producer goes on', api, 5, init('txn-new-goes-on', { producerId: 5n, producerEpoch: 3 }));
}

/** Producers of before version 2: partitions are added, then written to. */
async function oldTransactions(r: Recorder): Promise<void> {
  const topic = 'transactions-old';
  await makeTopic(r, topic, { partitions: 2 });
  const p = await started(r, 'txn-b');
  const other = (fields: Partial<Producer>): Producer => ({ ...p, ...fields });
  await r.call('ending what has not begun', ApiKey.END_TXN, [0, 4], end(p, true));
  await r.call('aborting what has not begun', ApiKey.END_TXN, 4, end(p, false));
  await r.call('writing before adding', ApiKey.PRODUCE, [9, 11], write(p, { topic }, 0, ['too early']));
  await r.call('adding partitions', ApiKey.ADD_PARTITIONS_TO_TXN, [0, 3], add(p, { [topic]: [0, 1] }));
  await r.call(
    'adding unknown partitions',
    ApiKey.ADD_PARTITIONS_TO_TXN,
    3,
    add(p, { [topic]: [0, 9], 'transactions-none': [0] }),
    { show: inOrder },
  );
  await r.call('adding an internal topic', ApiKey.ADD_PARTITIONS_TO_TXN, 3, add(p, { __transaction_state: [0] }));
  await r.call(
    'adding with an unknown id',
    ApiKey.ADD_PARTITIONS_TO_TXN,
    3,
    add(other({ producerId: 9999999n }), { [topic]: [0] }),
  );
  await r.call(
    'adding with an old epoch',
    ApiKey.ADD_PARTITIONS_TO_TXN,
    [0, 3],
    add(other({ producerEpoch: -1 }), { [topic]: [0] }),
  );
  await r.call(
    'adding to an unknown transactional id',
    ApiKey.ADD_PARTITIONS_TO_TXN,
    3,
    add(other({ transactionalId: 'txn-none' }), { [topic]: [0] }),
  );
  await r.call(
    'adding to no transactional id',
    ApiKey.ADD_PARTITIONS_TO_TXN,
    3,
    add(other({ transactionalId: '' }), { [topic]: [0] }),
  );
  await r.call('writing', ApiKey.PRODUCE, [3, 11], (version) => write(p, { topic }, version - 3, [`value ${version}`]));
  await r.call('writing without a transactional id', ApiKey.PRODUCE, 11, {
    ...write(p, { topic }, 9, ['nobody']),
    transactionalId: null,
  });
  await r.call('the transaction', ApiKey.DESCRIBE_TRANSACTIONS, 0, describe('txn-b'), { show: described });
  await r.call('its producer', ApiKey.DESCRIBE_PRODUCERS, 0, producersOf(topic, 0));
  await r.call('reading everything of it', ApiKey.FETCH, 12, fetch({ topic }));
  await r.call(
    'reading what is committed of it',
    ApiKey.FETCH,
    [4, 12],
    fetch({ topic, isolationLevel: READ_COMMITTED }),
  );
  await r.call('ending it with an old epoch', ApiKey.END_TXN, [0, 4], end(other({ producerEpoch: -1 }), true));
  await r.call('ending it with an unknown id', ApiKey.END_TXN, 4, end(other({ producerId: 9999999n }), true));
  await r.call(
    'ending an unknown transactional id',
    ApiKey.END_TXN,
    4,
    end(other({ transactionalId: 'txn-none' }), true),
  );
  await r.call('ending no transactional id', ApiKey.END_TXN, 4, end(other({ transactionalId: '' }), true));
  await r.call('committing', ApiKey.END_TXN, 4, end(p, true));
  await settled(r, p);
  await r.call('committing again', ApiKey.END_TXN, [0, 4], end(p, true));
  await r.call('aborting what is committed', ApiKey.END_TXN, 4, end(p, false));
  await r.call('reading what is committed now', ApiKey.FETCH, 12, fetch({ topic, isolationLevel: READ_COMMITTED }));
  await r.call('the marker where nothing was written', ApiKey.FETCH, 12, fetch({ topic, partition: { partition: 1 } }));
  for (const version of [0, 1, 2, 3, 4]) {
    const isCommit = version % 2 === 1;
    await r.prepare(ApiKey.ADD_PARTITIONS_TO_TXN, 3, add(p, { [topic]: [0] }));
    await r.prepare(ApiKey.PRODUCE, 9, write(p, { topic }, 9 + version, [`round ${version}`]));
    await r.call('ending at every version', ApiKey.END_TXN, version, end(p, isCommit), {
      until: (response: EndTxnResponse) => response.errorCode !== 51,
    });
    await settled(r, p);
  }
  await r.call('aborting again', ApiKey.END_TXN, 4, end(p, false));
  await r.call('committing what is aborted', ApiKey.END_TXN, 4, end(p, true));
  await r.call('reading over aborted transactions', ApiKey.FETCH, 12, fetch({ topic, isolationLevel: READ_COMMITTED }));
  await r.call('its producer at the end', ApiKey.DESCRIBE_PRODUCERS, 0, producersOf(topic, 0));
}

/** Producers of version 2: writing adds, ending brings the next epoch. */
async function newTransactions(r: Recorder): Promise<void> {
  const topic = 'transactions-new';
  const topicId = await makeTopic(r, topic);
  let p = await started(r, 'txn-c');
  const bumped = ({ producerId, producerEpoch }: EndTxnResponse): Producer => ({ ...p, producerId, producerEpoch });
  const api = ApiKey.END_TXN;
  await r.call('committing nothing', api, 5, end(p, true));
  p = bumped(await r.call<EndTxnResponse>('aborting nothing', api, 5, end(p, false)));
  await settled(r, p);
  await r.call('writing adds the partition', ApiKey.PRODUCE, 12, write(p, { topic }, 0, ['a', 'b']));
  await r.call('writing more', ApiKey.PRODUCE, 13, write(p, { topicId }, 2, ['c']));
  await r.call('what writing has begun', ApiKey.DESCRIBE_TRANSACTIONS, 0, describe('txn-c'), { show: described });
  const first = p;
  p = bumped(await r.call<EndTxnResponse>('committing with a new epoch', api, 5, end(p, true)));
  await settled(r, p);
  await r.call('committing again, the answer being lost', api, 5, end(first, true));
  await r.call('aborting instead', api, 5, end(first, false));
  await r.call('committing the next before it has begun', api, 5, end(p, true));
  await r.call('writing with the old epoch', ApiKey.PRODUCE, [9, 12], write(first, { topic }, 3, ['late']));
  await r.call('writing that does not begin at 0', ApiKey.PRODUCE, 12, write(p, { topic }, 5, ['gap']));
  await r.call('writing the next', ApiKey.PRODUCE, 12, write(p, { topic }, 0, ['d']));
  const second = p;
  p = bumped(await r.call<EndTxnResponse>('aborting with a new epoch', api, 5, end(p, false)));
  await settled(r, p);
  await r.call('aborting again, the answer being lost', api, 5, end(second, false));
  await r.call('committing instead', api, 5, end(second, true));
  p = bumped(await r.call<EndTxnResponse>('aborting the next before it has begun', api, 5, end(p, false)));
  await settled(r, p);
  await r.call('ending with an epoch of long ago', api, 5, end(first, true));
  await r.call('ending with an epoch to come', api, 5, end({ ...p, producerEpoch: p.producerEpoch + 5 }, false));
  await r.call('ending with an unknown id', api, 5, end({ ...p, producerId: 9999999n }, false));
  await r.call('ending an unknown transactional id anew', api, 5, end({ ...p, transactionalId: 'txn-none' }, false));
  await r.call(
    'writing for an unknown transactional id',
    ApiKey.PRODUCE,
    12,
    write({ ...p, transactionalId: 'txn-none' }, { topic }, 0, ['x']),
  );
  await r.call(
    'writing for no transactional id',
    ApiKey.PRODUCE,
    12,
    write({ ...p, transactionalId: '' }, { topic }, 0, ['x']),
  );
  await r.call('everything in the log', ApiKey.FETCH, 12, fetch({ topic }));
  await r.call(
    'everything for readers of what is committed',
    ApiKey.FETCH,
    12,
    fetch({ topic, isolationLevel: READ_COMMITTED }),
  );
}

async function fencing(r: Recorder): Promise<void> {
  const topic = 'transactions-fenced';
  await makeTopic(r, topic);
  const p = await started(r, 'txn-d');
  await r.prepare(ApiKey.ADD_PARTITIONS_TO_TXN, 3, add(p, { [topic]: [0] }));
  await r.prepare(ApiKey.PRODUCE, 11, write(p, { topic }, 0, ['zombie']));
  await r.call('a second producer starts while a transaction is open', ApiKey.INIT_PRODUCER_ID, 5, init('txn-d'));
  await settled(r, p);
  await r.call('the abort of what was open', ApiKey.DESCRIBE_TRANSACTIONS, 0, describe('txn-d'), { show: described });
  await r.call('the second producer asks again', ApiKey.INIT_PRODUCER_ID, 5, init('txn-d'));
  await r.call('the first one adds', ApiKey.ADD_PARTITIONS_TO_TXN, [0, 3], add(p, { [topic]: [0] }));
  await r.call('the first one writes', ApiKey.PRODUCE, [10, 12], write(p, { topic }, 1, ['zombie again']));
  await r.call('the first one commits', ApiKey.END_TXN, [0, 5], end(p, true));
  await r.call('the first one goes on', ApiKey.INIT_PRODUCER_ID, [3, 5], init('txn-d', p));
  await r.call('what the fence left', ApiKey.FETCH, 12, fetch({ topic, isolationLevel: READ_COMMITTED }));
}

/** AddPartitionsToTxn between brokers. */
async function batches(r: Recorder): Promise<void> {
  const topic = 'transactions-batches';
  await makeTopic(r, topic, { partitions: 3 });
  const [a, b] = [await started(r, 'txn-e'), await started(r, 'txn-f')];
  const api = ApiKey.ADD_PARTITIONS_TO_TXN;
  const sorted = { show: inOrder };
  await r.call('verifying before adding', api, [4, 5], addBatch([[a, { [topic]: [0] }, true]]), sorted);
  await r.call(
    'adding to two transactions',
    api,
    [4, 5],
    addBatch([
      [a, { [topic]: [0, 1] }, false],
      [b, { [topic]: [2] }, false],
    ]),
    sorted,
  );
  await r.call('verifying', api, [4, 5], addBatch([[a, { [topic]: [0, 1, 2] }, true]]), sorted);
  await r.call(
    'some of it wrong',
    api,
    5,
    addBatch([
      [a, { [topic]: [0, 7] }, false],
      [{ ...b, producerEpoch: 9 }, { [topic]: [0] }, false],
      [{ ...b, transactionalId: 'txn-none' }, { [topic]: [0] }, true],
    ]),
    sorted,
  );
  await r.call(
    'an old epoch, verified',
    api,
    5,
    addBatch([[{ ...a, producerEpoch: -1 }, { [topic]: [0] }, true]]),
    sorted,
  );
  await r.call(
    'a foreign id, verified',
    api,
    5,
    addBatch([[{ ...a, producerId: 1n }, { [topic]: [0] }, true]]),
    sorted,
  );
  await r.call(
    'no transactional id, verified',
    api,
    5,
    addBatch([[{ ...a, transactionalId: '' }, { [topic]: [0] }, true]]),
    sorted,
  );
}

async function markers(r: Recorder): Promise<void> {
  const topic = 'transactions-markers';
  await makeTopic(r, topic);
  await started(r, 'txn-g');
  const p = await started(r, 'txn-g');
  await r.prepare(ApiKey.ADD_PARTITIONS_TO_TXN, 3, add(p, { [topic]: [0] }));
  await r.prepare(ApiKey.PRODUCE, 11, write(p, { topic }, 0, ['hanging']));
  const api = ApiKey.WRITE_TXN_MARKERS;
  const marker = (fields: object, partitions: Readonly<Record<string, number[]>> = { [topic]: [0] }) =>
    newWritableTxnMarker({
      producerId: p.producerId,
      producerEpoch: p.producerEpoch,
      coordinatorEpoch: 0,
      transactionResult: false,
      topics: Object.entries(partitions).map(([name, partitionIndexes]) =>
        newWritableTxnMarkerTopic({ name, partitionIndexes }),
      ),
      ...fields,
    });
  const markersOf = (...all: ReturnType<typeof marker>[]) => newWriteTxnMarkersRequest({ markers: all });
  await r.call('no markers', api, [1, 2], markersOf());
  await r.call(
    'a marker for unknown partitions',
    api,
    1,
    markersOf(marker({}, { [topic]: [5], 'transactions-none': [0] })),
  );
  await r.call('a marker of an old epoch', api, 1, markersOf(marker({ producerEpoch: 0 })));
  await r.call('a marker of version 2 with the same epoch', api, 2, markersOf(marker({ transactionVersion: 2 })));
  await r.call('a marker that aborts', api, 1, markersOf(marker({ coordinatorEpoch: 3 })));
  await r.call('a marker of an old coordinator', api, 1, markersOf(marker({ coordinatorEpoch: 2 })));
  await r.call('the marker again', api, [1, 2], markersOf(marker({ coordinatorEpoch: 3 })));
  await r.call(
    'several markers',
    api,
    2,
    markersOf(
      marker({ coordinatorEpoch: 3, producerEpoch: p.producerEpoch + 1, transactionVersion: 2 }),
      marker({ producerId: 9999999999n, transactionResult: true }),
    ),
    { show: inOrder },
  );
  await r.call('markers in the log', ApiKey.FETCH, 12, fetch({ topic, isolationLevel: READ_COMMITTED }));
  await r.call('producers after markers', ApiKey.DESCRIBE_PRODUCERS, 0, producersOf(topic, 0), { show: inOrder });
}

async function listing(r: Recorder): Promise<void> {
  const topic = 'transactions-listed';
  await makeTopic(r, topic, { partitions: 2 });
  const open = await started(r, 'list-open');
  const done = await started(r, 'list-done');
  const idle = await started(r, 'list-idle');
  await r.prepare(ApiKey.ADD_PARTITIONS_TO_TXN, 3, add(open, { [topic]: [0, 1] }));
  await r.prepare(ApiKey.ADD_PARTITIONS_TO_TXN, 3, add(done, { [topic]: [0] }));
  await r.prepare(ApiKey.END_TXN, 4, end(done, true));
  await settled(r, done);
  const api = ApiKey.LIST_TRANSACTIONS;
  const by = (fields: Parameters<typeof newListTransactionsRequest>[0] = {}) =>
    newListTransactionsRequest({ durationFilter: -1n, transactionalIdPattern: null, ...fields });
  const show = { show: listed };
  await r.call<ListTransactionsResponse>('all transactions', api, [0, 2], by(), show);
  await r.call('open ones', api, 2, by({ stateFilters: ['Ongoing'] }), show);
  await r.call('by two states, one unknown', api, 2, by({ stateFilters: ['Empty', 'Unheard'] }), show);
  await r.call('by unknown states', api, 2, by({ stateFilters: ['Unheard', 'Of', 'Of'] }), show);
  await r.call('by producer id', api, 2, by({ producerIdFilters: [idle.producerId, 777777n] }), show);
  await r.call('by duration', api, [1, 2], by({ durationFilter: 0n, stateFilters: ['Ongoing'] }), show);
  await r.call('by long duration', api, 2, by({ durationFilter: 100_000n, stateFilters: ['Ongoing'] }), show);
  await r.call('by pattern', api, 2, by({ transactionalIdPattern: 'list-(open|done)' }), show);
  await r.call('by part of a name', api, 2, by({ transactionalIdPattern: 'list' }), show);
  await r.call('by an empty pattern', api, 2, by({ transactionalIdPattern: '' }), show);
  await r.call('by no pattern at all', api, 2, by({ transactionalIdPattern: 'list-(' }), show);
  await r.call(
    'descriptions',
    ApiKey.DESCRIBE_TRANSACTIONS,
    0,
    describe('list-open', 'list-done', 'list-idle', 'txn-none', ''),
    {
      show: described,
    },
  );
}

const describe = (...transactionalIds: string[]) => newDescribeTransactionsRequest({ transactionalIds });

const producersOf = (name: string, ...partitionIndexes: number[]) =>
  newDescribeProducersRequest({ topics: [newDescribeProducersRequestTopicRequest({ name, partitionIndexes })] });

export const transactionsScript: Script = {
  name: 'transactions',
  run: async (r) => {
    await coordinators(r);
    await producers(r);
    await oldTransactions(r);
    await newTransactions(r);
    await fencing(r);
    await batches(r);
    await transactionalOffsets(r);
    await markers(r);
    await listing(r);
  },
};
