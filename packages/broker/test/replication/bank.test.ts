/**
 * Transactions move money between accounts, which are partitions of three brokers, while brokers are killed, paused and cut off by chance.
 *
 * At the end every transaction that was committed is there as a whole and none that was aborted; nothing hangs. Everything comes from a seed: SEED=… repeats a
 * run, ROUNDS=… makes it longer, DEBUG=1 tells what brokers say.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BROKERS, type Fault, PARTITIONS, PROTOCOLS, TOPIC, TransactionCluster } from './transaction-cluster.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 8);
const SEEDS =
  process.env['SEED'] === undefined
    ? [19, 23, 1 + (Date.now() % 1_000_000)]
    : process.env['SEED'].split(',').map(Number);

/** Clients that transfer money, a group of each, and what became of their transfers. */
class Bank {
  readonly cluster: TransactionCluster;
  /** Whether a transfer was committed. */
  readonly ended = new Map<string, boolean>();
  /** Of the group of each client: its position by what was committed last. */
  readonly positions = new Map<string, number>();
  /** A coordinator that is cut off knows nothing of the one after it, and may show what was. */
  readonly #mayBeStale: boolean;
  readonly #work: Promise<unknown>;
  #isStopping = false;
  failure: unknown;

  constructor(cluster: TransactionCluster, mayBeStale: boolean) {
    this.cluster = cluster;
    this.#mayBeStale = mayBeStale;
    this.#work = Promise.all(PROTOCOLS.flatMap((protocol) => [1, 2].map((n) => this.#transfer(protocol, n))));
    this.#work.catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** Ends after the transfers that are under way. Errors: those of the clients. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.cluster.simulation.run(this.#work);
  }

  async #transfer(protocol: (typeof PROTOCOLS)[number], n: number): Promise<void> {
    const { random } = this.cluster.simulation;
    const id = `${protocol} ${n}`;
    const client = this.cluster.client(id, protocol);
    await client.init();
    for (let position = 0; !this.#isStopping; position++) {
      const transfer = `${id}/${position}`;
      const [from, to] = [random.int(PARTITIONS), random.int(PARTITIONS)];
      const amount = 1 + random.int(100);
      const isCommit = random.next() < 0.7;
      await client.send(TOPIC, from, `${transfer} ${-amount}`);
      await client.commitOffset(id, TOPIC, 0, position);
      await client.send(TOPIC, to, `${transfer} ${amount}`);
      await client.end(isCommit);
      this.ended.set(transfer, isCommit);
      if (isCommit) this.positions.set(id, position);
      if (this.#mayBeStale) continue;
      assert.equal(await client.committedOffset(id, TOPIC, 0), this.positions.get(id) ?? -1, `offset of ${transfer}`);
    }
    client.close();
  }

  async check(): Promise<void> {
    const lines = (await this.cluster.committed()).map((value) => /^(.*) (-?\d+)$/.exec(value)!);
    const sum = lines.reduce((total, [, , amount]) => total + Number(amount), 0);
    assert.equal(sum, 0);
    const seen = new Map<string, number>();
    for (const [, transfer] of lines) seen.set(transfer!, (seen.get(transfer!) ?? 0) + 1);
    for (const [transfer, isCommit] of this.ended)
      assert.equal(seen.get(transfer) ?? 0, isCommit ? 2 : 0, `${transfer} ${isCommit ? 'committed' : 'aborted'}`);
    assert.equal(seen.size, [...this.ended.values()].filter((isCommit) => isCommit).length);
    const client = this.cluster.client('auditor', 'addedByBrokers');
    for (const [id, position] of this.positions)
      assert.equal(
        await this.cluster.simulation.run(client.committedOffset(id, TOPIC, 0)),
        position,
        `offset of ${id}`,
      );
    client.close();
  }
}

async function run(seed: number, faults: readonly Fault[]): Promise<void> {
  const cluster = await TransactionCluster.start(seed);
  const { simulation } = cluster;
  const { random } = simulation;
  const bank = new Bank(cluster, faults.length > 1);
  for (let round = 0; round < ROUNDS && bank.failure === undefined; round++) {
    await simulation.pass(200 + random.int(1500));
    await cluster.strike(1 + random.int(BROKERS), faults);
    await simulation.pass(random.int(4000));
    await cluster.restore();
  }
  await bank.stop();
  await bank.check();
  assert.ok(bank.ended.size > 4 * ROUNDS, `${bank.ended.size} transactions`);
  assert.ok(cluster.retries.length > 0);
  await cluster.close();
}

for (const seed of SEEDS) {
  test(`no money is made or lost while brokers are killed (seed ${seed})`, () => run(seed, ['kill']));
  test(`no money is made or lost while brokers are killed, paused and cut off (seed ${seed})`, () =>
    run(seed, ['kill', 'pause', 'isolate', 'cut']));
}
