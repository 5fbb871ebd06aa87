/**
 * How long writers wait when nodes go: three combined nodes, all replicas on each, acks=all. The leader of a partition is killed, then the
 * active controller, then each node is restarted in order, each time when all replicas are in sync again.
 *
 * A wait is the longest time without an acknowledgement in any partition, counted from the kill; for the rolling restart, from its start.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@skarab/base';
import type { NodeProcess } from '../../tools/cluster/node-process.ts';
import { ProcessCluster } from '../../tools/cluster/process-cluster.ts';
import type { Distribution } from '../../tools/raw-client/brokers.ts';
import { ClusterWatch } from '../chaos/cluster-watch.ts';
import { GapMeter } from '../chaos/gap-meter.ts';
import { PartitionProducer } from '../chaos/partition-producer.ts';
import { PartitionLedger } from '../ledger.ts';

export interface FailoverOptions {
  readonly distribution: Distribution;
  /** Of all nodes, such as timeouts. */
  readonly properties: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

/** Milliseconds. */
export interface FailoverTimes {
  readonly leaderKillMs: number;
  readonly controllerKillMs: number;
  readonly rollingMs: number;
}

const TOPIC = 'failover';
const PARTITIONS = 6;
const NODES = [1, 2, 3];
const RECOVERY_MS = 90_000;
const POLL_MS = 50;
/** Load before the first fault and between two. */
const SETTLE_MS = 3000;

/** Measures all three. Errors: rejects when the cluster does not recover in time or breaks a promise. */
export async function measureFailover({ distribution, properties, say }: FailoverOptions): Promise<FailoverTimes> {
  const nodes = NODES.map((id) => ({ id, roles: 'broker,controller' as const, distribution }));
  await using cluster = await ProcessCluster.start({ nodes, properties });
  say('three nodes serve');
  return await new Failover(cluster, say).run();
}

class Failover {
  readonly #cluster: ProcessCluster;
  readonly #say: (line: string) => void;
  readonly #watch: ClusterWatch;
  readonly #gaps = new GapMeter();
  readonly #ended = new AbortController();
  readonly #ledgers = Array.from({ length: PARTITIONS }, (_, i) => new PartitionLedger(TOPIC, i, 'none'));
  #failure: unknown;

  constructor(cluster: ProcessCluster, say: (line: string) => void) {
    this.#cluster = cluster;
    this.#say = say;
    this.#watch = new ClusterWatch(TOPIC, new Map(cluster.brokers.map(({ id, port }) => [id, port!])));
  }

  async run(): Promise<FailoverTimes> {
    await this.#watch.createTopic(PARTITIONS, NODES.length, { 'min.insync.replicas': '2' });
    await this.#untilInSync();
    const producing = this.#ledgers.map((ledger) => this.#produce(ledger));
    try {
      const leaderKillMs = await this.#killed('a leader', await this.#leaderBesideController());
      const controllerKillMs = await this.#killed('the active controller', await this.#controller());
      return { leaderKillMs, controllerKillMs, rollingMs: await this.#rolled() };
    } finally {
      this.#ended.abort();
      await Promise.all(producing);
    }
  }

  async #produce(ledger: PartitionLedger): Promise<void> {
    const producer = new PartitionProducer(ledger, {
      watch: this.#watch,
      random: seededRandom(1 + ledger.partition),
      onAcknowledged: ({ partition }) => this.#gaps.onAcknowledged(partition, performance.now()),
      onError: () => {},
    });
    const { signal } = this.#ended;
    await producer.run({ stopped: signal, abandoned: signal }).catch((error: unknown) => {
      this.#failure ??= error;
    });
  }

  async #controller(): Promise<NodeProcess> {
    let id: number | undefined;
    await this.#until('an active controller', async () => {
      id = await this.#watch.activeController();
      return id !== undefined;
    });
    return this.#cluster.node(id!);
  }

  /** Leads partitions, and is not the active controller, whose loss is measured on its own. */
  async #leaderBesideController(): Promise<NodeProcess> {
    const controller = await this.#controller();
    const led = [...this.#watch.partitions.values()].map(({ leaderId }) => leaderId);
    const leaderId = led.find((id) => id !== controller.id && id >= 0);
    if (leaderId === undefined) throw new Error('the active controller leads every partition');
    return this.#cluster.node(leaderId);
  }

  async #killed(what: string, victim: NodeProcess): Promise<number> {
    await sleep(SETTLE_MS);
    this.#gaps.mark(performance.now());
    await victim.kill();
    await this.#until('leaders without the killed node', async () => {
      await this.#watch.refresh();
      const views = [...this.#watch.partitions.values()];
      return views.every(({ leaderId, isr }) => leaderId >= 0 && leaderId !== victim.id && !isr.includes(victim.id));
    });
    await this.#untilAllAcknowledge();
    const { ms } = this.#gaps.longest(performance.now());
    this.#say(`${what} (${victim.id}) killed: ${Math.round(ms)} ms until every partition acknowledged again`);
    await victim.start();
    await this.#untilInSync();
    return ms;
  }

  async #rolled(): Promise<number> {
    await sleep(SETTLE_MS);
    this.#gaps.mark(performance.now());
    for (const node of this.#cluster.nodes) {
      await node.stop();
      await node.start();
      await this.#untilInSync();
    }
    await this.#untilAllAcknowledge();
    const { ms } = this.#gaps.longest(performance.now());
    this.#say(`rolling restart: longest wait ${Math.round(ms)} ms`);
    return ms;
  }

  async #untilAllAcknowledge(): Promise<void> {
    const before = this.#ledgers.map(({ acknowledged }) => acknowledged);
    await this.#until('acknowledgements of every partition', async () =>
      this.#ledgers.every(({ acknowledged }, i) => acknowledged > before[i]!),
    );
  }

  #untilInSync(): Promise<void> {
    return this.#until('all replicas in sync', () => this.#watch.isInSync());
  }

  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadlineMs = performance.now() + RECOVERY_MS;
    while (!(await isSo())) {
      if (this.#failure !== undefined) throw this.#failure;
      if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${RECOVERY_MS} ms`);
      await sleep(POLL_MS);
    }
  }
}
