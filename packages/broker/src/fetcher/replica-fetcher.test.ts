/**
 * A fetcher between the logs of a leader and of a follower, in memory and without a network.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, silentLogger } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import {
  defaultLogConfig,
  FileSlice,
  LogHost,
  MemoryStorage,
  openPartitionLogNow,
  type PartitionLog,
} from '@skarab/log';
import type { PartitionRegistration } from '@skarab/metadata';
import {
  ErrorCode,
  type FetchRequestFetchPartition,
  type FetchResponse,
  newFetchResponse,
  newFetchResponsePartitionData,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { Partition } from '../replica/partition.ts';
import type { ReplicationEnvironment } from '../replica/replication-environment.ts';
import { ReplicationQuota } from '../replica/replication-quota.ts';
import { type FetcherStep, ReplicaFetcher } from './replica-fetcher.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const BACKOFF_MS = 1000;

function registration(leader: number, leaderEpoch: number): PartitionRegistration {
  return {
    replicas: [1, 2],
    directories: [],
    isr: [1, 2],
    removingReplicas: [],
    addingReplicas: [],
    elr: [],
    lastKnownElr: [],
    leader,
    leaderRecoveryState: 0,
    leaderEpoch,
    partitionEpoch: leaderEpoch,
  };
}

/** One broker's replica. */
class Replica {
  readonly host = new LogHost({
    storage: new MemoryStorage(),
    clock: new ManualClock(0),
    random: seededRandom(1),
    tailCacheBytes: 0,
  });
  readonly log: PartitionLog = openPartitionLogNow(this.host, '/data/t-0', { config: defaultLogConfig });
  readonly partition: Partition;
  readonly #environment: ReplicationEnvironment;

  constructor(nodeId: number, leader: number) {
    this.#environment = {
      nodeId,
      brokerEpoch: () => nodeId,
      aliveBrokerEpoch: (id) => id,
      isShuttingDown: () => false,
      lagTimeMaxMs: () => 1000,
      monotonicMs: () => 0,
      proposeIsr: () => {},
      onIsrUpdate: () => {},
    };
    const replica = { topic: 't', topicId: TOPIC_ID, partition: 0, registration: registration(leader, 1) };
    this.partition = new Partition(this.#environment, replica, this.log, 1);
  }

  flush(): void {
    this.host.writer.flushStaged();
    this.partition.onWritten();
  }

  write(...values: string[]): void {
    for (const value of values) {
      const records = [{ key: null, value: Buffer.from(value), timestamp: 1, headers: [] }];
      assert.equal(this.partition.append(buildBatch({ records }), 1, 'client').errorCode, 0);
    }
    this.flush();
  }

  values(): string[] {
    const { logStartOffset: startOffset } = this.log;
    const read = this.log.read({ startOffset, maxBytes: 1 << 20, minOneMessage: true, upperBound: 'logEnd' });
    const bytes = read.records instanceof FileSlice ? read.records.toBytes() : read.records;
    return Buffer.from(bytes).toString('latin1').match(/<\w+>/g) ?? [];
  }
}

/** Broker 1 leads, broker 2 follows. */
class Scene {
  readonly leader = new Replica(1, 1);
  readonly follower: Replica;
  nowMs = 0;
  readonly quota = new ReplicationQuota(2, { count: 2, sizeMs: 1000 });
  readonly fetcher: ReplicaFetcher;
  /** What the session knows. */
  #asked: FetchRequestFetchPartition | undefined;

  constructor(follower = new Replica(2, 1)) {
    this.follower = follower;
    this.fetcher = new ReplicaFetcher({
      maxPartitionBytes: () => 1 << 20,
      backoffMs: () => BACKOFF_MS,
      quota: this.quota,
      flushStaged: () => this.follower.flush(),
      logger: silentLogger,
    });
    this.fetcher.add(this.follower.partition);
  }

  /** What the leader answers to a step. */
  answer(step: FetcherStep): FetchResponse {
    assert.equal(step.kind, 'fetch');
    if (step.kind === 'fetch') this.#asked = step.request.topics[0]?.partitions[0] ?? this.#asked;
    const asked = this.#asked!;
    const { errorCode, read, diverging, highWatermark, logStartOffset } = this.leader.partition.read({
      fetchOffset: Number(asked.fetchOffset),
      maxBytes: asked.partitionMaxBytes,
      minOneMessage: true,
      upperBound: 'logEnd',
      currentLeaderEpoch: asked.currentLeaderEpoch,
      lastFetchedEpoch: asked.lastFetchedEpoch,
      fromLeaderOnly: true,
      follower: { replicaId: 2, brokerEpoch: 2, logStartOffset: 0, isFirstRead: true },
    });
    return this.response(errorCode, {
      highWatermark: BigInt(highWatermark),
      logStartOffset: BigInt(logStartOffset),
      records: read?.records ?? null,
      ...(diverging && { divergingEpoch: { epoch: diverging.epoch, endOffset: BigInt(diverging.endOffset) } }),
    });
  }

