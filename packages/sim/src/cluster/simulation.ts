/**
 * A cluster, its clients and its world, all from one seed. Nothing happens but what the next timer makes happen.
 *
 * After every event all promises come to their ends, and then everything that must always hold is looked at.
 */
import { type LogFields, type Logger, type Random, randomUuid, seededRandom, silentLogger } from '@skarab/base';
import { portOf, SimNetwork } from '../world/network.ts';
import { Trace } from '../world/trace.ts';
import { VirtualClock } from '../world/virtual-clock.ts';
import { Invariants } from './invariants.ts';
import { SimNode } from './sim-node.ts';

/** How a simulation is set up. */
export interface SimulationOptions {
  readonly seed: number;
  readonly nodes: number;
  /** The first so many nodes are the first voters; all unless given. */
  readonly voters?: number;
  readonly properties?: Readonly<Record<string, string>>;
  /** Levels of features; the newest unless given. */
  readonly features?: Readonly<Record<string, number>>;
  /** Says what nodes say. */
  readonly isVerbose?: boolean;
}

const START_MS = 1_700_000_000_000;

const PROPERTIES: Readonly<Record<string, string>> = {
  // The cleaner has threads, whose work no seed decides about.
  'log.cleaner.enable': 'false',
  'broker.heartbeat.interval.ms': '500',
  'broker.session.timeout.ms': '3000',
  'replica.lag.time.max.ms': '3000',
  'replica.fetch.max.bytes': '1500',
  'replica.socket.timeout.ms': '3000',
  'controller.socket.timeout.ms': '3000',
  'request.timeout.ms': '3000',
  'replica.fetch.backoff.ms': '100',
  'default.replication.factor': '3',
  'min.insync.replicas': '2',
  'offsets.topic.num.partitions': '1',
  'log.flush.interval.ms': '700',
};

export class Simulation {
  readonly seed: number;
  readonly clock = new VirtualClock(START_MS);
  readonly trace = new Trace();
  readonly random: Random;
  readonly network: SimNetwork;
  readonly nodes: readonly SimNode[];
  readonly invariants: Invariants;
  /** What nodes that ended by themselves said; a violation unless the scenario has disks fail. */
  readonly failures: { readonly node: number; readonly error: unknown }[] = [];
  /** Nodes may end by themselves. */
  mayFail = false;
  readonly #violations: unknown[] = [];

  /** Formats all disks and starts all nodes. */
  static async start(options: SimulationOptions): Promise<Simulation> {
    const simulation = new Simulation(options);
    for (const node of simulation.nodes) await node.format();
    for (const node of simulation.nodes) node.start();
    await simulation.until('all nodes serve', () => simulation.nodes.every(({ isServing }) => isServing), 30_000);
    return simulation;
  }

  private constructor(options: SimulationOptions) {
    const { seed, nodes, voters = nodes, properties = {}, features = {}, isVerbose = false } = options;
    this.seed = seed;
    this.random = seededRandom(seed);
    this.network = new SimNetwork(this.clock, seededRandom(seed + 1), this.trace);
    const ids = seededRandom(seed + 2);
    const clusterId = randomUuid(ids.bytes);
    const controllers = Array.from({ length: voters }, (_, i) => ({
      id: i + 1,
      directoryId: randomUuid(ids.bytes),
      host: '127.0.0.1',
      port: portOf(i + 1, 1),
    }));
    this.nodes = Array.from(
      { length: nodes },
      (_, i) =>
        new SimNode({
          id: i + 1,
          clusterId,
          controllers,
          properties: { ...PROPERTIES, ...properties },
          features,
          network: this.network,
          seed,
          logger: isVerbose ? consoleLogger(() => this.clock.monotonicMs()) : silentLogger,
          onFailure: (node, error) => this.#onFailure(node.id, error),
        }),
    );
    this.invariants = new Invariants(this.nodes);
  }

  /** Errors: RangeError for an id that no node has. */
  node(id: number): SimNode {
    const node = this.nodes[id - 1];
    if (node === undefined) throw new RangeError(`there is no node ${id}`);
    return node;
  }

  /** The node that leads the quorum, as it sees itself. */
  get activeController(): SimNode | undefined {
    return this.nodes.find(({ id, kafka }) => kafka?.metadata?.leader.leaderId === id);
  }

  /** Something that must not be has been seen; the run ends with it. */
  violation(error: unknown): void {
    this.#violations.push(error);
  }

  /** Runs the next timer and all that follows from it. Errors: what must not be. */
  async step(): Promise<void> {
    this.clock.runNext();
    await this.#drain();
    this.invariants.check();
    if (this.#violations.length > 0) throw this.#violations[0];
  }

  async pass(durationMs: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + durationMs;
    this.clock.after(durationMs, () => {});
    await this.#drain();
    while (this.clock.monotonicMs() < endMs) await this.step();
  }

  /** Lets time pass until `isSo`. Errors: Error when that takes longer than `limitMs`. */
  async until(what: string, isSo: () => boolean, limitMs: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + limitMs;
    await this.#drain();
    while (!isSo()) {
      await this.step();
      if (this.clock.monotonicMs() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    }
  }

  /** Lets time pass until `work` is done. Errors: those of `work`; Error when it takes longer than `limitMs`. */
  async run<T>(what: string, work: Promise<T>, limitMs: number): Promise<T> {
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    work.then(
      (value) => {
        outcome = { value };
      },
      (error: unknown) => {
        outcome = { error };
      },
    );
    await this.until(what, () => outcome !== undefined, limitMs);
    if ('error' in outcome!) throw outcome.error;
    return outcome!.value;
  }

  /** Ends all processes. */
  close(): void {
    for (const node of this.nodes) node.kill();
  }

  /** Resolves when all promises that can come to their ends have done so, and all that was asked for soon. */
  async #drain(): Promise<void> {
    await settled();
    while (this.clock.hasSoon) {
      this.clock.runSoon();
      await settled();
    }
  }

  #onFailure(node: number, error: unknown): void {
    this.failures.push({ node, error });
    if (!this.mayFail) this.violation(new Error(`node ${node} ended by itself: ${error}`, { cause: error }));
  }
}

/** Resolves after the promises that can come to their ends. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What nodes say, with the time of the simulation. */
function consoleLogger(nowMs: () => number, context: LogFields = {}): Logger {
  const say =
    (level: string) =>
    (fields: LogFields, message: string): void =>
      console.error(nowMs().toFixed(0), level, message, JSON.stringify({ ...context, ...fields }));
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    child: (fields) => consoleLogger(nowMs, { ...context, ...fields }),
  };
}
