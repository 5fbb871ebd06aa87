/**
 * Go clients write to three nodes that are killed, paused and restarted under them: what they were told is acknowledged is there in the end,
 * and what an idempotent producer wrote is there once, in order.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterWatch } from '../../durability/chaos/cluster-watch.ts';
import type { NodeProcess } from '../../tools/cluster/node-process.ts';
import type { ProcessCluster } from '../../tools/cluster/process-cluster.ts';
import { requireForeign, skarab } from '../harness.ts';
import { startCluster, until } from './harness.ts';

const TOPIC = 'survivors';
const IDS = [1, 2, 3];
/** Acknowledgements between a recovery and the next fault. */
const SETTLED = 300;
const PAUSE_MS = 3000;

interface Found {
  readonly Acked: number;
  readonly Lost: number;
  readonly Twice: number;
  readonly OutOfOrder: number;
}

/** The program, and how far it is. */
class Writer {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #acknowledged = 0;
  #last = '';

  constructor(t: TestContext, program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = once(this.#child, 'close');
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.#last = line;
      const count = /^acked (\d+)$/.exec(line)?.[1];
      if (count !== undefined) this.#acknowledged = Number(count);
    });
    t.after(() => this.#child.kill('SIGKILL'));
  }

  /** Waits for so many more acknowledgements. */
  async more(count: number): Promise<void> {
    const goal = this.#acknowledged + count;
    const ask = async (): Promise<number> => {
      assert(this.#child.exitCode === null, this.#last);
      return this.#acknowledged;
    };
    await until(ask, (acknowledged) => acknowledged >= goal, `${goal} are acknowledged`, 60_000);
  }

  async end(): Promise<Found> {
    this.#child.stdin!.end();
    await this.#ended;
    assert.equal(this.#child.exitCode, 0, this.#last);
    return JSON.parse(this.#last) as Found;
  }
}

async function survive(t: TestContext, library: 'franz-go' | 'kafka-go'): Promise<Found | undefined> {
  const software = await requireForeign(t, 'go');
  if (software === undefined) return undefined;
  const nodes = IDS.map((id) => ({ id, roles: 'broker,controller' as const, distribution: skarab }));
  const cluster = await startCluster(t, { nodes });
  const watch = new ClusterWatch(TOPIC, new Map(cluster.brokers.map(({ id, port }) => [id, port!])));
  await watch.createTopic(6, IDS.length, { 'min.insync.replicas': '2' });
  await untilInSync(watch);
  const writer = new Writer(t, software.go('survive'), [library, cluster.bootstrapServers, TOPIC]);
  const faults: readonly (() => Promise<void>)[] = [
    () => revive(cluster.node([...watch.partitions.values()][0]!.leaderId)),
    async () => revive(await controllerOf(cluster, watch)),
    () => Promise.all(cluster.nodes.map(revive)).then(() => {}),
    () => stun(cluster.node([...watch.partitions.values()][1]!.leaderId)),
    async () => {
      for (const node of cluster.nodes) {
        await node.stop();
        await node.start();
        await untilInSync(watch);
      }
    },
  ];
  for (const fault of faults) {
    await writer.more(SETTLED);
    await fault();
    await untilInSync(watch);
  }
  await writer.more(SETTLED);
  return writer.end();
}

/** kill -9, and a new life. */
async function revive(node: NodeProcess): Promise<void> {
  await node.kill();
  await sleep(500);
  await node.start();
}

/** It stands still, and does not know it. */
async function stun(node: NodeProcess): Promise<void> {
  node.pause();
  await sleep(PAUSE_MS);
  node.resume();
}

async function controllerOf(cluster: ProcessCluster, watch: ClusterWatch): Promise<NodeProcess> {
  const id = await until(
    () => watch.activeController(),
    (found) => found !== undefined,
    'there is an active controller',
  );
  return cluster.node(id!);
}

async function untilInSync(watch: ClusterWatch): Promise<void> {
  await until(
    () => watch.isInSync(),
    (isSo) => isSo,
    'all replicas are in sync',
    60_000,
  );
}

test('franz-go, idempotent: nothing lost, nothing twice, everything in order', { timeout: 240_000 }, async (t) => {
  const found = await survive(t, 'franz-go');
  if (found === undefined) return;
  t.diagnostic(JSON.stringify(found));
  assert.deepEqual(found, { Acked: found.Acked, Lost: 0, Twice: 0, OutOfOrder: 0 });
});

test('kafka-go, which writes again what was not answered: nothing lost', { timeout: 240_000 }, async (t) => {
  const found = await survive(t, 'kafka-go');
  if (found === undefined) return;
  t.diagnostic(JSON.stringify(found));
  assert.deepEqual([found.Lost, found.OutOfOrder], [0, 0]);
});
