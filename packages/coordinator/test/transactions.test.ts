/**
 * The transaction coordinator, request by request: what it answers, what it writes, which markers it asks for.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, errorName, newListTransactionsRequest } from '@skarab/protocol';
import type { ProducerIdAndEpoch, ProducerResult } from '../src/index.ts';
import { transactionRecordSerde } from '../src/transaction/records/transaction-record-serde.ts';
import { TransactionHost, type TransactionHostOptions } from './transaction-host.ts';

const ID = 'txn';

/** A coordinator that serves, and requests of one transactional id in short; producers are shown as `id/epoch`. */
function fixture(options: TransactionHostOptions = {}) {
  const host = new TransactionHost(options);
  host.elect();
  const show = ({ errorCode, producerId, producerEpoch }: ProducerResult): string =>
    `${errorName(errorCode)} ${producerId}/${producerEpoch}`;
  const producer = (text: string): ProducerIdAndEpoch => {
    const [producerId = 0, producerEpoch = 0] = text.split('/').map(Number);
    return { producerId, producerEpoch };
  };
  const init = (
    expected: string | null = null,
    fields: { timeoutMs?: number; twoPhase?: boolean; keep?: boolean } = {},
  ): string =>
    show(
      host.ask('initProducerId', {
        transactionalId: ID,
        timeoutMs: fields.timeoutMs ?? 60_000,
        expected: expected === null ? null : producer(expected),
        enableTwoPhaseCommit: fields.twoPhase ?? false,
        keepPreparedTransaction: fields.keep ?? false,
      }),
    );
  const at = (partition: number) => ({ topic: 't', partition });
  const add = (as: string, partitions = [0], transactionVersion = 2): string =>
    errorName(
      host.ask('addPartitions', {
        transactionalId: ID,
        ...producer(as),
        partitions: partitions.map(at),
        transactionVersion,
      }),
    );
  const verify = (as: string, partitions = [0]): string[] =>
    host
      .ask('verifyPartitions', { transactionalId: ID, ...producer(as), partitions: partitions.map(at) })
      .map(errorName);
  const end = (as: string, isCommit: boolean, transactionVersion = 2): string =>
    show(host.ask('endTransaction', { transactionalId: ID, ...producer(as), isCommit, transactionVersion }));
  const state = (): string => {
    const { errorCode, transactionState, producerId, producerEpoch, topics } = host.ask('describeTransaction', ID);
    if (errorCode !== ErrorCode.NONE) return errorName(errorCode);
    const partitions = topics.flatMap((topic) => topic.partitions).join(',');
    return `${transactionState} ${producerId}/${producerEpoch} [${partitions}]`;
  };
  const markers = (): string[] =>
    host.markers.splice(0).map(({ end: { isCommit, producerId, producerEpoch, transactionVersion }, partitions }) => {
      const where = partitions.map(({ partition }) => partition).join(',');
      return `${isCommit ? 'commit' : 'abort'} of ${producerId}/${producerEpoch} version ${transactionVersion} to ${where}`;
    });
  return { host, init, add, verify, end, state, markers };
}

test('a producer starts, commits and aborts with an epoch for each transaction', () => {
  const { init, add, verify, end, state, markers } = fixture();
  assert.equal(init(), 'NONE 100/0');
  assert.equal(state(), 'Empty 100/0 []');
  assert.equal(add('100/0', [0, 1]), 'NONE');
  assert.equal(add('100/0', [1, 2]), 'NONE');
  assert.equal(add('100/0', [2]), 'NONE');
  assert.deepEqual(verify('100/0', [0, 9]), ['NONE', 'TRANSACTION_ABORTABLE']);
  assert.equal(state(), 'Ongoing 100/0 [0,1,2]');
  assert.equal(end('100/0', true), 'NONE 100/1');
  assert.deepEqual(markers(), ['commit of 100/1 version 2 to 0,1,2']);
  assert.equal(state(), 'CompleteCommit 100/1 []');
  assert.equal(end('100/0', true), 'NONE 100/1');
  assert.equal(end('100/0', false), 'INVALID_TXN_STATE -1/-1');
  assert.equal(end('100/1', true), 'INVALID_TXN_STATE -1/-1');
  assert.equal(end('100/1', false), 'NONE 100/2');
  assert.equal(state(), 'PrepareAbort 100/2 []');
});

