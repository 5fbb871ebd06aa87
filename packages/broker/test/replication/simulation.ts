/**
 * A cluster whose time, network and chance come from a seed: nothing happens but what the clock, moved by hand, makes happen.
 */
import { type LogFields, type Logger, type Random, seededRandom } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { FaultyStorage } from '@skarab/log/testing';
import { BrokerCluster, MemoryNetwork } from '../../src/testing/index.ts';

const START_MS = 1_700_000_000_000;
const MAX_LATENCY_MS = 3;
/** Seldom something takes longer. */
const SLOW_LATENCY_MS = 60;
const SLOW_SHARE = 0.02;

const PROPERTIES = {
  // The cleaner has threads, whose work no seed decides about.
  'log.cleaner.enable': 'false',
  'log.flush.interval.ms': '700',
  // Followers need many fetches to catch up.
  'replica.fetch.max.bytes': '1500',
};

/** How a simulation is set up. */
export interface SimulationOptions {
  readonly seed: number;
  readonly brokers: number;
  readonly properties?: Readonly<Record<string, string>>;
}

export class Simulation {
  readonly clock = new ManualClock(START_MS);
  readonly random: Random;
  readonly network: MemoryNetwork;
  readonly storages = new Map<number, FaultyStorage>();
  #cluster: BrokerCluster | undefined;
  /** Called after every millisecond. */
  onTick: () => void = () => {};

  static async start({ seed, brokers, properties = {} }: SimulationOptions): Promise<Simulation> {
    const simulation = new Simulation(seed);
    for (let id = 1; id <= brokers; id++) {
      const options = { nowMs: () => simulation.clock.nowMs() };
      simulation.storages.set(id, new FaultyStorage(seededRandom(seed * 31 + id), options));
    }
    simulation.#cluster = await simulation.run(
      BrokerCluster.start({
        brokers,
        properties: { ...PROPERTIES, ...properties },
        storageOf: (id) => simulation.storages.get(id)!,
        network: simulation.network,
        controllerLatencyMs: latencyFrom(seed + 3),
        clock: simulation.clock,
        random: seededRandom(seed + 1),
        ...(process.env['DEBUG'] !== undefined && { logger: consoleLogger(() => simulation.clock.monotonicMs()) }),
      }),
    );
    return simulation;
  }

  private constructor(seed: number) {
    this.random = seededRandom(seed);
    this.network = new MemoryNetwork(this.clock, latencyFrom(seed + 2));
  }

  get cluster(): BrokerCluster {
    return this.#cluster!;
  }

  /** Lets time pass until `work` is done. Errors: those of `work`; Error when it takes longer than `limitMs`. */
  async run<T>(work: Promise<T>, limitMs = 120_000): Promise<T> {
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    work.then(
      (value) => {
        outcome = { value };
      },
      (error: unknown) => {
        outcome = { error };
      },
    );
    const deadlineMs = this.clock.monotonicMs() + limitMs;
    while (outcome === undefined) {
      await this.tick();
      if (this.clock.monotonicMs() > deadlineMs) throw new Error(`not done within ${limitMs} ms`);
    }
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  async pass(durationMs: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + durationMs;
    while (this.clock.monotonicMs() < endMs) await this.tick();
  }

  /** One millisecond, and all that follows from it. */
  async tick(): Promise<void> {
    this.clock.advance(1);
    // Promises of this millisecond come to their ends; what they ask for soon comes with the next one.
    await new Promise((resolve) => setImmediate(resolve));
    this.onTick();
  }

  /** The machine of a broker loses power: what was not flushed is lost, or torn. */
  async crash(id: number): Promise<void> {
    await this.run(this.cluster.broker(id).kill());
    this.storages.get(id)!.crash();
  }
}

function latencyFrom(seed: number): () => number {
  const random = seededRandom(seed);
  return () => random.next() * (random.next() < SLOW_SHARE ? SLOW_LATENCY_MS : MAX_LATENCY_MS);
}

/** What brokers say, with the time of the simulation (DEBUG=1). */
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
