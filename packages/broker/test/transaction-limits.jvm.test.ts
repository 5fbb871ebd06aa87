/**
 * What the clock does to transactions, and two-phase commit, on our broker and on JVM Kafka: timeouts, expiry of transactional ids.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  type DescribeTransactionsResponse,
  type EndTxnResponse,
  errorName,
  type FetchResponse,
  type FindCoordinatorResponse,
  type InitProducerIdResponse,
  newCreatableTopic,
  newCreateTopicsRequest,
  newDescribeTransactionsRequest,
  newFindCoordinatorRequest,
  type ProduceResponse,
} from '@skarab/protocol';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { connectTo, type Distribution, skarab, startBroker, waitForTopics } from '../../../tools/raw-client/brokers.ts';
import type { RawClient } from '../../../tools/raw-client/raw-client.ts';
import { fetch } from './scripts/messages.ts';
import { end, init, type Producer, write } from './scripts/transaction-messages.ts';

const properties = {
  'unstable.api.versions.enable': 'true',
  'transaction.two.phase.commit.enable': 'true',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '100',
  'transaction.remove.expired.transaction.cleanup.interval.ms': '100',
  'transactional.id.expiration.ms': '2500',
};
const READ_COMMITTED = 1;

/** A client of a broker, and what the script notes. */
class Session {
  readonly notes: string[] = [];
  readonly #client: RawClient;

  constructor(client: RawClient) {
    this.#client = client;
  }

  note(what: string): void {
    this.notes.push(what);
  }

  call<R extends object>(apiKey: number, version: number, request: object): Promise<R> {
    return this.#client.call<R>(apiKey, version, request);
  }

  async until<R>(ask: () => Promise<R>, holds: (answer: R) => boolean): Promise<R> {
    for (const deadline = Date.now() + 20_000; ; await sleep(20)) {
      const answer = await ask();
      if (holds(answer)) return answer;
      assert(Date.now() < deadline, `never as wanted: ${JSON.stringify(answer, (_key, value) => `${value}`)}`);
    }
  }

  /** Starts a producer at version 6; notes the answer. */
  async start(transactionalId: string, fields: Parameters<typeof init>[1]): Promise<Producer> {
    const request = init(transactionalId, fields);
    const ask = () => this.call<InitProducerIdResponse>(ApiKey.INIT_PRODUCER_ID, 6, request);
    const passing = new Set([
      'COORDINATOR_LOAD_IN_PROGRESS',
      'NOT_COORDINATOR',
      'COORDINATOR_NOT_AVAILABLE',
      'CONCURRENT_TRANSACTIONS',
    ]);
    const answer = await this.until(ask, ({ errorCode }) => !passing.has(errorName(errorCode)));
    const { errorCode, producerId, producerEpoch, ongoingTxnProducerId, ongoingTxnProducerEpoch } = answer;
    const ongoing = `${ongoingTxnProducerId}/${ongoingTxnProducerEpoch}`;
    this.note(`start ${transactionalId}: ${errorName(errorCode)} epoch ${producerEpoch}, ongoing ${ongoing}`);
    return { transactionalId, producerId, producerEpoch };
  }

  async write(producer: Producer, value: string): Promise<void> {
    const request = write(producer, { topic: 'limits' }, 0, [value]);
    const { responses } = await this.call<ProduceResponse>(ApiKey.PRODUCE, 12, request);
    this.note(`write ${value}: ${errorName(responses[0]!.partitionResponses[0]!.errorCode)}`);
  }

  async end(producer: Producer, committed: boolean): Promise<void> {
    const { errorCode, producerEpoch } = await this.call<EndTxnResponse>(ApiKey.END_TXN, 5, end(producer, committed));
    this.note(`end ${producer.transactionalId}: ${errorName(errorCode)} epoch ${producerEpoch}`);
  }

  async state(transactionalId: string): Promise<string> {
    const request = newDescribeTransactionsRequest({ transactionalIds: [transactionalId] });
    const { transactionStates } = await this.call<DescribeTransactionsResponse>(
      ApiKey.DESCRIBE_TRANSACTIONS,
      0,
      request,
    );
    const { errorCode, transactionState, producerEpoch, transactionTimeoutMs } = transactionStates[0]!;
    return `${errorName(errorCode)} ${transactionState} epoch ${producerEpoch} timeout ${transactionTimeoutMs}`;
  }
}

async function script(s: Session): Promise<void> {
  // A transaction without a timeout, and two that are refused.
  const patient = await s.start('patient', { enable2Pc: true, transactionTimeoutMs: -1 });
  await s.start('kept', { enable2Pc: true, keepPreparedTxn: true });
  await s.start('kept', { keepPreparedTxn: true });
  await s.write(patient, 'patient');
  // One that is forgotten about, and one that is late.
  const late = await s.start('late', { transactionTimeoutMs: 500 });
  await s.write(late, 'late');
  await s.start('idle', {});
  s.note(
    await s.until(
      () => s.state('late'),
      (state) => state.includes('CompleteAbort'),
    ),
  );
  await s.write(late, 'too late');
  await s.end(late, true);
  s.note(
    await s.until(
      () => s.state('idle'),
      (state) => state.includes('NOT_FOUND'),
    ),
  );
  s.note(
    await s.until(
      () => s.state('late'),
      (state) => state.includes('NOT_FOUND'),
    ),
  );
  s.note(await s.state('patient'));
  await s.end(patient, true);
  const read = fetch({ topic: 'limits', isolationLevel: READ_COMMITTED });
  const stable = await s.until(
    () => s.call<FetchResponse>(ApiKey.FETCH, 12, read),
    ({ responses }) => responses[0]!.partitions[0]!.lastStableOffset === responses[0]!.partitions[0]!.highWatermark,
  );
  const { highWatermark, abortedTransactions } = stable.responses[0]!.partitions[0]!;
  s.note(
    `${highWatermark} offsets, aborted from ${abortedTransactions?.map(({ firstOffset }) => firstOffset).join(', ')}`,
  );
  await s.start('late', {});
}

async function notesOf(t: TestContext, distribution: Distribution): Promise<readonly string[]> {
  const broker = await startBroker(t, distribution, { properties });
  const client = await connectTo(t, broker.port);
  const topics = [newCreatableTopic({ name: 'limits', numPartitions: 1, replicationFactor: 1 })];
  await client.call(ApiKey.CREATE_TOPICS, 7, newCreateTopicsRequest({ timeoutMs: 5_000, topics }));
  await waitForTopics(client, { limits: 1 });
  const session = new Session(client);
  const find = newFindCoordinatorRequest({ coordinatorKeys: ['patient'], keyType: 1 });
  await session.until(
    () => session.call<FindCoordinatorResponse>(ApiKey.FIND_COORDINATOR, 4, find),
    ({ coordinators }) => coordinators[0]?.errorCode === 0,
  );
  await script(session);
  return session.notes;
}

test('timeouts, expiry and two-phase commit are as on the JVM', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const expected = await notesOf(t, jvm);
  assert.deepEqual(await notesOf(t, skarab), expected);
  t.diagnostic(expected.join('\n'));
});
