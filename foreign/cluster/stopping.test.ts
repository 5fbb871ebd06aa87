/**
 * Nodes that are stopped when the quorum is gone end soon: a controlled shutdown is not possible any more. JVM Kafka waits five minutes for one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterWatch } from '../../durability/chaos/cluster-watch.ts';
import type { NodeProcess } from '../../tools/cluster/node-process.ts';
import { skarab } from '../harness.ts';
import { startCluster, until } from './harness.ts';

const SOON_MS = 4000;
const VOTERS = [1, 2, 3];

async function stopMs(node: NodeProcess): Promise<number> {
  const startMs = performance.now();
  await node.stop();
  return performance.now() - startMs;
}

test('a voter and a broker that are left when the others have stopped end soon', { timeout: 120_000 }, async (t) => {
  const voters = VOTERS.map((id) => ({ id, roles: 'broker,controller' as const, distribution: skarab }));
  const cluster = await startCluster(t, { nodes: [...voters, { id: 4, roles: 'broker', distribution: skarab }] });
  const watch = new ClusterWatch('stopped', new Map(cluster.brokers.map(({ id, port }) => [id, port!])));
  await watch.createTopic(6, VOTERS.length, {});
  await stopMs(cluster.node(1));
  // With two of three voters there is a controller, whoever it was.
  await stopMs(cluster.node(2));
  const times = await Promise.all([stopMs(cluster.node(3)), stopMs(cluster.node(4))]);
  t.diagnostic(`${times.map(Math.round)} ms`);
  assert.ok(
    times.every((ms) => ms < SOON_MS),
    `they took ${times} ms to end`,
  );
});

test('an active controller whose quorum was killed ends soon', { timeout: 120_000 }, async (t) => {
  const nodes = VOTERS.map((id) => ({ id, roles: 'broker,controller' as const, distribution: skarab }));
  const cluster = await startCluster(t, { nodes });
  const watch = new ClusterWatch('killed', new Map(cluster.brokers.map(({ id, port }) => [id, port!])));
  await watch.createTopic(6, VOTERS.length, {});
  const ask = (): Promise<number | undefined> => watch.activeController();
  const active = (await until(ask, (found) => found !== undefined, 'there is an active controller'))!;
  await Promise.all(cluster.nodes.filter(({ id }) => id !== active).map((node) => node.kill()));
  const tookMs = await stopMs(cluster.node(active));
  assert.ok(tookMs < SOON_MS, `it took ${tookMs} ms`);
});