test('an abort without partitions is completed without markers', () => {
  const { host, init, end, state, markers } = fixture();
  init();
  assert.equal(end('100/0', false), 'NONE 100/1');
  host.advance(0);
  assert.deepEqual([state(), markers()], ['CompleteAbort 100/1 []', []]);
});

test('old clients keep their epoch and may only repeat the same end', () => {
  const { init, add, end, markers } = fixture();
  init();
  assert.equal(end('100/0', true, 0), 'INVALID_TXN_STATE -1/-1');
  add('100/0', [0], 0);
  assert.equal(end('100/0', true, 0), 'NONE -1/-1');
  assert.deepEqual(markers(), ['commit of 100/0 version 0 to 0']);
  assert.equal(end('100/0', true, 0), 'NONE -1/-1');
  assert.equal(end('100/0', false, 0), 'INVALID_TXN_STATE -1/-1');
  assert.equal(add('100/0', [0], 0), 'NONE');
});

test('strangers are turned away', () => {
  const { init, add, verify, end } = fixture();
  assert.deepEqual(
    [add('1/0'), end('1/0', true)],
    ['INVALID_PRODUCER_ID_MAPPING', 'INVALID_PRODUCER_ID_MAPPING -1/-1'],
  );
  init();
  assert.deepEqual([add('7/0'), add('100/9')], ['INVALID_PRODUCER_ID_MAPPING', 'PRODUCER_FENCED']);
  assert.deepEqual([verify('7/0'), verify('100/9')], [['INVALID_PRODUCER_ID_MAPPING'], ['PRODUCER_FENCED']]);
  assert.deepEqual(
    [end('7/0', true), end('100/9', true)],
    ['INVALID_PRODUCER_ID_MAPPING -1/-1', 'PRODUCER_FENCED -1/-1'],
  );
  assert.deepEqual(
    [end('7/0', true, 0), end('100/9', true, 0)],
    ['INVALID_PRODUCER_ID_MAPPING -1/-1', 'PRODUCER_FENCED -1/-1'],
  );
});

test('a producer goes on by the epoch it knows, and asks again without harm', () => {
  const { init } = fixture();
  init();
  assert.equal(init('100/0'), 'NONE 100/1');
  assert.equal(init('100/0'), 'NONE 100/1');
  assert.equal(init('100/1'), 'NONE 100/2');
  assert.equal(init('100/0'), 'PRODUCER_FENCED -1/-1');
  assert.equal(init('55/2'), 'PRODUCER_FENCED -1/-1');
  assert.equal(init(), 'NONE 100/3');
  assert.equal(init('100/2'), 'PRODUCER_FENCED -1/-1');
});

test('while a change is on its way, the id is pending', () => {
  const { host, init, add, verify, end, state } = fixture();
  init();
  host.isHoldingCommits = true;
  const token = host.send('addPartitions', {
    transactionalId: ID,
    producerId: 100,
    producerEpoch: 0,
    partitions: [{ topic: 't', partition: 0 }],
    transactionVersion: 2,
  });
  assert.deepEqual(
    [init(), add('100/0'), end('100/0', true), end('100/0', true, 0), end('100/7', true, 0)],
    [
      'CONCURRENT_TRANSACTIONS -1/-1',
      'CONCURRENT_TRANSACTIONS',
      'CONCURRENT_TRANSACTIONS -1/-1',
      'CONCURRENT_TRANSACTIONS -1/-1',
      'PRODUCER_FENCED -1/-1',
    ],
  );
  assert.deepEqual([verify('100/0'), state()], [['TRANSACTION_ABORTABLE'], 'Empty 100/0 []']);
  host.commit();
  assert.deepEqual([host.responses.get(token), state()], [ErrorCode.NONE, 'Ongoing 100/0 [0]']);
});

