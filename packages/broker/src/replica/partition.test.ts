/**
 * One partition with its log in memory: what a leader tells whom, and when.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { defaultLogConfig, LogHost, MemoryStorage, openPartitionLogNow } from '@skarab/log';
import type { PartitionRegistration } from '@skarab/metadata';
import { ErrorCode } from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import type { IsrAnswer, IsrProposal } from './isr-state.ts';
import { Partition } from './partition.ts';
import type { IsrUpdate, ReplicationEnvironment } from './replication-environment.ts';

const LAG_MS = 1000;

/** Broker 1 leads a partition that brokers 2 and 3 follow. */
class Scene implements ReplicationEnvironment {
  readonly nodeId = 1;
  nowMs = 0;
  readonly fenced = new Set<number>();
  readonly proposals: { readonly proposal: IsrProposal; readonly answer: (answer: IsrAnswer) => void }[] = [];
  readonly updates: IsrUpdate[] = [];
  readonly highWatermarks: number[] = [];
  readonly #host = new LogHost({
    storage: new MemoryStorage(),
    clock: new ManualClock(0),
    random: seededRandom(1),
    tailCacheBytes: 0,
  });
  readonly partition: Partition;

  constructor(fields: Partial<PartitionRegistration> = {}, minInsyncReplicas = 2) {
    const log = openPartitionLogNow(this.#host, '/data/t-0', { config: defaultLogConfig });
    const replica = { topic: 't', topicId: 'id', partition: 0, registration: this.registration(fields) };
    this.partition = new Partition(this, replica, log, minInsyncReplicas);
    this.partition.onHighWatermark = ({ log: { highWatermark } }) => this.highWatermarks.push(highWatermark);
  }

  brokerEpoch = (): number => 10;
  aliveBrokerEpoch = (id: number): number | undefined => (this.fenced.has(id) ? undefined : id * 10);
  isShuttingDown = (): boolean => false;
  lagTimeMaxMs = (): number => LAG_MS;
  monotonicMs = (): number => this.nowMs;
  proposeIsr = (proposal: IsrProposal, answer: (answer: IsrAnswer) => void): void => {
    this.proposals.push({ proposal, answer });
  };
  onIsrUpdate = (update: IsrUpdate): void => {
    this.updates.push(update);
  };

  registration(fields: Partial<PartitionRegistration> = {}): PartitionRegistration {
    return {
      replicas: [1, 2, 3],
      directories: [],
      isr: [1, 2, 3],
      removingReplicas: [],
      addingReplicas: [],
      elr: [],
      lastKnownElr: [],
      leader: 1,
      leaderRecoveryState: 0,
      leaderEpoch: 1,
      partitionEpoch: 1,
      ...fields,
    };
  }

  /** Appends one record at acks=all and writes it; the codes with which it was acknowledged come later. */
  produce(): number[] {
    const records = [{ key: null, value: Buffer.from('v'), timestamp: 1, headers: [] }];
    const result = this.partition.append(buildBatch({ records }), -1, 'client');
    if (!('nextOffset' in result)) return [result.errorCode];
    const codes: number[] = [];
    this.partition.whenAcknowledged(-1, result.nextOffset, (code) => codes.push(code));
    this.#host.writer.flushStaged();
    this.partition.onWritten();
    return codes;
  }

  fetch(replicaId: number, fetchOffset: number, fields: { brokerEpoch?: number; currentLeaderEpoch?: number } = {}) {
    const { brokerEpoch = replicaId * 10, currentLeaderEpoch = 1 } = fields;
    return this.partition.read({
      fetchOffset,
      maxBytes: 1000,
      minOneMessage: true,
      upperBound: 'logEnd',
      currentLeaderEpoch,
      lastFetchedEpoch: -1,
      fromLeaderOnly: true,
      follower: { replicaId, brokerEpoch, logStartOffset: 0, isFirstRead: true },
    });
  }
}

test('acknowledged when all in sync have it; consumers and followers hear of it in their turn', () => {
  const scene = new Scene();
  const heard: string[] = [];
  const watcher = (name: string) => ({
    onReadable: () => heard.push(name),
    onDisturbed: () => heard.push(`${name} disturbed`),
  });
  scene.partition.watch(watcher('follower'), true);
  scene.partition.watch(watcher('consumer'), false);
  const codes = scene.produce();
  assert.deepEqual(heard, ['follower']);
  scene.fetch(2, 1);
  assert.deepEqual([codes, scene.partition.log.highWatermark], [[], 0]);
  scene.fetch(3, 1);
  assert.deepEqual([codes, scene.highWatermarks, heard], [[ErrorCode.NONE], [1], ['follower', 'consumer']]);
});

