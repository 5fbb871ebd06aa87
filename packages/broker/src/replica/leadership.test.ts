import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode } from '@skarab/protocol';
import type { IsrProposal } from './isr-state.ts';
import { Leadership } from './leadership.ts';
import type { ReplicationEnvironment } from './replication-environment.ts';

const LAG_MS = 100;

/** Broker 1 leads; time and the others are as the test says. */
class Scene implements ReplicationEnvironment {
  readonly nodeId = 1;
  nowMs = 1000;
  readonly alive = new Map([
    [1, 10],
    [2, 20],
    [3, 30],
  ]);
  readonly leaving = new Set<number>();
  readonly leadership = new Leadership('topic', 0, this);

  brokerEpoch = (): number => 10;
  aliveBrokerEpoch = (id: number): number | undefined => this.alive.get(id);
  isShuttingDown = (id: number): boolean => this.leaving.has(id);
  lagTimeMaxMs = (): number => LAG_MS;
  monotonicMs = (): number => this.nowMs;
  proposeIsr = (): void => assert.fail('the caller proposes');
  onIsrUpdate = (): void => assert.fail('the caller counts');

  lead(isr: readonly number[], epochs: { leaderEpoch?: number; partitionEpoch?: number } = {}, endOffset = 0): void {
    const { leaderEpoch = 5, partitionEpoch = 7 } = epochs;
    this.leadership.apply({ replicas: [1, 2, 3], isr, leaderEpoch, partitionEpoch }, endOffset, leaderEpoch === 5);
  }

  fetch(id: number, fetchOffset: number, leaderEndOffset: number, brokerEpoch = id * 10): boolean {
    const fetch = { fetchOffset, logStartOffset: 0, leaderEndOffset, brokerEpoch, nowMs: this.nowMs };
    return this.leadership.onFetch(this.leadership.follower(id)!, fetch);
  }

  expand(id: number, highWatermark: number): IsrProposal | undefined {
    return this.leadership.proposeExpansion(this.leadership.follower(id)!, highWatermark);
  }
}

test('the high watermark is what all in sync have', () => {
  const scene = new Scene();
  scene.lead([1, 2, 3]);
  assert.equal(scene.leadership.highWatermark(10, 1), -1);
  assert.equal(scene.fetch(2, 8, 10), true);
  scene.fetch(3, 6, 10);
  assert.equal(scene.leadership.highWatermark(10, 1), 6);
  assert.equal(scene.fetch(3, 6, 10), false);
  scene.fetch(3, 10, 10);
  assert.equal(scene.leadership.highWatermark(10, 1), 8);
});

test('a follower that is out of sync holds nobody up, unless it is about to join', () => {
  const scene = new Scene();
  scene.lead([1, 2]);
  scene.fetch(2, 10, 10);
  assert.equal(scene.leadership.highWatermark(10, 1), 10);
  scene.fetch(3, 9, 9);
  assert.equal(scene.leadership.highWatermark(10, 1), 9, 'it was caught up just now');
  scene.alive.delete(3);
  assert.equal(scene.leadership.highWatermark(10, 1), 10, 'it is fenced');
  scene.alive.set(3, 30);
  scene.nowMs += LAG_MS + 1;
  assert.equal(scene.leadership.highWatermark(10, 1), 10, 'that was too long ago');
});

test('below min.insync.replicas the high watermark stands still', () => {
  const scene = new Scene();
  scene.lead([1]);
  assert.equal(scene.leadership.highWatermark(10, 2), undefined);
  assert.equal(scene.leadership.highWatermark(10, 1), 10);
  scene.lead([1, 2, 3], { partitionEpoch: 8 });
  scene.fetch(2, 10, 10);
  scene.fetch(3, 10, 10);
  assert.equal(scene.leadership.highWatermark(10, 4), 10, 'never more than there are replicas');
});

test('who joins: everything below the high watermark, this epoch, alive, staying, this incarnation', () => {
  const scene = new Scene();
  scene.lead([1, 2], {}, 5);
  assert.equal(scene.expand(3, 0), undefined, 'never fetched');
  scene.fetch(3, 4, 10);
  assert.equal(scene.expand(3, 3), undefined, 'before this epoch');
  scene.fetch(3, 6, 10);
  assert.equal(scene.expand(3, 7), undefined, 'below the high watermark');
  scene.leaving.add(3);
  assert.equal(scene.expand(3, 6), undefined, 'leaving');
  scene.leaving.clear();
  scene.alive.set(3, 31);
  assert.equal(scene.expand(3, 6), undefined, 'another incarnation');
  scene.fetch(3, 6, 10, -1);
  scene.fetch(2, 10, 10);
  assert.deepEqual(scene.expand(3, 6), {
    topicId: 'topic',
    partition: 0,
    leaderEpoch: 5,
    partitionEpoch: 7,
    isr: [
      { brokerId: 1, brokerEpoch: 10 },
      { brokerId: 2, brokerEpoch: 20 },
      { brokerId: 3, brokerEpoch: -1 },
    ],
  });
  assert.equal(scene.expand(3, 6), undefined, 'under way');
});