test('while markers are written, the id is pending and shows those that are missing', () => {
  const { host, init, add, verify, end, state } = fixture();
  init();
  add('100/0', [0, 1]);
  host.isHoldingMarkers = true;
  assert.equal(end('100/0', true), 'NONE 100/1');
  assert.deepEqual(
    [end('100/0', true), add('100/1'), init()],
    ['CONCURRENT_TRANSACTIONS -1/-1', 'CONCURRENT_TRANSACTIONS', 'CONCURRENT_TRANSACTIONS -1/-1'],
  );
  assert.deepEqual(verify('100/1'), ['CONCURRENT_TRANSACTIONS']);
  host.markerError = (_topic, partition) => (partition === 0 ? ErrorCode.NONE : ErrorCode.NOT_LEADER_OR_FOLLOWER);
  host.releaseMarkers();
  assert.equal(state(), 'PrepareCommit 100/1 [1]');
  host.markerError = () => ErrorCode.NONE;
  host.advance(100);
  assert.equal(state(), 'CompleteCommit 100/1 []');
});

test('a partition that refuses a marker for good ends the attempts; one that cannot have transactions does not count', () => {
  for (const [error, expected] of [
    [ErrorCode.INVALID_PRODUCER_EPOCH, 'PrepareCommit 100/1 [0]'],
    [ErrorCode.TRANSACTION_COORDINATOR_FENCED, 'PrepareCommit 100/1 [0]'],
    [ErrorCode.UNSUPPORTED_VERSION, 'CompleteCommit 100/1 []'],
  ] as const) {
    const { host, init, add, end, state, markers } = fixture();
    init();
    add('100/0');
    host.markerError = () => error;
    end('100/0', true);
    markers();
    host.advance(60_000);
    assert.deepEqual([state(), markers()], [expected, []], errorName(error));
  }
});

test('a producer that starts while a transaction is open fences and aborts it', () => {
  const { init, add, end, state, markers } = fixture();
  init();
  add('100/0');
  assert.equal(init(), 'CONCURRENT_TRANSACTIONS -1/-1');
  assert.deepEqual(markers(), ['abort of 100/1 version 2 to 0']);
  assert.equal(state(), 'CompleteAbort 100/1 []');
  assert.equal(init(), 'NONE 100/2');
  assert.equal(end('100/0', true), 'PRODUCER_FENCED -1/-1');
});

test('without epoch bump, a fence that cannot be written stays in force', () => {
  const { host, init, add, end, state } = fixture({ transactionVersion: 1 });
  init();
  add('100/0', [0], 0);
  host.failNext.push(ErrorCode.NOT_ENOUGH_REPLICAS);
  assert.equal(init(), 'COORDINATOR_NOT_AVAILABLE -1/-1');
  assert.equal(state(), 'Ongoing 100/1 [0]');
  assert.equal(end('100/0', true, 0), 'PRODUCER_FENCED -1/-1');
  assert.equal(init(), 'CONCURRENT_TRANSACTIONS -1/-1');
  assert.equal(state(), 'CompleteAbort 100/1 []');
});

