/**
 * Brokers are killed, paused, cut off, lose power and get partitions moved, by chance, while producers write with acks=all.
 *
 * At the end all replicas are equal byte by byte and hold every acknowledged record once, at the offset that was acknowledged, and everything else that a
 * consumer was ever shown. Everything comes from a seed: SEED=… repeats a run, ROUNDS=… makes it longer, DEBUG=1 tells what happens.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newAlterPartitionReassignmentsRequest, newReassignableTopic } from '@skarab/protocol';
import { iterateBatches } from '@skarab/records';
import { CommittedReads } from './committed-reads.ts';
import { Invariants } from './invariants.ts';
import { LedgerProducer } from './ledger-producer.ts';
import { bytesOf, logsOf } from './replica-view.ts';
import { Simulation } from './simulation.ts';

const TOPIC = 'ledger';
const PARTITIONS = 3;
const BROKERS = 4;
const READ_EVERY_MS = 25;
const AMBUSH_MS = 4000;
const ROUNDS = Number(process.env['ROUNDS'] ?? 12);
const SEEDS =
  process.env['SEED'] === undefined
    ? [1, 2, 3, 1 + (Date.now() % 1_000_000)]
    : process.env['SEED'].split(',').map(Number);

/** One run. */
class Run {
  readonly simulation: Simulation;
  readonly producers: LedgerProducer[];
  readonly history: string[] = [];
  readonly #paused = new Set<number>();
  readonly #reads: CommittedReads;
  readonly #traced: string[] = [];

  static async start(seed: number): Promise<Run> {
    const simulation = await Simulation.start({ seed, brokers: BROKERS });
    await simulation.run(
      simulation.cluster.createTopic({
        topic: TOPIC,
        partitions: PARTITIONS,
        replicationFactor: 3,
        configs: { 'min.insync.replicas': '2', 'segment.bytes': '1048576' },
      }),
    );
    return new Run(simulation);
  }

  private constructor(simulation: Simulation) {
    this.simulation = simulation;
    const { cluster, clock, random } = simulation;
    const invariants = new Invariants(cluster);
    this.#reads = new CommittedReads(cluster, TOPIC);
    let ticks = 0;
    simulation.onTick = () => {
      invariants.check();
      if (ticks++ % READ_EVERY_MS === 0) this.#reads.read();
      for (const { failure } of this.producers) if (failure !== undefined) throw failure;
      if (process.env['DEBUG'] !== undefined) this.#trace();
    };
    const dialer = cluster.network.dialerOf(0);
    this.producers = Array.from({ length: PARTITIONS }, (_, partition) => {
      const batchSize = (): number => 1 + random.int(5);
      return new LedgerProducer(cluster, { topic: TOPIC, partition }, { dialer, clock, batchSize });
    });
    for (const producer of this.producers) producer.start();
  }

  registrations() {
    return Array.from({ length: PARTITIONS }, (_, i) => this.simulation.cluster.registration(TOPIC, i)!);
  }

  /** One fault, and some time for it to show. */
  async round(): Promise<void> {
    const { simulation } = this;
    const { random, cluster } = simulation;
    const running = cluster.brokers.filter((broker) => broker.isRunning && !this.#paused.has(broker.id));
    const chosen = running[random.int(running.length)];
    if (chosen === undefined) {
      this.#resume();
      return;
    }
    const faults: Record<string, () => Promise<void> | void> = {
      kill: () => this.#kill(chosen.id, 'kill'),
      crash: () => this.#kill(chosen.id, 'crash'),
      restart: () => this.#restart(),
      pause: () => {
        this.#paused.add(chosen.id);
        chosen.pause();
      },
      resume: () => this.#resume(),
      cut: () => cluster.partition(chosen.id, (chosen.id % BROKERS) + 1),
      isolate: () => cluster.isolate(chosen.id),
      heal: () => cluster.heal(),
      move: () => this.#move(),
      ambush: () => this.#ambush(),
    };
    const names = Object.keys(faults);
    const name = names[random.int(names.length)]!;
    this.history.push(`${Math.round(simulation.clock.monotonicMs())} ${name} ${chosen.id}`);
    await faults[name]!();
    await simulation.pass(100 + random.int(2500));
  }

  /** Everything works again, and all that is under way is done. */
  async settle(): Promise<void> {
    const { simulation } = this;
    const { cluster } = simulation;
    this.#resume();
    cluster.heal();
    await this.#restart();
    await simulation.run(Promise.all(this.producers.map((producer) => producer.stop())));
    const isWhole = (): boolean =>
      this.registrations().every(
        ({ isr, addingReplicas, removingReplicas }) =>
          isr.length === 3 && addingReplicas.length + removingReplicas.length === 0,
      );
    await simulation.run(cluster.until(isWhole, 60_000));
    const areEqual = (): boolean =>
      this.producers.every((_, i) => {
        const logs = [...logsOf(cluster, TOPIC, i).values()];
        return logs.length === 3 && new Set(logs.flatMap((log) => [log.logEndOffset, log.highWatermark])).size === 1;
      });
    await simulation.run(cluster.until(areEqual, 60_000));
  }

  check(): void {
    for (const [i, producer] of this.producers.entries()) {
      const logs = [...logsOf(this.simulation.cluster, TOPIC, i).values()];
      this.#reads.check(i, logs[0]!);
      const [first, ...others] = logs.map(bytesOf);
      for (const other of others) assert.ok(first!.equals(other), `replicas of partition ${i} differ`);
      const stored = new Map<number, string>();
      for (const batch of iterateBatches(first!))
        for (const { offset, value } of batch.records()) stored.set(offset, Buffer.from(value!).toString());
      for (const { offset, value } of producer.acknowledged)
        assert.equal(stored.get(offset), value, `acknowledged at ${offset} of partition ${i}`);
      assert.equal(new Set(stored.values()).size, stored.size, `nothing is twice in partition ${i}`);
    }
  }

  async #kill(id: number, how: 'kill' | 'crash'): Promise<void> {
    if (!this.#mayDie(id)) return;
    this.history.push(`  ${how} ${id}`);
    if (how === 'crash') await this.simulation.crash(id);
    else await this.simulation.run(this.simulation.cluster.broker(id).kill());
  }

  /**
   * What Kafka promises to survive: of every partition somebody else is left who may lead it. Whoever died is out of ISR and ELR from its next
   * registration on, until it has caught up.
   */
  #mayDie(id: number): boolean {
    const holds = (other: number): boolean => {
      const broker = this.simulation.cluster.broker(other);
      return other !== id && broker.isRunning && broker.server.reasonNotReady === undefined;
    };
    return this.registrations().every(({ isr, elr }) => [...isr, ...elr].some(holds));
  }

