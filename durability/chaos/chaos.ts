/**
 * A cluster of real processes under load, and what can happen to processes: kills, pauses, restarts, again and again. At the end every
 * acknowledged record is there once, at its offset, in order, and the replicas are the same.
 *
 * The seed decides which faults happen to whom and what is sent, not when the machine does what; a run cannot be repeated exactly.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@skarab/base';
import { ProcessCluster } from '../../tools/cluster/process-cluster.ts';
import type { Distribution } from '../../tools/raw-client/brokers.ts';
import { RawClient } from '../../tools/raw-client/raw-client.ts';
import { PartitionLedger } from '../ledger.ts';
import { verifyPartition } from '../verify.ts';
import { ClusterWatch } from './cluster-watch.ts';
import { drawFault, type FaultScene, inflict, victimsOf } from './faults.ts';
import { GapMeter } from './gap-meter.ts';
import { type ChaosControl, PartitionProducer } from './partition-producer.ts';
import { differingReplicas } from './replicas.ts';
import { Violation } from './violation.ts';

export interface ChaosOptions {
  readonly distribution: Distribution;
  readonly nodes: number;
  readonly partitions: number;
  readonly durationMs: number;
  readonly seed: number;
  readonly maxPauseMs: number;
  /** Ends with a clean restart of each node in turn. */
  readonly rolling: boolean;
  readonly properties?: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

/** One fault and what writers felt of it. */
export interface FaultReport {
  readonly kind: string;
  readonly victims: readonly number[];
  readonly gapMs: number;
  /** False when the cluster had not recovered from the fault before. */
  readonly isSole: boolean;
}

export interface ChaosReport {
  readonly seed: number;
  readonly nodes: number;
  readonly durationMs: number;
  readonly acknowledgedRecords: number;
  readonly acknowledgedBatches: number;
  /** Batches sent again that the leader had but no longer knew as duplicates. */
  readonly forgotten: number;
  readonly faults: readonly FaultReport[];
  /** What producers were told, and how often. */
  readonly errors: Readonly<Record<string, number>>;
  /** Broken promises; empty is good. */
  readonly violations: readonly string[];
}

const TOPIC = 'chaos';
const RECOVERY_MS = 90_000;
const CONFIGS = { 'min.insync.replicas': '2', 'segment.bytes': '1048576' };

