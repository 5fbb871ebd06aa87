import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransportError } from '@skarab/base';
import { ErrorCode, type ListOffsetsRequest, newListOffsetsPartitionResponse } from '@skarab/protocol';
import type { BrokerPeers } from '../channel/broker-peers.ts';
import { ReplicaSet } from '../replica/replica-set.ts';
import { EndOffsets } from './end-offsets.ts';

/** Partition N is led by broker N; broker 2 answers as `answer` says. */
function endsWith(answer: (partitionIndex: number) => { errorCode?: number; offset?: bigint } | undefined) {
  const requests: ListOffsetsRequest[] = [];
  const send = async (_brokerId: number, _api: unknown, request: unknown): Promise<unknown> => {
    const { topics } = request as ListOffsetsRequest;
    requests.push(request as ListOffsetsRequest);
    return {
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.flatMap(({ partitionIndex }) => {
          const fields = answer(partitionIndex);
          return fields === undefined ? [] : [newListOffsetsPartitionResponse({ partitionIndex, ...fields })];
        }),
      })),
    };
  };
  const leaders = [-1, 1, 2, 2];
  const ends = new EndOffsets({
    nodeId: 1,
    replicas: new ReplicaSet(),
    peers: { send } as Pick<BrokerPeers, 'send'>,
    leaderOf: ({ partition }) => leaders[partition],
  });
  return { requests, of: (partition: number) => ends.of({ topic: 't', partition }) };
}

test('leaders on other brokers are asked, for all of their partitions at once', async () => {
  const { requests, of } = endsWith((index) =>
    index === 2 ? { offset: 7n } : { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER },
  );
  assert.deepEqual(await Promise.all([of(2), of(3)]), [{ offset: 7 }, { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER }]);
  assert.equal(requests.length, 1);
});

test('an end that nobody can tell says why', async () => {
  const { of } = endsWith(() => undefined);
  assert.deepEqual(await of(0), { errorCode: ErrorCode.LEADER_NOT_AVAILABLE });
  assert.deepEqual(await of(1), { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER });
  assert.deepEqual(await of(2), { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });
  assert.deepEqual(await of(9), { errorCode: ErrorCode.LEADER_NOT_AVAILABLE });
  const failing = endsWith(() => {
    throw new TransportError('TIMEOUT', 'it failed');
  });
  assert.deepEqual(await failing.of(2), { errorCode: ErrorCode.NETWORK_EXCEPTION });
});
