import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReplicaView, replicaSelectorOf, selectRackAware } from './replica-selector.ts';

const leader = { brokerId: 1, rack: 'a', logEndOffset: 100, lagMs: 0 };

function view(brokerId: number, rack: string | null, logEndOffset = 100, lagMs = 0): ReplicaView {
  return { brokerId, rack, logEndOffset, lagMs };
}

test('the own rack, and in it whoever has most', () => {
  const followers = [view(2, 'b', 90), view(3, 'b', 95, 7), view(4, 'b', 95, 3), view(5, 'c'), view(6, null)];
  assert.equal(selectRackAware('b', leader, followers)?.brokerId, 4);
  assert.equal(selectRackAware('c', leader, followers)?.brokerId, 5);
  assert.equal(selectRackAware('a', leader, [view(2, 'a')]), undefined, 'the leader is in the rack');
  assert.equal(selectRackAware('d', leader, followers), undefined);
  assert.equal(selectRackAware('', leader, [view(2, '')]), undefined);
  assert.equal(selectRackAware('b', leader, [view(2, 'b'), view(3, 'b')])?.brokerId, 3);
});

test('the class that a configuration names', () => {
  assert.equal(replicaSelectorOf(null), undefined);
  assert.equal(replicaSelectorOf('org.apache.kafka.common.replica.RackAwareReplicaSelector'), selectRackAware);
  assert.throws(() => replicaSelectorOf('com.example.Mine'), { code: 'CONFIG' });
});
