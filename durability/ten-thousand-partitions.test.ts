/**
 * Ten thousand partitions on three nodes, each node with a replica of every one: made, one node killed, the rest killed, stopped in order and
 * started again. Whatever happens, no node's event loop may be held for long, which the nodes themselves measure.
 */
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeProcess } from '../tools/cluster/node-process.ts';
import { ProcessCluster } from '../tools/cluster/process-cluster.ts';
import { freePorts } from '../tools/kafka-jvm/jvm.ts';
import { scratchFolder } from '../tools/raw-client/brokers.ts';
import { assertHeld, NodeMetrics } from './node-metrics.ts';
import { WideTopics } from './wide-topics.ts';

const IDS = [1, 2, 3];

/** Three nodes, and where each says how it fares. */
class WatchedCluster {
  readonly cluster: ProcessCluster;
  readonly #t: TestContext;
  readonly #metrics: ReadonlyMap<number, NodeMetrics>;

  static async prepare(t: TestContext): Promise<WatchedCluster> {
    const metrics = new Map((await freePorts(IDS.length)).map((port, i) => [IDS[i]!, new NodeMetrics(port)]));
    const nodes = await Promise.all(
      IDS.map(async (id) => {
        const distribution = metrics.get(id)!.distribution(await scratchFolder(t));
        return { id, roles: 'broker,controller' as const, distribution };
      }),
    );
    const cluster = await ProcessCluster.prepare({ nodes, properties: { 'min.insync.replicas': '2' } });
    t.after(() => cluster.end());
    return new WatchedCluster(t, cluster, metrics);
  }

  private constructor(t: TestContext, cluster: ProcessCluster, metrics: ReadonlyMap<number, NodeMetrics>) {
    this.#t = t;
    this.cluster = cluster;
    this.#metrics = metrics;
  }

  /** Where clients connect, of the nodes with these ids. */
  ports(ids: readonly number[] = IDS): ReadonlyMap<number, number> {
    return new Map(ids.map((id) => [id, this.cluster.node(id).port!]));
  }

  async start(nodes: readonly NodeProcess[] = this.cluster.nodes): Promise<void> {
    await Promise.all(nodes.map((node) => node.start()));
    for (const { id } of nodes) await this.#metrics.get(id)!.untilReady();
  }

  /** Does something, says how long it took, and asserts that no loop was held meanwhile. */
  async stage(what: string, act: () => Promise<void>, ids: readonly number[] = IDS): Promise<void> {
    const startedAt = performance.now();
    await act();
    const tookMs = Math.round(performance.now() - startedAt);
    const held = await Promise.all(ids.map((id) => this.#metrics.get(id)!.heldMs()));
    this.#t.diagnostic(`${what}: ${tookMs} ms; loops held for ${held.join(', ')} ms`);
    assertHeld(what, held);
  }
}

test('ten thousand partitions on three nodes', { timeout: 400_000 }, async (t) => {
  const watched = await WatchedCluster.prepare(t);
  const { cluster } = watched;
  const topics = new WideTopics(['wide-a', 'wide-b'], 5000);
  const write = (ids?: readonly number[]) => topics.write(watched.ports(ids));
  await watched.stage('start', () => watched.start());
  await watched.stage('creation', async () => {
    await topics.create(cluster.node(1).port!, IDS.length);
    await write();
  });
  await watched.stage('rest', () => sleep(2000));
  const pids = cluster.nodes.map(({ pid }) => pid!);
  t.diagnostic(`descriptors: ${pids.map((pid) => readdirSync(`/proc/${pid}/fd`).length).join(', ')}`);

  const survivors = [1, 2];
  await cluster.node(3).kill();
  await watched.stage('failover', () => write(survivors), survivors);
  await watched.stage('return', async () => {
    await watched.start([cluster.node(3)]);
    await topics.until(cluster.node(1).port!, ({ isrNodes }) => isrNodes.length === IDS.length);
  });

  await Promise.all(cluster.nodes.map((node) => node.kill()));
  await watched.stage('start after kill -9', () => watched.start());
  await watched.stage('writing after kill -9', () => write());
  const stopping = performance.now();
  await Promise.all(cluster.nodes.map((node) => node.stop()));
  t.diagnostic(`stop in order: ${Math.round(performance.now() - stopping)} ms`);
  await watched.stage('start after a stop in order', () => watched.start());
  await watched.stage('writing after a stop in order', () => write());
});
