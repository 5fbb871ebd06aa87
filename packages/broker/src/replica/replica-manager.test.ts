import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicaManager, type ReplicaManagerOptions } from './replica-manager.ts';

test('partitions hear of brokers that come, go or are fenced, also when no topic changes', () => {
  let heard = 0;
  const partition = { onBrokersChanged: () => heard++ };
  const manager = new ReplicaManager({
    replicas: { all: () => [partition, partition] },
  } as unknown as ReplicaManagerOptions);
  for (const step of manager.stepsOf({ topics: null, cluster: null })) step();
  assert.equal(heard, 0);
  const cluster = {} as NonNullable<Parameters<ReplicaManager['stepsOf']>[0]['cluster']>;
  for (const step of manager.stepsOf({ topics: null, cluster })) step();
  assert.equal(heard, 2);
});
