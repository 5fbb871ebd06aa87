/**
 * Ten thousand groups, and groups of a thousand members of both protocols, on one node: whose event loop may not be held for long, as it measures.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClassicMember, ConsumerMember, connectWhenReady, WireClient } from '@skarab/bench';
import { freePort } from '../tools/kafka-jvm/jvm.ts';
import { connectTo, scratchFolder, startBroker } from '../tools/raw-client/brokers.ts';
import { assertHeld, NodeMetrics } from './node-metrics.ts';
import { createTopics, waitForCoordinator } from './topics.ts';

const GROUPS = 10_000;
const MEMBERS = 1000;
/** Requests under way at once over one connection. */
const WINDOW = 100;

async function inTurns<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < all.length; i += WINDOW) await Promise.all(all.slice(i, i + WINDOW).map(act));
}

test('groups in number and in size', { timeout: 300_000 }, async (t) => {
  const metrics = new NodeMetrics(await freePort());
  const broker = await startBroker(t, metrics.distribution(await scratchFolder(t)));
  const admin = await connectTo(t, broker.port);
  await createTopics(admin, [{ name: 'grouped', partitions: MEMBERS }]);
  await waitForCoordinator(admin, 'any');
  const address = { host: '127.0.0.1', port: broker.port };
  const client = await connectWhenReady(address, { brokers: 1, timeoutMs: 10_000 });
  t.after(() => client.close());
  await metrics.untilReady();
  const stage = async (what: string, act: () => Promise<void>): Promise<void> => {
    const startedAt = performance.now();
    await act();
    const heldMs = await metrics.heldMs();
    t.diagnostic(`${what}: ${Math.round(performance.now() - startedAt)} ms; the loop was held for ${heldMs} ms`);
    assertHeld(what, [heldMs]);
  };

  await stage('start', async () => {});
  await stage('ten thousand groups', async () => {
    const members = Array.from({ length: GROUPS }, (_, i) => new ConsumerMember(client, `small-${i}`));
    await inTurns(members, (member) => member.heartbeat('grouped'));
    for (let rounds = 0; rounds < 2; rounds++) await inTurns(members, (member) => member.heartbeat());
    assert(members.every(({ ownedPartitions }) => ownedPartitions === MEMBERS));
  });
  await stage('a consumer group of a thousand members', async () => {
    const members = Array.from({ length: MEMBERS }, () => new ConsumerMember(client, 'large'));
    await inTurns(members, (member) => member.heartbeat('grouped'));
    while (!members.every(({ ownedPartitions }) => ownedPartitions === 1))
      await inTurns(members, (member) => member.heartbeat());
  });
  await stage('a classic group of a thousand members', async () => {
    const members: ClassicMember[] = [];
    try {
      for (let i = 0; i < MEMBERS; i++) members.push(new ClassicMember(await WireClient.connect(address), 'classic'));
      await Promise.all(members.map((member) => member.settle()));
      while (!members.every(({ generation }) => generation === members[0]!.generation))
        await Promise.all(members.map(async (member) => (await member.isStable()) || member.settle()));
    } finally {
      for (const member of members) member.close();
    }
  });
  await stage('rest', async () => {});
  await broker.kill();
});
