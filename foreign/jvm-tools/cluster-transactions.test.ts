/**
 * Three nodes in processes of their own, killed one after the other with kill -9, while the official Java clients consume, transform and produce within
 * transactions: records come through exactly once, groups of both protocols go on, and their committed offsets never go back.
 *
 * Every node is a broker and a controller; each is at some time the coordinator of something, the leader of something, and the active controller.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Distribution, freePorts, requireKafkaJvm, startBrokerProcess } from '../../tools/kafka-jvm/jvm.ts';
import { type BrokerProcess, scratchFolder, skarab } from '../harness.ts';

const java = join(import.meta.dirname, 'java', 'ClusterTransactions.java');
const IDS = [1, 2, 3];
const SECONDS = 30;
const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';

/** Nodes on fixed ports, so that who was killed comes back to the same place. */
class Nodes {
  readonly #distribution: Distribution;
  readonly #folder: string;
  readonly #ports: ReadonlyMap<number, readonly [broker: number, controller: number]>;
  readonly #controllers: string;
  readonly #running = new Map<number, BrokerProcess>();

  static async start(t: TestContext, distribution: Distribution): Promise<Nodes> {
    const ports = new Map<number, readonly [number, number]>();
    const free = await freePorts(2 * IDS.length);
    for (const id of IDS) ports.set(id, [free.pop()!, free.pop()!]);
    const nodes = new Nodes(distribution, await scratchFolder(t), ports);
    t.after(() => nodes.stop());
    await Promise.all(IDS.map((id) => nodes.start(id, true)));
    return nodes;
  }

  private constructor(
    distribution: Distribution,
    folder: string,
    ports: ReadonlyMap<number, readonly [number, number]>,
  ) {
    this.#distribution = distribution;
    this.#folder = folder;
    this.#ports = ports;
    this.#controllers = IDS.map(
      (id) => `${id}@127.0.0.1:${ports.get(id)![1]}:${randomBytes(16).fill(id, 0, 1).toString('base64url')}`,
    ).join(',');
  }

  get bootstrapServers(): string {
    return [...this.#ports.values()].map(([port]) => `127.0.0.1:${port}`).join(',');
  }

  async start(id: number, isFirst = false): Promise<void> {
    const [port, controllerPort] = this.#ports.get(id)!;
    const listeners = `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`;
    const properties = {
      'node.id': String(id),
      'controller.quorum.bootstrap.servers': [...this.#ports.values()].map(([, at]) => `127.0.0.1:${at}`).join(','),
      listeners,
      'advertised.listeners': listeners,
      'offsets.topic.replication.factor': '3',
      'transaction.state.log.replication.factor': '3',
      'transaction.state.log.min.isr': '2',
      'broker.session.timeout.ms': '3000',
      'broker.heartbeat.interval.ms': '500',
    };
    const format = isFirst && ['-t', CLUSTER_ID, '--initial-controllers', this.#controllers];
    const dataDir = join(this.#folder, `node-${id}`);
    this.#running.set(id, await startBrokerProcess(this.#distribution, { properties, dataDir, format }));
  }

  async kill(id: number): Promise<void> {
    const node = this.#running.get(id);
    this.#running.delete(id);
    await node?.kill();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((node) => node.kill()));
  }
}

test('transactions and groups of the Java clients while nodes are killed', { timeout: 240_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const classes = await jvm.compile(java);
  const nodes = await Nodes.start(t, process.env['SKARAB_FOREIGN_BROKER'] === 'jvm' ? jvm : skarab);
  const args = [nodes.bootstrapServers, String(SECONDS)];
  const running = jvm.runClass('ClusterTransactions', args, { classes, timeoutMs: 180_000 });
  let isOver = false;
  const over = running.finally(() => {
    isOver = true;
  });
  over.catch(() => {});
  for (const id of IDS) {
    await pause(5_000);
    if (isOver) break;
    await nodes.kill(id);
    await pause(2_500);
    await nodes.start(id);
  }
  const { code, stdout, stderr } = await over;
  t.diagnostic(stdout.trim().replaceAll('\n', '; '));
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  for (const protocol of ['classic', 'consumer']) assert.match(stdout, new RegExp(`^ok ${protocol}$`, 'm'));
});
