/**
 * Transactions over partitions, coordinators and groups on three brokers, whoever of them dies: all of a transaction is seen, or nothing.
 *
 * Time, network and chance come from a seed: SEED=… repeats a run of the bank, ROUNDS=… makes it longer, DEBUG=1 tells what brokers say.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommitted } from './read-committed.ts';
import { Simulation } from './simulation.ts';
import { type Protocol, TransactionClient } from './transaction-client.ts';

const BROKERS = 3;
const TOPIC = 'accounts';
const PARTITIONS = 6;
const GROUP = 'auditors';
const ROUNDS = Number(process.env['ROUNDS'] ?? 8);
const SEEDS =
  process.env['SEED'] === undefined
    ? [19, 23, 1 + (Date.now() % 1_000_000)]
    : process.env['SEED'].split(',').map(Number);
const PROTOCOLS: readonly Protocol[] = ['addedByBrokers', 'addedByClient'];

/** A cluster with a topic whose partitions all brokers lead, and clients of it. */
class Fixture {
  readonly simulation: Simulation;
  readonly retries: string[] = [];

  static async start(seed: number): Promise<Fixture> {
    const simulation = await Simulation.start({ seed, brokers: BROKERS });
    const fixture = new Fixture(simulation);
    const { cluster } = simulation;
    const configs = { 'min.insync.replicas': '2' };
    await simulation.run(cluster.createTopic({ topic: TOPIC, partitions: PARTITIONS, replicationFactor: 3, configs }));
    assert.equal(new Set(fixture.partitions().map((i) => fixture.leaderOf(i))).size, BROKERS);
    return fixture;
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

  /** All brokers run, everything is in sync. */
  async restore(): Promise<void> {
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

for (const protocol of PROTOCOLS) {
  test(`a transaction spans partitions that all brokers lead, and offsets of a group (${protocol})`, async () => {
    const fixture = await Fixture.start(11);
    const { simulation } = fixture;
    // Several ids, so that every broker is a coordinator.
    for (const id of ['a', 'b', 'c']) {
      const client = fixture.client(id, protocol);
      await simulation.run(client.init());
      for (const [name, isCommit] of [
        ['lost', false],
        ['kept', true],
      ] as const) {
        for (const partition of fixture.partitions())
          await simulation.run(client.send(TOPIC, partition, `${id} ${name} ${partition}`));
        await simulation.run(client.commitOffset(GROUP, TOPIC, 0, isCommit ? 7 : 3));
        await simulation.run(client.end(isCommit));
      }
      assert.equal(await simulation.run(client.committedOffset(GROUP, TOPIC, 0)), 7);
      client.close();
    }
    const expected = ['a', 'b', 'c'].flatMap((id) => fixture.partitions().map((i) => `${id} kept ${i}`));
    assert.deepEqual(await fixture.committed(), expected);
    const coordinators = ['a', 'b', 'c'].map((id) => fixture.coordinatorOf('__transaction_state', id));
    assert.equal(new Set(coordinators).size, BROKERS);
    await fixture.close();
  });

  test(`the coordinator dies in the middle of a transaction, and after it has decided (${protocol})`, async () => {
    const fixture = await Fixture.start(12);
    const { simulation } = fixture;
    const client = fixture.client('id', protocol);
    await simulation.run(client.init());
    for (const partition of fixture.partitions()) await simulation.run(client.send(TOPIC, partition, `1/${partition}`));
    await fixture.kill(fixture.coordinatorOf('__transaction_state', 'id'));
    for (const partition of fixture.partitions()) await simulation.run(client.send(TOPIC, partition, `2/${partition}`));
    await simulation.run(client.end(true));
    await fixture.restore();
    for (const partition of fixture.partitions()) await simulation.run(client.send(TOPIC, partition, `3/${partition}`));
    // The decision is committed, its markers are on their way: the next coordinator sees to the rest.
    await simulation.run(client.end(true));
    await fixture.kill(fixture.coordinatorOf('__transaction_state', 'id'));
    await fixture.restore();
    const expected = [1, 2, 3].flatMap((round) => fixture.partitions().map((i) => `${round}/${i}`));
    assert.deepEqual(await fixture.committed(), expected);
    client.close();
    await fixture.close();
  });

  test(`the leader of a partition dies in the middle of a transaction (${protocol})`, async () => {
    const fixture = await Fixture.start(13);
    const { simulation } = fixture;
    const client = fixture.client('id', protocol);
    await simulation.run(client.init());
    const coordinator = fixture.coordinatorOf('__transaction_state', 'id');
    for (const isCommit of [true, false]) {
      for (const i of fixture.partitions()) await simulation.run(client.send(TOPIC, i, `${isCommit} ${i}`));
      const victim = fixture
        .partitions()
        .map((i) => fixture.leaderOf(i))
        .find((leader) => leader !== coordinator)!;
      await fixture.kill(victim);
      await simulation.run(client.end(isCommit));
      await fixture.restore();
    }
    assert.deepEqual(
      await fixture.committed(),
      fixture.partitions().map((i) => `true ${i}`),
    );
    client.close();
    await fixture.close();
  });
}

for (const seed of SEEDS) {
  test(`money moves between accounts while brokers are killed, and none is made or lost (seed ${seed})`, async () => {
    const fixture = await Fixture.start(seed);
    const { simulation } = fixture;
    const { random } = simulation;
    let isStopping = false;
    const ended = new Map<string, boolean>();
    const work = PROTOCOLS.flatMap((protocol) =>
      [`${protocol} 1`, `${protocol} 2`].map(async (id) => {
        const client = fixture.client(id, protocol);
        await client.init();
        let lastCommitted = -1;
        for (let n = 0; !isStopping; n++) {
          const transfer = `${id}/${n}`;
          const [from, to] = [random.int(PARTITIONS), random.int(PARTITIONS)];
          const amount = 1 + random.int(100);
          const isCommit = random.next() < 0.7;
          await client.send(TOPIC, from, `${transfer} ${-amount}`);
          await client.commitOffset(`${GROUP} ${id}`, TOPIC, 0, n);
          await client.send(TOPIC, to, `${transfer} ${amount}`);
          await client.end(isCommit);
          ended.set(transfer, isCommit);
          if (isCommit) lastCommitted = n;
          assert.equal(
            await client.committedOffset(`${GROUP} ${id}`, TOPIC, 0),
            lastCommitted,
            `offset of ${transfer}`,
          );
        }
        client.close();
      }),
    );
    const done = Promise.all(work);
    // Whoever ends with an error ends the test, and does so at once.
    let failure: unknown;
    done.catch((error: unknown) => {
      failure = error;
    });
    for (let round = 0; round < ROUNDS && failure === undefined; round++) {
      await simulation.pass(200 + random.int(1500));
      await fixture.kill(1 + random.int(BROKERS));
      await simulation.pass(random.int(4000));
      await fixture.restore();
    }
    isStopping = true;
    await simulation.run(done);
    const lines = (await fixture.committed()).map((value) => /^(.*) (-?\d+)$/.exec(value)!);
    assert.equal(
      lines.reduce((sum, [, , amount]) => sum + Number(amount), 0),
      0,
    );
    const seen = new Map<string, number>();
    for (const [, transfer] of lines) seen.set(transfer!, (seen.get(transfer!) ?? 0) + 1);
    for (const [transfer, isCommit] of ended) assert.equal(seen.get(transfer) ?? 0, isCommit ? 2 : 0, transfer);
    assert.ok(ended.size > 4 * ROUNDS, `${ended.size} transactions`);
    assert.ok(fixture.retries.length > 0);
    await fixture.close();
  });
}
