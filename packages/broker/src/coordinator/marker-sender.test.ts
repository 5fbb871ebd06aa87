import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger, TransportError } from '@skarab/base';
import type { TopicPartition, TransactionEnd } from '@skarab/coordinator';
import { ErrorCode, errorName, type WriteTxnMarkersRequest, type WriteTxnMarkersResponse } from '@skarab/protocol';
import type { BrokerPeers } from '../channel/broker-peers.ts';
import type { Partition } from '../replica/partition.ts';
import { ReplicaSet } from '../replica/replica-set.ts';
import { MarkerSender } from './marker-sender.ts';
import { remoteMarkers } from './remote-markers.ts';

const END: TransactionEnd = {
  producerId: 1,
  producerEpoch: 3,
  coordinatorEpoch: 5,
  isCommit: true,
  transactionVersion: 2,
};
const at = (topic: string, partition: number): TopicPartition => ({ topic, partition });

/** Peers that answer as `answer` says. */
function peersOf(answer: (brokerId: number, request: WriteTxnMarkersRequest) => WriteTxnMarkersResponse) {
  const send = async (brokerId: number, _api: unknown, request: unknown): Promise<unknown> =>
    answer(brokerId, request as WriteTxnMarkersRequest);
  return { send } as Pick<BrokerPeers, 'send'>;
}

/** All partitions of a request with one error. */
function answerOf({ markers }: WriteTxnMarkersRequest, errorCode: ErrorCode): WriteTxnMarkersResponse {
  return {
    markers: markers.map(({ producerId, topics }) => ({
      producerId,
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
      })),
    })),
  };
}

test('markers go to who leads, are tried again where nobody does, and spared where there is nothing', async () => {
  const replicas = new ReplicaSet();
  const kept = (index: number, isLeader: boolean): void => replicas.put({ topic: 't', index, isLeader } as Partition);
  kept(0, true);
  kept(1, false);
  kept(4, false);
  const asked: string[] = [];
  const sender = new MarkerSender({
    nodeId: 1,
    replicas,
    local: {
      write: async (_end, partitions) => {
        asked.push(...partitions.map(({ topic, partition }) => `1: ${topic}-${partition}`));
        return partitions.map((to) => ({ ...to, errorCode: ErrorCode.KAFKA_STORAGE_ERROR }));
      },
    },
    remote: async (brokerId, _end, partitions) => {
      asked.push(...partitions.map(({ topic, partition }) => `${brokerId}: ${topic}-${partition}`));
      return partitions.map((to) => ({ ...to, errorCode: ErrorCode.NOT_ENOUGH_REPLICAS }));
    },
    // The replica of 4 has not heard of its election yet; nobody leads 2; 3 and others are gone.
    leaderOf: ({ topic, partition }) => (topic === 't' ? [1, 2, -1, undefined, 1][partition] : undefined),
  });
  const results = await sender.write(END, [at('t', 0), at('t', 1), at('t', 2), at('t', 3), at('t', 4), at('gone', 0)]);
  assert.deepEqual(asked, ['1: t-0', '2: t-1']);
  assert.deepEqual(
    results.map(({ topic, partition, errorCode }) => `${topic}-${partition} ${errorName(errorCode)}`).sort(),
    [
      'gone-0 NONE',
      't-0 KAFKA_STORAGE_ERROR',
      't-1 NOT_ENOUGH_REPLICAS',
      't-2 NOT_LEADER_OR_FOLLOWER',
      't-3 NONE',
      't-4 NOT_LEADER_OR_FOLLOWER',
    ],
  );
});

test('markers of several transactions share a request, and each gets its own answer', async () => {
  const requests: WriteTxnMarkersRequest[] = [];
  const write = remoteMarkers(
    peersOf((_brokerId, request) => {
      requests.push(request);
      const answer = answerOf(request, ErrorCode.NONE);
      answer.markers[0]!.topics[0]!.partitions[1]!.errorCode = ErrorCode.NOT_LEADER_OR_FOLLOWER;
      return answer;
    }),
    silentLogger,
  );
  const [first, second] = await Promise.all([
    write(2, END, [at('a', 0), at('b', 0), at('a', 1)]),
    write(2, { ...END, producerId: 2, isCommit: false }, [at('a', 0)]),
  ]);
  assert.equal(requests.length, 1);
  assert.deepEqual(requests[0]!.markers[0], {
    producerId: 1n,
    producerEpoch: 3,
    coordinatorEpoch: 5,
    transactionResult: true,
    transactionVersion: 2,
    topics: [
      { name: 'a', partitionIndexes: [0, 1] },
      { name: 'b', partitionIndexes: [0] },
    ],
  });
  assert.deepEqual(
    first!.map(({ errorCode }) => errorCode),
    [ErrorCode.NONE, ErrorCode.NONE, ErrorCode.NOT_LEADER_OR_FOLLOWER],
  );
  assert.deepEqual(
    second!.map(({ errorCode }) => errorCode),
    [ErrorCode.NONE],
  );
});

test('a broker that cannot be asked, or leaves something out, has its markers sent again', async () => {
  const broken = remoteMarkers(
    peersOf(() => {
      throw new TransportError('REFUSED', 'nobody listens');
    }),
    silentLogger,
  );
  const silent = remoteMarkers(
    peersOf(() => ({ markers: [] })),
    silentLogger,
  );
  for (const write of [broken, silent])
    assert.deepEqual(await write(2, END, [at('a', 0)]), [{ ...at('a', 0), errorCode: ErrorCode.NETWORK_EXCEPTION }]);
});
