import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import {
  ApiError,
  type AssignReplicasToDirsRequest,
  type AssignReplicasToDirsResponse,
  ErrorCode,
  newAssignReplicasToDirsResponse,
} from '@skarab/protocol';
import { DirectoryAssignments } from './directory-assignments.ts';
import type { Partition } from './partition.ts';

interface Sent {
  readonly request: AssignReplicasToDirsRequest;
  readonly resolve: (response: AssignReplicasToDirsResponse) => void;
  readonly reject: (error: unknown) => void;
}

const partition = (topicId: string, index: number): Partition => ({ topicId, index }) as Partition;

function fixture() {
  const clock = new ManualClock(0);
  const sent: Sent[] = [];
  const assignments = new DirectoryAssignments({
    brokerId: 1,
    brokerEpoch: () => 7,
    send: (request) => new Promise((resolve, reject) => sent.push({ request, resolve, reject })),
    clock,
    logger: silentLogger,
  });
  /** `[directory, topic, partitions][]` of a request. */
  const told = (index: number): unknown =>
    sent[index]?.request.directories.flatMap(({ id, topics }) =>
      topics.map(({ topicId, partitions }) => [id, topicId, partitions.map((one) => one.partitionIndex)]),
    );
  const settle = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(0);
  };
  return { clock, sent, assignments, told, settle };
}

test('what comes up while a request is under way goes into the next one', async () => {
  const { clock, sent, assignments, told, settle } = fixture();
  for (const [topic, index, directory] of [
    ['t', 0, 'a'],
    ['t', 1, 'b'],
    ['u', 0, 'a'],
    ['t', 2, 'a'],
  ] as const)
    assignments.assign(partition(topic, index), directory);
  clock.advance(0);
  assignments.assign(partition('t', 3), 'a');
  assignments.assign(partition('t', 3), 'b');
  clock.advance(0);
  assert.equal(sent.length, 1);
  assert.deepEqual(told(0), [
    ['a', 't', [0, 2]],
    ['a', 'u', [0]],
    ['b', 't', [1]],
  ]);
  assert.deepEqual([sent[0]?.request.brokerId, sent[0]?.request.brokerEpoch], [1, 7n]);
  sent[0]?.resolve(newAssignReplicasToDirsResponse());
  await settle();
  assert.deepEqual(told(1), [['b', 't', [3]]]);
});

test('what was refused is told again, unless the replica has moved on or the cluster is too old', async () => {
  const { clock, sent, assignments, told, settle } = fixture();
  assignments.assign(partition('t', 0), 'a');
  assignments.assign(partition('t', 1), 'a');
  clock.advance(0);
  assignments.assign(partition('t', 1), 'b');
  sent[0]?.reject(new ApiError(ErrorCode.NOT_CONTROLLER));
  await settle();
  assert.equal(sent.length, 1);
  clock.advance(1000);
  assert.deepEqual(told(1), [
    ['b', 't', [1]],
    ['a', 't', [0]],
  ]);
  sent[1]?.reject(new ApiError(ErrorCode.UNSUPPORTED_VERSION));
  await settle();
  clock.advance(60_000);
  assert.equal(sent.length, 2);
});

test('no request holds more than 2,250 replicas', async () => {
  const { clock, sent, assignments, settle } = fixture();
  for (let index = 0; index < 3000; index++) assignments.assign(partition('t', index), 'a');
  clock.advance(0);
  sent[0]?.resolve(newAssignReplicasToDirsResponse());
  await settle();
  const sizes = sent.map(({ request }) => request.directories[0]?.topics[0]?.partitions.length);
  assert.deepEqual(sizes, [2250, 750]);
});
