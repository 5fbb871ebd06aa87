import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import {
  type AlterPartitionRequest,
  type AlterPartitionResponse,
  ErrorCode,
  newAlterPartitionResponse,
  newAlterPartitionResponsePartitionData,
} from '@skarab/protocol';
import { AlterPartitionManager } from './alter-partition-manager.ts';
import type { IsrAnswer, IsrProposal } from './isr-state.ts';

const TOPIC = 'AAAAAAAAAAAAAAAAAAAAAQ';

class Scene {
  readonly clock = new ManualClock(0);
  readonly requests: AlterPartitionRequest[] = [];
  readonly answers: [number, IsrAnswer][] = [];
  #reply: ((response: AlterPartitionResponse | Error) => void) | undefined;
  readonly manager = new AlterPartitionManager({
    nodeId: 1,
    brokerEpoch: () => 10,
    send: (request) => {
      this.requests.push(request);
      return new Promise((resolve, reject) => {
        this.#reply = (response) => (response instanceof Error ? reject(response) : resolve(response));
      });
    },
    clock: this.clock,
    logger: silentLogger,
  });

  submit(partition: number): void {
    const isr = [{ brokerId: 1, brokerEpoch: 10 }];
    const proposal: IsrProposal = { topicId: TOPIC, partition, leaderEpoch: 3, partitionEpoch: 4, isr };
    this.manager.submit(proposal, (answer) => this.answers.push([partition, answer]));
  }

  async reply(response: AlterPartitionResponse | Error): Promise<void> {
    this.#reply!(response);
    await new Promise((resolve) => setImmediate(resolve));
  }

  get asked(): number[][] {
    return this.requests.map(({ topics }) =>
      topics.flatMap(({ partitions }) => partitions.map((p) => p.partitionIndex)),
    );
  }
}

function answered(...partitions: (number | [number, number])[]): AlterPartitionResponse {
  return newAlterPartitionResponse({
    topics: [
      {
        topicId: TOPIC,
        partitions: partitions.map((p) => {
          const [partitionIndex, errorCode] = typeof p === 'number' ? [p, 0] : p;
          return newAlterPartitionResponsePartitionData({
            partitionIndex,
            errorCode,
            leaderEpoch: 3,
            partitionEpoch: 5,
            isr: [1],
          });
        }),
      },
    ],
  });
}

test('what comes together goes together, and one request at a time', async () => {
  const scene = new Scene();
  scene.submit(0);
  scene.submit(1);
  scene.clock.runSoon();
  scene.submit(2);
  scene.clock.runSoon();
  assert.deepEqual(scene.asked, [[0, 1]]);
  await scene.reply(answered(0, [1, ErrorCode.INVALID_UPDATE_VERSION]));
  assert.deepEqual(scene.answers, [
    [0, { errorCode: 0, leaderEpoch: 3, partitionEpoch: 5, isr: [1] }],
    [1, { errorCode: ErrorCode.INVALID_UPDATE_VERSION }],
  ]);
  assert.deepEqual(scene.asked, [[0, 1], [2]]);
});

test('a partition with a proposal under way gets no second one', () => {
  const scene = new Scene();
  scene.submit(0);
  scene.submit(0);
  scene.clock.runSoon();
  assert.deepEqual(scene.answers, [[0, { errorCode: ErrorCode.OPERATION_NOT_ATTEMPTED }]]);
  assert.deepEqual(scene.asked, [[0]]);
});

test('what fails as a whole, and what the response leaves out, is sent again', async () => {
  const scene = new Scene();
  scene.submit(0);
  scene.clock.runSoon();
  await scene.reply(new Error('no controller'));
  scene.clock.advance(49);
  assert.equal(scene.requests.length, 1);
  scene.clock.advance(1);
  assert.equal(scene.requests.length, 2);
  await scene.reply(newAlterPartitionResponse({ errorCode: ErrorCode.STALE_BROKER_EPOCH }));
  scene.clock.advance(50);
  await scene.reply(answered(7));
  assert.deepEqual(scene.asked, [[0], [0], [0], [0]]);
  await scene.reply(answered(0));
  assert.equal(scene.answers.length, 1);
});

test('a stopped manager neither sends nor answers', async () => {
  const scene = new Scene();
  scene.submit(0);
  scene.clock.runSoon();
  scene.manager.stop();
  await scene.reply(answered(0));
  scene.clock.advance(1000);
  assert.deepEqual([scene.answers.length, scene.requests.length], [0, 1]);
});