/** Runs chaos. Errors: rejects when a node does not start at all. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { distribution, nodes, properties } = options;
  const plans = Array.from({ length: nodes }, (_, i) => ({
    id: i + 1,
    roles: 'broker,controller' as const,
    distribution,
  }));
  await using cluster = await ProcessCluster.start({ nodes: plans, ...(properties !== undefined && { properties }) });
  return await new ChaosRun(options, cluster).run();
}

class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #cluster: ProcessCluster;
  readonly #watch: ClusterWatch;
  readonly #gaps = new GapMeter();
  readonly #ledgers: readonly PartitionLedger[];
  readonly #control: ChaosControl = { stopped: false, abandoned: false };
  readonly #faults: FaultReport[] = [];
  readonly #errors = new Map<string, number>();
  readonly #violations: string[] = [];
  readonly #scene: FaultScene;
  readonly #startedMs = performance.now();

  constructor(options: ChaosOptions, cluster: ProcessCluster) {
    this.#options = options;
    this.#cluster = cluster;
    this.#watch = new ClusterWatch(TOPIC, new Map(cluster.brokers.map(({ id, port }) => [id, port!])));
    this.#ledgers = Array.from(
      { length: options.partitions },
      (_, partition) => new PartitionLedger(TOPIC, partition, 'none'),
    );
    const random = seededRandom(options.seed);
    this.#scene = { cluster, watch: this.#watch, random, maxPauseMs: options.maxPauseMs };
  }

  async run(): Promise<ChaosReport> {
    const { partitions, nodes, durationMs, rolling } = this.#options;
    await this.#watch.createTopic(partitions, Math.min(3, nodes), CONFIGS);
    await this.#untilInSync();
    const producing = this.#ledgers.map((ledger) => this.#produce(ledger));
    await sleep(1000);
    const endMs = performance.now() + durationMs;
    while (performance.now() < endMs && this.#violations.length === 0) await this.#oneFault();
    await this.#untilInSync();
    if (rolling && this.#violations.length === 0) await this.#rollingRestart();
    this.#control.stopped = true;
    const timer = setTimeout(() => {
      this.#control.abandoned = true;
      this.#violations.push('what is pending was not acknowledged in time after the last fault');
    }, RECOVERY_MS);
    await Promise.all(producing);
    clearTimeout(timer);
    await this.#verify();
    return this.#report();
  }

  async #produce(ledger: PartitionLedger): Promise<void> {
    const producer = new PartitionProducer(ledger, {
      watch: this.#watch,
      random: seededRandom(this.#options.seed + 1 + ledger.partition),
      onAcknowledged: (partition) => this.#gaps.onAcknowledged(partition, performance.now()),
      onError: (name) => this.#onError(name),
    });
    try {
      await producer.run(this.#control);
    } catch (error) {
      this.#violate(error);
    }
  }

  #onError(name: string): void {
    this.#errors.set(name, (this.#errors.get(name) ?? 0) + 1);
    if (name.startsWith('duplicate')) this.#options.say(`${this.#seconds()} s  ${name}`);
  }

  #seconds(): string {
    return ((performance.now() - this.#startedMs) / 1000).toFixed(1).padStart(6);
  }

  async #oneFault(): Promise<void> {
    const { random } = this.#scene;
    const isSole = await this.#watch.isInSync();
    const kind = drawFault(random);
    const victims = await victimsOf(kind, this.#scene);
    if (victims.length === 0) return;
    await this.#measured(
      kind,
      victims.map(({ id }) => id),
      isSole,
      async () => {
        await inflict(kind, victims, this.#scene);
        // Most faults hit a cluster that has recovered; some do not wait for that.
        if (random.int(4) > 0) await this.#untilInSync();
        await sleep(random.int(1000));
      },
    );
  }

  /** SIGTERM to each node in turn, each when the one before is in sync again. */
  async #rollingRestart(): Promise<void> {
    for (const node of this.#cluster.nodes) {
      await this.#measured('rolling restart', [node.id], true, async () => {
        await node.stop();
        await node.start();
        await this.#untilInSync();
        await sleep(500);
      });
    }
  }

  async #measured(kind: string, victims: number[], isSole: boolean, action: () => Promise<void>): Promise<void> {
    const at = this.#seconds();
    const atMs = performance.now();
    this.#gaps.mark(atMs);
    await action();
    const { ms, partition, sinceMs } = this.#gaps.longest(performance.now());
    this.#faults.push({ kind, victims, gapMs: Math.round(ms), isSole });
    this.#options.say(
      `${at} s  ${kind} (${victims.join(', ')})${isSole ? '' : ', not recovered before'}: gap ${Math.round(ms)} ms in partition ${partition}, ${Math.round(sinceMs - atMs)} ms after the fault, ${this.#gaps.acknowledged} batches acknowledged`,
    );
  }

  async #untilInSync(): Promise<void> {
    const deadlineMs = performance.now() + RECOVERY_MS;
    while (this.#violations.length === 0 && !(await this.#watch.isInSync())) {
      if (performance.now() > deadlineMs) {
        const view = JSON.stringify([...this.#watch.partitions]);
        this.#violations.push(`not all replicas are in sync ${RECOVERY_MS} ms after a fault: ${view}`);
        return;
      }
      await sleep(50);
    }
  }

  async #verify(): Promise<void> {
    await this.#watch.refresh();
    for (const ledger of this.#ledgers) {
      let client: RawClient | undefined;
      try {
        client = await RawClient.connect(this.#watch.leaderPort(ledger.partition) ?? 0);
        await verifyPartition(client, ledger);
      } catch (error) {
        this.#violate(error);
      } finally {
        client?.close();
      }
    }
    await this.#untilInSync();
    await Promise.all(this.#cluster.nodes.map((node) => node.stop()));
    const dataDirs = this.#cluster.brokers.map(({ dataDir }) => dataDir);
    this.#violations.push(...differingReplicas(dataDirs, TOPIC, this.#options.partitions));
  }

  #violate(error: unknown): void {
    this.#violations.push(error instanceof Violation ? error.message : String(error));
    this.#options.say(`VIOLATION: ${this.#violations.at(-1)}`);
  }

  #report(): ChaosReport {
    const sum = (of: (ledger: PartitionLedger) => number): number => this.#ledgers.reduce((n, l) => n + of(l), 0);
    return {
      seed: this.#options.seed,
      nodes: this.#options.nodes,
      durationMs: Math.round(performance.now() - this.#startedMs),
      acknowledgedRecords: sum(({ acknowledged }) => acknowledged),
      acknowledgedBatches: this.#gaps.acknowledged,
      forgotten: sum(({ forgotten }) => forgotten),
      faults: this.#faults,
      errors: Object.fromEntries(this.#errors),
      violations: this.#violations,
    };
  }
}
