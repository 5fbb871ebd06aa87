import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger, TransportError } from '@skarab/base';
import {
  ErrorCode,
  newWriteShareGroupStateResponse,
  newWriteShareGroupStateResponsePartitionResult,
  type WriteShareGroupStateRequest,
  type WriteShareGroupStateResponse,
} from '@skarab/protocol';
import type { BrokerPeers } from '../channel/broker-peers.ts';
import { remoteShareState } from './remote-share-state.ts';

/** A way to coordinators that answer as `answer` says, and what they were asked. */
function wayTo(answer: (request: WriteShareGroupStateRequest) => WriteShareGroupStateResponse) {
  const requests: WriteShareGroupStateRequest[] = [];
  const send = async (_brokerId: number, _api: unknown, request: unknown): Promise<unknown> => {
    requests.push(request as WriteShareGroupStateRequest);
    return answer(request as WriteShareGroupStateRequest);
  };
  const ask = remoteShareState({ send } as Pick<BrokerPeers, 'send'>, silentLogger);
  const write = (groupId: string, topicId: string, partition: number): Promise<ErrorCode> =>
    ask(2, 'write', { groupId, topicId }, questionOf(partition)).then(({ errorCode }) => errorCode as ErrorCode);
  return { requests, write };
}

const questionOf = (partition: number) => ({
  partition,
  stateEpoch: 1,
  leaderEpoch: 3,
  startOffset: BigInt(partition),
  deliveryCompleteCount: 0,
  stateBatches: [],
});

/** Each partition is refused by its own number. */
const byNumber = ({ topics }: WriteShareGroupStateRequest): WriteShareGroupStateResponse =>
  newWriteShareGroupStateResponse({
    results: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition }) =>
        newWriteShareGroupStateResponsePartitionResult({ partition, errorCode: partition }),
      ),
    })),
  });

test('what is asked at once goes in a request for each group, and everybody gets their own answer', async () => {
  const { requests, write } = wayTo(byNumber);
  const answers = await Promise.all([
    write('g', 'a', 1),
    write('h', 'a', 2),
    write('g', 'b', 3),
    write('g', 'a', 4),
    write('g', 'a', 4),
  ]);
  assert.deepEqual(answers, [1, 2, 3, 4, 4]);
  const asked = requests.map(({ groupId, topics }) => [
    groupId,
    ...topics.map(({ topicId, partitions }) => [topicId, ...partitions.map(({ partition }) => partition)]),
  ]);
  // The second question about the same partition waits for the first.
  assert.deepEqual(asked, [
    ['g', ['a', 1, 4], ['b', 3]],
    ['h', ['a', 2]],
    ['g', ['a', 4]],
  ]);
});

test('a coordinator that cannot be reached, or forgets a partition, is asked again', async () => {
  const failing = wayTo(() => {
    throw new TransportError('TIMEOUT', 'it failed');
  });
  assert.equal(await failing.write('g', 'a', 1), ErrorCode.NETWORK_EXCEPTION);
  const forgetful = wayTo(() => newWriteShareGroupStateResponse());
  assert.equal(await forgetful.write('g', 'a', 1), ErrorCode.NETWORK_EXCEPTION);
});
