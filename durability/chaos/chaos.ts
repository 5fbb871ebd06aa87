/**
 * A cluster of real processes under the load of one or more clients, and what can happen to processes: kills, pauses, restarts, again and
 * again. At the end every acknowledged record is there once, at its offset, in order, and the replicas are the same.
 *
 * The seed decides which faults happen to whom and what is sent, not when the machine does what; a run cannot be repeated exactly.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@skarab/base';
import { ProcessCluster } from '../../tools/cluster/process-cluster.ts';
import type { Distribution } from '../../tools/raw-client/brokers.ts';
import { RawClient } from '../../tools/raw-client/raw-client.ts';
import { readPartition } from '../verify.ts';
import type { PartitionAccount } from './account.ts';
import { ClientLoad, type LoadReport } from './client-load.ts';
import { ClusterWatch } from './cluster-watch.ts';
import { drawFault, type FaultScene, inflict, victimsOf } from './faults.ts';
import { differingReplicas } from './replicas.ts';
import { Violation } from './violation.ts';
import type { Client } from './writer.ts';

export interface ChaosOptions {
  readonly distribution: Distribution;
  readonly nodes: number;
  readonly clients: readonly Client[];
  /** That each client writes. */
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
  /** The longest time without an acknowledgement in any of a client's partitions, by client. */
  readonly gapMs: Readonly<Record<string, number>>;
  /** False when the cluster had not recovered from the fault before. */
  readonly isSole: boolean;
}

export interface ChaosReport {
  readonly seed: number;
  readonly nodes: number;
  readonly durationMs: number;
  readonly loads: readonly LoadReport[];
  readonly faults: readonly FaultReport[];
  /** What went wrong for a client and was tried again, and how often. */
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
  readonly #loads: readonly ClientLoad[];
  readonly #stopped = new AbortController();
  readonly #abandoned = new AbortController();
  readonly #faults: FaultReport[] = [];
  readonly #errors = new Map<string, number>();
  readonly #violations: string[] = [];
  readonly #scene: FaultScene;
  readonly #startedMs = performance.now();

  constructor(options: ChaosOptions, cluster: ProcessCluster) {
    this.#options = options;
    this.#cluster = cluster;
    this.#watch = new ClusterWatch(TOPIC, new Map(cluster.brokers.map(({ id, port }) => [id, port!])));
    this.#loads = options.clients.map((client, i) => {
      const first = i * options.partitions;
      return new ClientLoad(
        client,
        TOPIC,
        Array.from({ length: options.partitions }, (_, j) => first + j),
      );
    });
    const random = seededRandom(options.seed);
    this.#scene = { cluster, watch: this.#watch, random, maxPauseMs: options.maxPauseMs };
  }

  async run(): Promise<ChaosReport> {
    const { nodes, durationMs, rolling } = this.#options;
    await this.#watch.createTopic(this.#partitions, Math.min(3, nodes), CONFIGS);
    await this.#untilInSync();
    const writing = this.#loads.map((load) => this.#write(load));
    await this.#until('every client writes', async () => this.#loads.every(({ hasBegun }) => hasBegun));
    await sleep(1000);
    const endMs = performance.now() + durationMs;
    while (performance.now() < endMs && this.#violations.length === 0) await this.#oneFault();
    await this.#untilInSync();
    if (rolling && this.#violations.length === 0) await this.#rollingRestart();
    this.#stopped.abort();
    const timer = setTimeout(() => {
      this.#violate(new Violation('what is pending was not acknowledged in time after the last fault'));
      this.#abandoned.abort();
    }, RECOVERY_MS);
    await Promise.all(writing);
    clearTimeout(timer);
    await this.#verify();
    return this.#report();
  }

  get #partitions(): number {
    return this.#options.clients.length * this.#options.partitions;
  }

  async #write(load: ClientLoad): Promise<void> {
    try {
      await load.write({
        topic: TOPIC,
        bootstrapServers: this.#cluster.bootstrapServers,
        watch: this.#watch,
        seed: this.#options.seed,
        stopped: this.#stopped.signal,
        abandoned: this.#abandoned.signal,
        onError: (what) => this.#errors.set(what, (this.#errors.get(what) ?? 0) + 1),
      });
    } catch (error) {
      this.#violate(error);
    }
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
    for (const { gaps } of this.#loads) gaps.mark(atMs);
    await action();
    const longest = this.#loads.map(({ name, gaps }) => ({ name, ...gaps.longest(performance.now()) }));
    const gapMs = Object.fromEntries(longest.map(({ name, ms }) => [name, Math.round(ms)]));
    this.#faults.push({ kind, victims, gapMs, isSole });
    const waits = longest.map(
      ({ name, ms, partition, sinceMs }) =>
        `${name} waited ${Math.round(ms)} ms in partition ${partition} from ${Math.round(sinceMs - atMs)} ms on`,
    );
    this.#options.say(
      `${at} s  ${kind} (${victims.join(', ')})${isSole ? '' : ', not recovered before'}: ${waits.join('; ')}`,
    );
  }

  #untilInSync(): Promise<void> {
    return this.#until('all replicas are in sync', () => this.#watch.isInSync());
  }

  /** Waits, unless a promise is broken already; that it does not come to be so is a broken promise. */
  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadlineMs = performance.now() + RECOVERY_MS;
    while (this.#violations.length === 0 && !(await isSo())) {
      if (performance.now() > deadlineMs) {
        const view = JSON.stringify([...this.#watch.partitions]);
        this.#violate(new Violation(`waited ${RECOVERY_MS} ms in vain until ${what}: ${view}`));
        return;
      }
      await sleep(50);
    }
  }

  async #verify(): Promise<void> {
    await this.#watch.refresh();
    for (const { name, accounts } of this.#loads) {
      for (const account of accounts.values()) await this.#audit(name, account);
    }
    await this.#untilInSync();
    await Promise.all(this.#cluster.nodes.map((node) => node.stop()));
    const dataDirs = this.#cluster.brokers.map(({ dataDir }) => dataDir);
    this.#violations.push(...differingReplicas(dataDirs, TOPIC, this.#partitions));
  }

  async #audit(name: string, account: PartitionAccount): Promise<void> {
    const { topic, partition } = account;
    const audit = account.audit();
    let client: RawClient | undefined;
    try {
      client = await RawClient.connect(this.#watch.leaderPort(partition) ?? 0);
      await readPartition(client, topic, partition, (batch, offset) => audit.check(batch, offset));
      audit.end();
    } catch (error) {
      this.#violate(new Violation(`${name}: ${(error as Error).message}`));
    } finally {
      client?.close();
    }
  }

  #violate(error: unknown): void {
    this.#violations.push(error instanceof Violation ? error.message : String(error));
    this.#options.say(`VIOLATION: ${this.#violations.at(-1)}`);
  }

  #report(): ChaosReport {
    return {
      seed: this.#options.seed,
      nodes: this.#options.nodes,
      durationMs: Math.round(performance.now() - this.#startedMs),
      loads: this.#loads.map((load) => load.report()),
      faults: this.#faults,
      errors: Object.fromEntries(this.#errors),
      violations: this.#violations,
    };
  }
}
