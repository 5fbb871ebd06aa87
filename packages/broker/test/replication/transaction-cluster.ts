/**
 * A simulated cluster for transactions: a topic whose partitions all brokers lead, clients of it, faults, and what consumers see in the end.
 */
import assert from 'node:assert/strict';
import { readCommitted } from './read-committed.ts';
import { Simulation } from './simulation.ts';
import { type Protocol, TransactionClient } from './transaction-client.ts';

export const BROKERS = 3;
export const TOPIC = 'accounts';
export const PARTITIONS = 6;
export const PROTOCOLS: readonly Protocol[] = ['addedByBrokers', 'addedByClient'];
export type Fault = 'kill' | 'pause' | 'isolate' | 'cut';

/** A cluster with a topic whose partitions all brokers lead, and clients of it. */
export class TransactionCluster {
  readonly simulation: Simulation;
  readonly retries: string[] = [];

  static async start(seed: number): Promise<TransactionCluster> {
    const simulation = await Simulation.start({ seed, brokers: BROKERS });
    const started = new TransactionCluster(simulation);
    const { cluster } = simulation;
    const configs = { 'min.insync.replicas': '2' };
    await simulation.run(cluster.createTopic({ topic: TOPIC, partitions: PARTITIONS, replicationFactor: 3, configs }));
    assert.equal(new Set(started.partitions().map((i) => started.leaderOf(i))).size, BROKERS);
    return started;
  }

  private constructor(simulation: Simulation) {
    this.simulation = simulation;
  }

  get cluster() {
    return this.simulation.cluster;
  }

  get means() {
    const { cluster, clock } = this.simulation;
    return { cluster, clock, dialer: cluster.network.dialerOf(0) };
  }

  partitions(): number[] {
    return Array.from({ length: PARTITIONS }, (_, i) => i);
  }

  leaderOf(partition: number, topic = TOPIC): number {
    return this.cluster.registration(topic, partition)!.leader;
  }

  client(transactionalId: string, protocol: Protocol): TransactionClient {
    const onRetry = (what: string, error: string): void => void this.retries.push(`${what}: ${error}`);
    return new TransactionClient({ ...this.means, transactionalId, protocol, onRetry });
  }

  /** Where a transactional id or a group is coordinated. */
  coordinatorOf(topic: '__transaction_state' | '__consumer_offsets', key: string): number {
    let hash = 0;
    for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
    const { partitions } = this.cluster.controller.image.topics.byName.get(topic)!;
    return partitions[(hash & 0x7fffffff) % partitions.length]!.leader;
  }

  kill(id: number): Promise<void> {
    return this.simulation.run(this.cluster.broker(id).kill());
  }

  /** A fault by chance. */
  async strike(id: number, faults: readonly Fault[]): Promise<void> {
    const broker = this.cluster.broker(id);
    const strikes: Record<Fault, () => Promise<void> | void> = {
      kill: () => this.kill(id),
      pause: () => broker.pause(),
      isolate: () => this.cluster.isolate(id),
      cut: () => this.cluster.partition(id, (id % BROKERS) + 1),
    };
    await strikes[faults[this.simulation.random.int(faults.length)]!]();
  }

  /** All brokers run and reach each other, everything is in sync. */
  async restore(): Promise<void> {
    for (const broker of this.cluster.brokers) broker.resume();
    this.cluster.heal();
    for (const broker of this.cluster.brokers) if (!broker.isRunning) await this.simulation.run(broker.start());
    const names = [TOPIC, '__transaction_state', '__consumer_offsets'];
    const isWhole = (): boolean =>
      names
        .flatMap((name) => this.cluster.controller.image.topics.byName.get(name)?.partitions ?? [])
        .every(({ isr }) => isr.length === BROKERS);
    await this.simulation.run(this.cluster.until(isWhole, 60_000));
  }

  /** What consumers see of all partitions, once nothing is open any more. */
  async committed(): Promise<string[]> {
    const values: string[] = [];
    for (const partition of this.partitions()) {
      for (let attempt = 0; ; attempt++) {
        const read = await this.simulation.run(readCommitted(this.means, TOPIC, partition));
        if (read.lastStableOffset === read.highWatermark) {
          values.push(...read.values);
          break;
        }
        assert.ok(attempt < 100, `a transaction hangs at ${read.lastStableOffset} of ${TOPIC}-${partition}`);
        await this.simulation.pass(100);
      }
    }
    return values.sort();
  }

  close(): Promise<void> {
    return this.simulation.run(this.cluster.close());
  }
}
