/**
 * Three controllers and a broker: what one decides all know, also when the one dies.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, ErrorCode, newCreatableTopic, newCreateTopicsRequest } from '@skarab/protocol';
import { imageRecords, type MetadataImage } from '../src/core/image/metadata-image.ts';
import { access, joinBroker } from './test-node.ts';
import { type QuorumNode, TestQuorum } from './test-quorum.ts';

const WAIT_MS = 10_000;

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = Date.now() + WAIT_MS;
  while (!condition()) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const topics = (...names: string[]) =>
  newCreateTopicsRequest({
    topics: names.map((name) => newCreatableTopic({ name, numPartitions: 1, replicationFactor: 1 })),
  });

const createTopic = ({ node }: QuorumNode, name: string) =>
  node.controller.createTopics({ requestVersion: 7 }, topics(name), access);

const leaderOf = (nodes: readonly QuorumNode[], except = -1): QuorumNode | undefined =>
  nodes.find(({ id, node }) => id !== except && node.leader.leaderId === id);

const textOf = (image: MetadataImage): string =>
  JSON.stringify([...imageRecords(image)], (_, value) => (typeof value === 'bigint' ? String(value) : value));

async function untilEqual(nodes: readonly QuorumNode[], offset: number): Promise<void> {
  const reached = ({ node }: QuorumNode) => node.image.provenance.lastContainedOffset >= offset;
  await until(() => nodes.every(reached), `all nodes have what is before ${offset}`);
  const end = Math.min(...nodes.map(({ node }) => node.image.provenance.lastContainedOffset));
  const [first, ...others] = nodes.filter(({ node }) => node.image.provenance.lastContainedOffset === end);
  for (const other of others) assert.equal(textOf(other.node.image), textOf(first!.node.image));
}

test('topics are created by whoever leads, and all nodes have the same image', async () => {
  const quorum = new TestQuorum([1, 2, 3]);
  try {
    const controllers = await Promise.all([1, 2, 3].map((id) => quorum.start(id)));
    const broker = await quorum.start(4);
    const leader = leaderOf(controllers)!;
    await joinBroker(leader, 4);
    const {
      topics: [created],
    } = await createTopic(leader, 'first');
    assert.equal(created?.errorCode, ErrorCode.NONE);
    await untilEqual([...controllers, broker], leader.node.logEndOffset - 1);
    assert.ok(broker.node.image.topics.byName.has('first'));

    // A controller that does not lead does not decide.
    const follower = controllers.find(({ id }) => id !== leader.id)!;
    await assert.rejects(createTopic(follower, 'nowhere'), (error: unknown) => {
      return error instanceof ApiError && error.errorCode === ErrorCode.NOT_CONTROLLER;
    });

    // The leader is cut off: what it decides now nobody will know of, and whoever waits for it is told.
    quorum.cutOff(leader.id);
    const lost = createTopic(leader, 'lost');
    const refused = assert.rejects(lost, (error: unknown) => {
      return error instanceof ApiError && error.errorCode === ErrorCode.NOT_CONTROLLER;
    });
    const others = controllers.filter(({ id }) => id !== leader.id);
    await until(() => leaderOf(others) !== undefined, 'another leads');
    const next = leaderOf(others)!;
    assert.ok(next.node.leader.epoch > leader.node.leader.epoch);
    assert.ok(next.node.image.topics.byName.has('first'));
    await createTopic(next, 'second');
    await refused;
    assert.equal(leader.node.image.topics.byName.has('lost'), false);
    await untilEqual([...others, broker], next.node.logEndOffset - 1);
    assert.ok(broker.node.image.topics.byName.has('second'));
    assert.deepEqual(
      [...controllers, broker].flatMap(({ faults }) => faults),
      [],
    );
  } finally {
    await quorum.close();
  }
});

test('a node that comes late is given a snapshot, and a leader that stops hands over', async () => {
  const quorum = new TestQuorum([1, 2, 3], { snapshots: { maxBytes: 1, maxIntervalMs: 0 } });
  try {
    const early = await Promise.all([1, 2].map((id) => quorum.start(id)));
    const leader = leaderOf(early)!;
    await joinBroker(leader, 4);
    for (const name of ['a', 'b', 'c']) await createTopic(leader, name);

    const late = await quorum.start(3);
    const all = [...early, late];
    await untilEqual(all, leader.node.logEndOffset - 1);
    assert.ok(late.node.image.topics.byName.has('c'));
    assert.ok((late.log.startOffset ?? 0) > 0, 'the log begins behind a snapshot');

    await quorum.stop(leader);
    const others = all.filter(({ id }) => id !== leader.id);
    await until(() => leaderOf(others) !== undefined, 'another leads');
    await createTopic(leaderOf(others)!, 'd');
    await untilEqual(others, leaderOf(others)!.node.logEndOffset - 1);

    // What was the leader comes back and follows.
    const back = await quorum.start(leader.id);
    await untilEqual([...others, back], leaderOf(others)!.node.logEndOffset - 1);
    assert.ok(back.node.image.topics.byName.has('d'));
    assert.deepEqual(
      [...all, back].flatMap(({ faults }) => faults),
      [],
    );
  } finally {
    await quorum.close();
  }
});