test('a follower that lags is taken out; what waits for it is acknowledged then, or refused as too few', () => {
  for (const minInsyncReplicas of [2, 3]) {
    const scene = new Scene({}, minInsyncReplicas);
    const codes = scene.produce();
    scene.fetch(2, 1);
    scene.nowMs = LAG_MS + 1;
    scene.fetch(2, 1);
    scene.partition.shrinkIsr();
    scene.partition.shrinkIsr();
    const [{ proposal, answer }] = scene.proposals as [(typeof scene.proposals)[0]];
    assert.deepEqual([scene.proposals.length, proposal.isr.map(({ brokerId }) => brokerId)], [1, [1, 2]]);
    assert.deepEqual(codes, []);
    answer({ errorCode: 0, leaderEpoch: 1, partitionEpoch: 2, isr: [1, 2] });
    assert.deepEqual(scene.updates, ['shrunk']);
    // Below min.insync.replicas the high watermark stands still, and so does the answer.
    assert.deepEqual(codes, minInsyncReplicas === 2 ? [ErrorCode.NONE] : []);
    assert.deepEqual(scene.produce(), minInsyncReplicas === 2 ? [] : [ErrorCode.NOT_ENOUGH_REPLICAS]);
  }
});

test('a follower outside of the ISR is waited for while it may join, and not when it is fenced or lags', () => {
  for (const happens of ['fenced', 'lags']) {
    const scene = new Scene();
    scene.fetch(2, 0);
    scene.fetch(3, 0);
    const codes = scene.produce();
    scene.fetch(2, 1);
    scene.partition.applyRegistration(scene.registration({ isr: [1, 2], partitionEpoch: 2 }));
    assert.deepEqual(codes, [], happens);
    if (happens === 'fenced') {
      scene.fenced.add(3);
      scene.partition.onBrokersChanged();
    } else {
      scene.nowMs = LAG_MS + 1;
      scene.fetch(2, 1);
      assert.deepEqual(codes, []);
      scene.partition.shrinkIsr();
    }
    assert.deepEqual(codes, [ErrorCode.NONE], happens);
  }
});

test('a proposal that fails is made again where that helps', () => {
  const scene = new Scene({ isr: [1, 2] });
  scene.fetch(3, 0);
  scene.proposals[0]!.answer({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR });
  assert.deepEqual([scene.proposals.length, scene.updates], [2, ['failed']]);
  scene.proposals[1]!.answer({ errorCode: 0, leaderEpoch: 1, partitionEpoch: 2, isr: [1, 2, 3] });
  assert.deepEqual(
    [scene.partition.leadership?.isr, scene.updates],
    [
      [1, 2, 3],
      ['failed', 'expanded'],
    ],
  );
  assert.equal(
    scene.partition.applyRegistration(scene.registration()),
    false,
    'older than what the controller has said',
  );
});

test('who may not fetch as a follower', () => {
  const scene = new Scene();
  assert.equal(scene.fetch(7, 0).errorCode, ErrorCode.UNKNOWN_LEADER_EPOCH);
  assert.equal(scene.fetch(7, 0, { currentLeaderEpoch: -1 }).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER);
  assert.equal(scene.fetch(2, 0, { currentLeaderEpoch: 0 }).errorCode, ErrorCode.FENCED_LEADER_EPOCH);
  assert.equal(scene.fetch(2, 0, { currentLeaderEpoch: 2 }).errorCode, ErrorCode.UNKNOWN_LEADER_EPOCH);
  assert.equal(scene.fetch(2, 0, { brokerEpoch: 19 }).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER, 'its predecessor');
  assert.equal(scene.fetch(2, 9).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE);
  assert.equal(scene.partition.leadership?.follower(2)?.logEndOffset, -1, 'nothing of that counts');
});

test('everybody who waits is told when another broker leads, or the directory fails', () => {
  for (const [end, expected] of [
    [
      (scene: Scene) =>
        scene.partition.applyRegistration(scene.registration({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 })),
      ErrorCode.NOT_LEADER_OR_FOLLOWER,
    ],
    [(scene: Scene) => scene.partition.goOffline(), ErrorCode.KAFKA_STORAGE_ERROR],
    [(scene: Scene) => scene.partition.close(), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
  ] as const) {
    const scene = new Scene();
    const codes = scene.produce();
    const deleted: number[] = [];
    let disturbed = 0;
    scene.partition.whenDeleted(1, (code) => deleted.push(code));
    scene.partition.watch({ onReadable: () => {}, onDisturbed: () => disturbed++ }, true);
    end(scene);
    assert.deepEqual([codes, deleted, disturbed], [[expected], [expected], 1]);
  }
});