  response(errorCode: number, fields: Parameters<typeof newFetchResponsePartitionData>[0] = {}): FetchResponse {
    const data = newFetchResponsePartitionData({ partitionIndex: 0, errorCode, ...fields });
    return newFetchResponse({ sessionId: 7, responses: [{ topic: '', topicId: TOPIC_ID, partitions: [data] }] });
  }

  round() {
    return this.fetcher.onResponse(this.answer(this.fetcher.next(this.nowMs)), this.nowMs);
  }
}

test('records, epochs, high watermark and log start follow the leader', () => {
  const scene = new Scene();
  scene.leader.write('<a>', '<b>');
  scene.round();
  assert.deepEqual(scene.follower.values(), ['<a>', '<b>']);
  assert.equal(scene.follower.log.highWatermark, 0, 'the leader did not know yet');
  scene.round();
  assert.equal(scene.leader.log.highWatermark, 2);
  scene.round();
  assert.equal(scene.follower.log.highWatermark, 2);
  assert.deepEqual(scene.follower.log.epochEntries, scene.leader.log.epochEntries);
  assert.equal(scene.fetcher.maxLag, 0);
  scene.leader.log.maybeIncrementLogStartOffset(1);
  scene.leader.write('<c>');
  scene.round();
  assert.equal(scene.follower.log.logStartOffset, 1);
});

test('what the leader does not have is cut off, however many epochs it takes', () => {
  // The follower led in epochs 2 and 4 without anybody noticing; the leader in 3 and 5.
  const follower = new Replica(2, 1);
  const scene = new Scene(follower);
  scene.leader.write('<a>', '<b>');
  scene.round();
  follower.partition.applyRegistration(registration(2, 2));
  follower.write('<x>');
  follower.partition.applyRegistration(registration(2, 4));
  follower.write('<y>');
  scene.leader.partition.applyRegistration(registration(1, 3));
  scene.leader.write('<c>');
  for (const replica of [scene.leader, follower]) replica.partition.applyRegistration(registration(1, 5));
  scene.leader.write('<d>', '<e>');
  scene.fetcher.add(follower.partition);
  for (let i = 0; i < 5; i++) scene.round();
  assert.deepEqual(follower.values(), ['<a>', '<b>', '<c>', '<d>', '<e>']);
  assert.deepEqual(follower.log.epochEntries, scene.leader.log.epochEntries);
});

test('a leader that has begun anew far ahead: the follower starts over there', () => {
  const scene = new Scene();
  scene.leader.write('<a>', '<b>');
  scene.round();
  scene.leader.log.truncateFullyAndStartAt(50);
  scene.leader.log.assignEpochStartOffset(1, 50);
  scene.leader.write('<c>');
  const outOfRange = scene.round();
  assert.equal(outOfRange.length, 1);
  scene.fetcher.onLeaderBounds(outOfRange[0]!, { startOffset: 50, endOffset: 51 }, scene.nowMs);
  scene.round();
  assert.deepEqual(scene.follower.values(), ['<c>']);
  assert.equal(scene.follower.log.logStartOffset, 50);
});

test('a leader that ends before the follower: the follower ends there too', () => {
  const scene = new Scene();
  scene.leader.write('<a>', '<b>', '<c>');
  scene.round();
  const step = scene.fetcher.next(0);
  assert.equal(step.kind, 'fetch');
  const outOfRange = scene.fetcher.onResponse(scene.response(ErrorCode.OFFSET_OUT_OF_RANGE), 0);
  scene.fetcher.onLeaderBounds(outOfRange[0]!, { startOffset: 0, endOffset: 2 }, 0);
  assert.deepEqual(scene.follower.values(), ['<a>', '<b>']);
});

test('records of a batch whose beginning was deleted', () => {
  const scene = new Scene();
  const values = ['<a>', '<b>', '<c>'].map((value) => ({
    key: null,
    value: Buffer.from(value),
    timestamp: 1,
    headers: [],
  }));
  scene.leader.partition.append(buildBatch({ records: values }), 1, 'client');
  scene.leader.flush();
  scene.follower.log.truncateFullyAndStartAt(1);
  scene.fetcher.remove(scene.follower.partition);
  scene.fetcher.add(scene.follower.partition);
  scene.round();
  assert.deepEqual([scene.follower.log.logStartOffset, scene.follower.log.logEndOffset], [0, 3]);
});

