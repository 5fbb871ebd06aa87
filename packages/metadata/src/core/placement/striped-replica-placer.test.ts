import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { placeReplicas, type UsableBroker } from './striped-replica-placer.ts';

const broker = (id: number, rack: string | null = null, fenced = false): UsableBroker => ({ id, rack, fenced });

test('one broker takes every partition', () => {
  assert.deepEqual(placeReplicas(seededRandom(1), { partitionCount: 3, replicationFactor: 1 }, [broker(5)]), {
    ok: true,
    assignments: [[5], [5], [5]],
  });
});

test('refuses in Kafka’s words', () => {
  const random = seededRandom(1);
  const reason = (replicationFactor: number, brokers: UsableBroker[]) =>
    placeReplicas(random, { partitionCount: 1, replicationFactor }, brokers);
  assert.deepEqual(reason(0, [broker(1)]), {
    ok: false,
    reason: 'Invalid replication factor 0: the replication factor must be positive.',
  });
  assert.deepEqual(reason(1, [broker(1, null, true)]), {
    ok: false,
    reason: 'All brokers are currently fenced, or have all their log directories cordoned.',
  });
  assert.deepEqual(reason(3, [broker(1), broker(2)]), {
    ok: false,
    reason:
      'The target replication factor of 3 cannot be reached because only 2 broker(s) are registered or some ' +
      'brokers have all their log directories cordoned.',
  });
});

test('replicas of a partition are distinct, cover the racks, and are spread evenly', () => {
  const brokers = Array.from({ length: 9 }, (_, id) => broker(id, 'abc'[Math.floor(id / 3)]!));
  for (let seed = 0; seed < 20; seed++) {
    const placed = placeReplicas(seededRandom(seed), { partitionCount: 90, replicationFactor: 3 }, brokers);
    assert.ok(placed.ok);
    const counts = new Map<number, number>();
    for (const replicas of placed.assignments) {
      assert.equal(new Set(replicas).size, 3);
      assert.deepEqual(new Set(replicas.map((id) => Math.floor(id / 3))), new Set([0, 1, 2]));
      for (const id of replicas) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    assert.deepEqual(
      [...counts.values()],
      Array.from({ length: 9 }, () => 30),
    );
  }
});

test('a fenced broker follows when it must, and never leads', () => {
  const brokers = [broker(0), broker(1), broker(2, null, true)];
  const placed = placeReplicas(seededRandom(3), { partitionCount: 20, replicationFactor: 3 }, brokers);
  assert.ok(placed.ok);
  for (const replicas of placed.assignments) {
    assert.notEqual(replicas[0], 2);
    assert.deepEqual([...replicas].sort(), [0, 1, 2]);
  }
});