test('a write that fails leaves no trace', () => {
  const { host, init, add, end, state } = fixture();
  host.failNext.push(ErrorCode.KAFKA_STORAGE_ERROR);
  assert.equal(init(), 'NOT_COORDINATOR -1/-1');
  assert.equal(state(), 'TRANSACTIONAL_ID_NOT_FOUND');
  assert.equal(init(), 'NONE 101/0');
  host.failNext.push(ErrorCode.MESSAGE_TOO_LARGE);
  assert.equal(add('101/0'), 'UNKNOWN_SERVER_ERROR');
  assert.equal(add('101/0'), 'NONE');
  host.failNext.push(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
  assert.equal(end('101/0', true), 'COORDINATOR_NOT_AVAILABLE -1/-1');
  assert.equal(state(), 'Ongoing 101/0 [0]');
  // The second write of these is the completion, which is tried again.
  host.failNext.push(ErrorCode.NONE, ErrorCode.NOT_ENOUGH_REPLICAS);
  assert.equal(end('101/0', true), 'NONE 101/1');
  assert.equal(state(), 'PrepareCommit 101/1 []');
  host.advance(100);
  assert.equal(state(), 'CompleteCommit 101/1 []');
});

/** Starts producers until the epoch is `epoch`. */
function exhaust(init: (expected?: string | null) => string, epoch: number): void {
  for (let i = 0; i <= epoch; i++) init();
}

test('when the epochs are used up, a new producer id takes over at the end of a transaction', () => {
  const { init, add, end, state, markers } = fixture();
  exhaust(init, 32766);
  assert.equal(state(), 'Empty 100/32766 []');
  add('100/32766');
  assert.equal(end('100/32766', true), 'NONE 101/0');
  assert.deepEqual(markers(), ['commit of 100/32767 version 2 to 0']);
  assert.equal(state(), 'CompleteCommit 101/0 []');
  assert.equal(end('100/32766', true), 'NONE 101/0');
  assert.equal(end('100/32766', false), 'INVALID_TXN_STATE -1/-1');
  assert.equal(add('101/0'), 'NONE');
  assert.equal(end('100/32766', true), 'INVALID_PRODUCER_ID_MAPPING -1/-1');
});

test('when the epochs are used up, a new producer id takes over at a start', () => {
  const { host, init } = fixture();
  exhaust(init, 32766);
  assert.equal(init('100/5'), 'UNKNOWN_SERVER_ERROR -1/-1');
  host.nextProducerId = null;
  assert.equal(init(), 'COORDINATOR_LOAD_IN_PROGRESS -1/-1');
  host.nextProducerId = 500;
  assert.equal(init('100/32766'), 'NONE 500/0');
  assert.equal(init('100/32766'), 'NONE 500/0');
});

test('a new transactional id without a producer id at hand is told to come again', () => {
  const { host, init } = fixture();
  host.nextProducerId = null;
  assert.equal(init(), 'COORDINATOR_LOAD_IN_PROGRESS -1/-1');
  host.nextProducerId = 7;
  assert.equal(init(), 'NONE 7/0');
});

test('transactions that are open too long are aborted, those of two-phase commit never', () => {
  const { host, init, add, state, markers } = fixture({ config: { isTwoPhaseCommitEnabled: true } });
  init(null, { timeoutMs: 15_000 });
  add('100/0');
  host.advance(20_000);
  assert.deepEqual([state(), markers()], ['CompleteAbort 100/1 []', ['abort of 100/1 version 2 to 0']]);
  assert.equal(init(null, { twoPhase: true, timeoutMs: -5 }), 'NONE 100/2');
  add('100/2');
  host.advance(24 * 3_600_000);
  assert.equal(state(), 'Ongoing 100/2 [0]');
});

test('an abort on timeout that cannot be written is tried at the next round', () => {
  const { host, init, add, state } = fixture();
  init(null, { timeoutMs: 5_000 });
  add('100/0');
  host.failNext.push(ErrorCode.NOT_ENOUGH_REPLICAS);
  host.advance(10_000);
  assert.equal(state(), 'Ongoing 100/0 [0]');
  host.advance(10_000);
  assert.equal(state(), 'CompleteAbort 100/1 []');
});

test('two-phase commit has a switch, timeouts have bounds', () => {
  const { init } = fixture();
  assert.equal(init(null, { twoPhase: true }), 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED -1/-1');
  assert.equal(init(null, { keep: true }), 'UNSUPPORTED_VERSION -1/-1');
  const timeouts = [-1, 0, 900_001].map((timeoutMs) => init(null, { timeoutMs }));
  assert.deepEqual(new Set(timeouts), new Set(['INVALID_TRANSACTION_TIMEOUT -1/-1']));
  assert.equal(init(null, { timeoutMs: 900_000 }), 'NONE 100/0');
});

test('an id that nobody has used for so long is forgotten, one with a transaction is not', () => {
  const { host, init, add, end, state } = fixture({
    config: { idExpirationMs: 7_200_000, isTwoPhaseCommitEnabled: true },
  });
  init(null, { twoPhase: true });
  add('100/0');
  host.advance(8 * 3_600_000);
  assert.equal(state(), 'Ongoing 100/0 [0]');
  end('100/0', true);
  host.advance(3_600_000);
  assert.equal(state(), 'CompleteCommit 100/1 []');
  host.advance(2 * 3_600_000);
  assert.equal(state(), 'TRANSACTIONAL_ID_NOT_FOUND');
  assert.equal(host.reloaded().ask('describeTransaction', ID).errorCode, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND);
});

test('after a load, what was decided is carried out', () => {
  const { host, init, add, end } = fixture();
  init();
  add('100/0', [3]);
  host.isHoldingMarkers = true;
  end('100/0', true);
  const fresh = host.reloaded();
  assert.deepEqual(
    fresh.heldMarkers.map((marker) => [marker.end.isCommit, marker.end.producerEpoch, marker.partitions]),
    [[true, 1, [{ topic: 't', partition: 3 }]]],
  );
  fresh.releaseMarkers();
  assert.equal(fresh.ask('describeTransaction', ID).transactionState, 'CompleteCommit');
  // The results of the attempt before come to nothing.
  host.resign();
  host.releaseMarkers();
  assert.equal(host.ask('describeTransaction', ID).errorCode, ErrorCode.NOT_COORDINATOR);
});

test('an end that is committed after its writer gave up waiting is carried out at the next round', () => {
  const { host, init, add, state, markers } = fixture({ config: { writeTimeoutMs: 1_000 } });
  init();
  add('100/0');
  host.isHoldingCommits = true;
  const token = host.send('endTransaction', {
    transactionalId: ID,
    producerId: 100,
    producerEpoch: 0,
    isCommit: true,
    transactionVersion: 2,
  });
  host.advance(1_500);
  assert.equal((host.responses.get(token) as ProducerResult).errorCode, ErrorCode.COORDINATOR_NOT_AVAILABLE);
  host.commit();
  assert.deepEqual([state(), markers()], ['PrepareCommit 100/1 [0]', []]);
  host.advance(10_000);
  assert.deepEqual([state(), markers()], ['CompleteCommit 100/1 []', ['commit of 100/1 version 2 to 0']]);
});

test('nobody is served before the load, after the resignation, or after the end', () => {
  const host = new TransactionHost();
  const errorOf = (): string => errorName(host.ask('describeTransaction', ID).errorCode);
  assert.equal(errorOf(), 'NOT_COORDINATOR');
  host.coordinator.onElected(0, 1);
  host.coordinator.handleRequest('listTransactions', newListTransactionsRequest(), 1000, 0);
  host.settle();
  assert.deepEqual(
    (host.responses.get(1000) as { errorCode: number }).errorCode,
    ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  );
  assert.equal(errorOf(), 'TRANSACTIONAL_ID_NOT_FOUND');
  host.resign();
  assert.equal(errorOf(), 'NOT_COORDINATOR');
  host.coordinator.shutdown(0);
  assert.equal(errorOf(), 'COORDINATOR_NOT_AVAILABLE');
});

test('values of version 0 are written at transaction version 0, and read', () => {
  const { host, init, add } = fixture({ transactionVersion: 0 });
  init();
  add('100/0', [0, 1], 0);
  const versions = host.log(0).batches.flatMap((batch) =>
    [...batch.records()].map(({ key, value }) => {
      const record = transactionRecordSerde.decode(key!, value);
      return typeof record === 'number' ? record : `${record.valueVersion} ${record.metadata?.state}`;
    }),
  );
  assert.deepEqual(versions, ['0 Empty', '0 Ongoing']);
  assert.equal(host.reloaded().ask('describeTransaction', ID).transactionState, 'Ongoing');
});