test('a refusal delays the partition; a request that fails delays all', () => {
  const scene = new Scene();
  scene.fetcher.next(0);
  scene.fetcher.onResponse(scene.response(ErrorCode.KAFKA_STORAGE_ERROR), 0);
  const step = scene.fetcher.next(BACKOFF_MS - 1);
  assert.deepEqual(
    step.kind === 'fetch' && step.request.forgottenTopicsData.length,
    1,
    'the session forgets it meanwhile',
  );
  scene.fetcher.onResponse(newFetchResponse({ sessionId: 7 }), BACKOFF_MS - 1);
  assert.deepEqual(scene.fetcher.next(BACKOFF_MS - 1), { kind: 'wait', untilMs: BACKOFF_MS });
  assert.equal(scene.fetcher.next(BACKOFF_MS).kind, 'fetch');
  scene.fetcher.onFailure(BACKOFF_MS);
  assert.deepEqual(scene.fetcher.next(BACKOFF_MS), { kind: 'wait', untilMs: 2 * BACKOFF_MS });
  assert.equal(scene.fetcher.next(2 * BACKOFF_MS).kind, 'fetch');
});

test('a leader that does not know yet that it leads is asked again soon, then less and less often', () => {
  const scene = new Scene();
  let nowMs = 0;
  const delays: number[] = [];
  for (let i = 0; i < 9; i++) {
    assert.equal(scene.fetcher.next(nowMs).kind, 'fetch');
    scene.fetcher.onResponse(scene.response(ErrorCode.UNKNOWN_LEADER_EPOCH), nowMs);
    // The session forgets the partition meanwhile.
    scene.fetcher.next(nowMs);
    scene.fetcher.onResponse(newFetchResponse({ sessionId: 7 }), nowMs);
    const step = scene.fetcher.next(nowMs);
    const untilMs = step.kind === 'wait' ? step.untilMs! : Number.NaN;
    delays.push(untilMs - nowMs);
    nowMs = untilMs;
  }
  assert.deepEqual(delays, [10, 20, 40, 80, 160, 320, 640, BACKOFF_MS, BACKOFF_MS]);
});

test('a fenced follower waits for the metadata', () => {
  const scene = new Scene();
  scene.fetcher.next(0);
  scene.fetcher.onResponse(scene.response(ErrorCode.FENCED_LEADER_EPOCH), 0);
  assert.equal(scene.fetcher.size, 0);
  scene.follower.partition.applyRegistration(registration(1, 2));
  scene.fetcher.add(scene.follower.partition);
  assert.equal(scene.fetcher.size, 1);
});

test('an answer to what was asked in an earlier epoch is not looked at', () => {
  const scene = new Scene();
  scene.leader.write('<a>');
  const late = scene.answer(scene.fetcher.next(0));
  scene.follower.partition.applyRegistration(registration(1, 2));
  scene.fetcher.add(scene.follower.partition);
  scene.fetcher.onResponse(late, 0);
  assert.deepEqual(scene.follower.values(), []);
  const step = scene.fetcher.next(0);
  assert.equal(step.kind === 'fetch' && step.request.sessionEpoch, 0, 'the leader has to say everything again');
});

test('damaged records are not appended, and fetched again later', () => {
  const scene = new Scene();
  scene.leader.write('<a>');
  const response = scene.answer(scene.fetcher.next(0));
  const data = response.responses[0]!.partitions[0]!;
  const records = data.records as FileSlice | Uint8Array;
  const bytes = records instanceof FileSlice ? records.toBytes() : Uint8Array.from(records);
  const damaged = Uint8Array.from(bytes);
  damaged[damaged.length - 2]! ^= 1;
  data.records = damaged;
  scene.fetcher.onResponse(response, 0);
  assert.deepEqual([scene.follower.log.logEndOffset, scene.fetcher.size], [0, 1]);
  assert.deepEqual(scene.fetcher.next(BACKOFF_MS - 1).kind, 'fetch', 'the session has to forget it');
  scene.fetcher.onResponse(newFetchResponse({ sessionId: 7 }), BACKOFF_MS - 1);
  scene.nowMs = BACKOFF_MS;
  scene.round();
  assert.deepEqual(scene.follower.values(), ['<a>']);
});

test('storage that fails ends the following of that partition', () => {
  const scene = new Scene();
  scene.leader.write('<a>');
  const response = scene.answer(scene.fetcher.next(0));
  scene.follower.log.abandon();
  scene.fetcher.onResponse(response, 0);
  assert.equal(scene.fetcher.size, 0);
});

test('a throttled replica that is out of sync waits for its rate; one that is in sync does not', () => {
  const scene = new Scene();
  scene.leader.write('<a>', '<b>');
  scene.quota.setThrottled('t', '*');
  scene.quota.setRate(10);
  scene.round();
  assert.deepEqual(scene.follower.values(), ['<a>', '<b>']);
  scene.round();
  assert.deepEqual(scene.fetcher.next(0).kind, 'fetch', 'in sync');
  scene.fetcher.remove(scene.follower.partition);
  scene.fetcher.add(scene.follower.partition);
  scene.fetcher.next(0);
  scene.fetcher.onResponse(newFetchResponse({ sessionId: 7 }), 0);
  assert.deepEqual(scene.fetcher.next(0), { kind: 'wait', untilMs: BACKOFF_MS });
  assert.equal(scene.fetcher.next(2 * BACKOFF_MS).kind, 'fetch');
});
