import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TopicPartition } from '@skarab/coordinator';
import { ErrorCode, errorName } from '@skarab/protocol';
import type { Partition } from '../replica/partition.ts';
import { ReplicaSet } from '../replica/replica-set.ts';
import { MarkerSender } from './marker-sender.ts';

test('markers are written where this broker leads, tried again where nobody does, and spared where there is nothing', async () => {
  const replicas = new ReplicaSet();
  const kept = (index: number, isLeader: boolean): void => replicas.put({ topic: 't', index, isLeader } as Partition);
  kept(0, true);
  kept(1, false);
  const asked: TopicPartition[] = [];
  const sender = new MarkerSender({
    replicas,
    local: {
      write: async (_end, partitions) => {
        asked.push(...partitions);
        return partitions.map((at) => ({ ...at, errorCode: ErrorCode.KAFKA_STORAGE_ERROR }));
      },
    },
    exists: ({ topic, partition }) => topic === 't' && partition < 3,
  });
  const end = { producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, isCommit: true, transactionVersion: 2 };
  const at = (topic: string, partition: number): TopicPartition => ({ topic, partition });
  const results = await sender.write(end, [at('t', 0), at('t', 1), at('t', 2), at('t', 3), at('gone', 0)]);
  assert.deepEqual(asked, [at('t', 0)]);
  assert.deepEqual(
    results.map(({ topic, partition, errorCode }) => `${topic}-${partition} ${errorName(errorCode)}`),
    ['t-0 KAFKA_STORAGE_ERROR', 't-1 NOT_LEADER_OR_FOLLOWER', 't-2 NOT_LEADER_OR_FOLLOWER', 't-3 NONE', 'gone-0 NONE'],
  );
});