  /** Waits until an ISR grows, and takes the leader away in that moment. */
  async #ambush(): Promise<void> {
    await this.#restart();
    const sizes = this.registrations().map(({ isr }) => isr.length);
    for (let ms = 0; ms < AMBUSH_MS; ms++) {
      await this.simulation.tick();
      const now = this.registrations();
      const grown = now.findIndex(({ isr }, i) => isr.length > sizes[i]!);
      for (const [i, { isr }] of now.entries()) sizes[i] = isr.length;
      if (grown >= 0 && now[grown]!.leader >= 0) {
        await this.#kill(now[grown]!.leader, 'kill');
        return;
      }
    }
  }

  async #restart(): Promise<void> {
    const dead = this.simulation.cluster.brokers.filter((broker) => !broker.isRunning);
    await this.simulation.run(Promise.all(dead.map((broker) => broker.start())));
  }

  #resume(): void {
    for (const id of this.#paused) this.simulation.cluster.broker(id).resume();
    this.#paused.clear();
  }

  async #move(): Promise<void> {
    const { random, cluster } = this.simulation;
    const first = 1 + random.int(BROKERS);
    const replicas = [0, 1, 2].map((i) => ((first - 1 + i) % BROKERS) + 1);
    const partitionIndex = random.int(PARTITIONS);
    const { addingReplicas, removingReplicas } = this.registrations()[partitionIndex]!;
    // Kafka's controller never completes a reassignment that takes back what the one before it adds.
    if (addingReplicas.length + removingReplicas.length > 0) return;
    const partitions = [{ partitionIndex, replicas }];
    const topics = [newReassignableTopic({ name: TOPIC, partitions })];
    const request = newAlterPartitionReassignmentsRequest({ timeoutMs: 5000, topics });
    await this.simulation.run(
      cluster.controller.controller.alterPartitionReassignments({ requestVersion: 1 }, request),
    );
  }

  /** Says what the controller decides (DEBUG=1). */
  #trace(): void {
    for (const [i, registration] of this.registrations().entries()) {
      const {
        leader,
        leaderEpoch,
        partitionEpoch,
        isr,
        elr,
        lastKnownElr,
        replicas,
        addingReplicas,
        removingReplicas,
      } = registration;
      const text = JSON.stringify({
        leader,
        leaderEpoch,
        partitionEpoch,
        isr,
        elr,
        lastKnownElr,
        replicas,
        addingReplicas,
        removingReplicas,
      });
      if (this.#traced[i] === text) continue;
      this.#traced[i] = text;
      const ends = [...logsOf(this.simulation.cluster, TOPIC, i)].map(
        ([id, log]) => `${id}: ${log.highWatermark}..${log.logEndOffset}`,
      );
      console.error(Math.round(this.simulation.clock.monotonicMs()), `${TOPIC}-${i}`, text, ends.join(', '));
    }
  }
}

for (const seed of SEEDS) {
  test(`whatever happens, replicas are equal and hold what was acknowledged (SEED=${seed})`, async (t) => {
    const run = await Run.start(seed);
    t.after(() => run.simulation.run(run.simulation.cluster.close()));
    try {
      for (let i = 0; i < ROUNDS; i++) await run.round();
      await run.settle();
      run.check();
    } catch (error) {
      t.diagnostic(run.history.join('\n'));
      throw error;
    }
    const count = run.producers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
    t.diagnostic(
      `${count} records, ${Math.round(run.simulation.clock.monotonicMs())} ms, ${run.history.length} faults`,
    );
    assert.ok(count > 100, 'something was written');
  });
}