test('whoever is to join counts at once; whoever is to leave counts until it has left', () => {
  const scene = new Scene();
  scene.lead([1, 2]);
  scene.fetch(2, 10, 10);
  scene.fetch(3, 8, 10);
  const expansion = scene.expand(3, 8)!;
  scene.nowMs += 10 * LAG_MS;
  assert.deepEqual(
    [scene.leadership.isr, scene.leadership.maximalIsr],
    [
      [1, 2],
      [1, 2, 3],
    ],
  );
  assert.equal(scene.leadership.highWatermark(10, 1), 8);
  const joined = { errorCode: 0, leaderEpoch: 5, partitionEpoch: 8, isr: [1, 2, 3] } as const;
  assert.equal(scene.leadership.onAnswer(expansion, joined), 'committed');
  const shrink = scene.leadership.proposeShrink(10)!;
  assert.deepEqual(
    [shrink.partitionEpoch, shrink.isr.map(({ brokerId }) => brokerId)],
    [8, [1, 2]],
    'who has everything is never late',
  );
  assert.equal(scene.leadership.highWatermark(10, 1), 8);
  assert.equal(
    scene.leadership.onAnswer(shrink, { errorCode: 0, leaderEpoch: 5, partitionEpoch: 9, isr: [1, 2] }),
    'committed',
  );
  assert.equal(scene.leadership.highWatermark(10, 1), 10);
});

test('a slow follower is in sync as long as it had everything of not long ago', () => {
  const scene = new Scene();
  scene.lead([1, 2, 3]);
  scene.fetch(3, 100, 100);
  for (let end = 10; end <= 60; end += 10) {
    // Always one round behind: it has what the leader had at its fetch before.
    scene.fetch(2, end - 10, end);
    assert.equal(scene.leadership.proposeShrink(end + 5), undefined, `at ${end}`);
    scene.nowMs += LAG_MS - 1;
    scene.fetch(3, end + 5, end + 5);
  }
  scene.nowMs += LAG_MS;
  assert.notEqual(scene.leadership.proposeShrink(100), undefined);
});

test('what the controller refuses', () => {
  const scene = new Scene();
  scene.lead([1, 2, 3]);
  scene.nowMs += LAG_MS + 1;
  const first = scene.leadership.proposeShrink(10)!;
  assert.equal(scene.leadership.onAnswer(first, { errorCode: ErrorCode.NETWORK_EXCEPTION }), 'retry');
  assert.equal(scene.leadership.onAnswer(first, { errorCode: ErrorCode.INELIGIBLE_REPLICA }), 'given up');
  assert.deepEqual(scene.leadership.maximalIsr, [1, 2, 3]);
  const second = scene.leadership.proposeShrink(10)!;
  assert.equal(scene.leadership.onAnswer(first, { errorCode: ErrorCode.NETWORK_EXCEPTION }), 'superseded');
  assert.equal(scene.leadership.onAnswer(second, { errorCode: ErrorCode.FENCED_LEADER_EPOCH }), 'given up');
  assert.equal(scene.leadership.proposeShrink(10), undefined, 'only newer metadata ends the wait');
  scene.lead([1, 2], { partitionEpoch: 8 });
  assert.deepEqual(scene.leadership.proposeShrink(10)?.isr, [{ brokerId: 1, brokerEpoch: 10 }]);
});

test('a new epoch of the same leader keeps what is known; those in sync get time to show up', () => {
  const scene = new Scene();
  scene.lead([1, 2, 3]);
  scene.fetch(2, 10, 10);
  scene.nowMs += 10 * LAG_MS;
  scene.lead([1, 2], { leaderEpoch: 6, partitionEpoch: 8 }, 10);
  assert.equal(scene.leadership.epochStartOffset, 10);
  assert.equal(scene.leadership.follower(2)!.logEndOffset, 10);
  assert.equal(scene.leadership.proposeShrink(20), undefined);
  scene.nowMs += LAG_MS + 1;
  assert.deepEqual(scene.leadership.proposeShrink(20)?.isr, [{ brokerId: 1, brokerEpoch: 10 }]);
});
