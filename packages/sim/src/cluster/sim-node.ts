/**
 * One machine of a simulated cluster: a disk that outlives its processes, and at most one process, which is a whole node.
 *
 * A process can be killed (what it wrote stays), lose power (what it did not flush is lost or torn), be paused, and be stopped in order.
 */
import { type Logger, type Random, seededRandom } from '@skarab/base';
import { KafkaNode } from '@skarab/broker';
import { BrokerConfig } from '@skarab/config';
import { FaultyStorage } from '@skarab/log/testing';
import { formatDirectories, type InitialController } from '@skarab/metadata';
import { portOf, type SimNetwork } from '../world/network.ts';
import { NodeClock } from '../world/node-clock.ts';
import { SlowStorage } from '../world/slow-storage.ts';

/** What a machine is set up with. */
export interface SimNodeOptions {
  readonly id: number;
  readonly clusterId: string;
  /** The first voters. */
  readonly controllers: readonly InitialController[];
  readonly properties: Readonly<Record<string, string>>;
  /** Levels of features other than the newest. */
  readonly features: Readonly<Record<string, number>>;
  readonly network: SimNetwork;
  readonly seed: number;
  readonly logger: Logger;
  /** The process ended by itself, or could not start. */
  readonly onFailure: (node: SimNode, error: unknown) => void;
}

/** How a machine's disk behaves. */
export interface DiskSpeed {
  readonly maxLatencyMs: number;
}

export class SimNode {
  readonly id: number;
  readonly storage: FaultyStorage;
  disk: DiskSpeed = { maxLatencyMs: 1 };
  /** How far the wall clock is ahead. */
  wallOffsetMs = 0;
  readonly #options: SimNodeOptions;
  readonly #diskRandom: Random;
  #process: { readonly clock: NodeClock; kafka?: KafkaNode } | undefined;
  #lives = 0;
  #isPaused = false;

  constructor(options: SimNodeOptions) {
    const { id, seed, network } = options;
    this.id = id;
    this.#options = options;
    this.#diskRandom = seededRandom(seed * 7919 + id);
    this.storage = new FaultyStorage(seededRandom(seed * 31 + id), {
      nowMs: () => network.clock.nowMs() + this.wallOffsetMs,
    });
  }

  /** The node, once it has started; undefined while it starts and when it is dead. */
  get kafka(): KafkaNode | undefined {
    return this.#process?.kafka;
  }

  get hasProcess(): boolean {
    return this.#process !== undefined;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isServing(): boolean {
    return !this.#isPaused && this.kafka !== undefined && this.kafka.reasonNotReady === undefined;
  }

  /** Formats the disk, once. */
  async format(): Promise<void> {
    const { id, clusterId, controllers, features, network, seed } = this.#options;
    const config = this.#config();
    const environment = { storage: this.storage, clock: network.clock, random: seededRandom(seed * 17 + id) };
    const isVoter = controllers.some((controller) => controller.id === id);
    const request = {
      directories: config.logDirs,
      metadataLogDir: config.metadataLogDir,
      nodeId: id,
      clusterId,
      controllerListenerName: 'CONTROLLER',
      hasDynamicQuorum: true,
      ...(isVoter && { initialControllers: controllers }),
      ignoreFormatted: false,
      featureLevels: new Map(Object.entries(features)),
      unstableFeatureVersionsEnabled: false,
    };
    await formatDirectories(environment, request, () => {});
  }

  /** Starts a process; it is there at once and serves some time later. */
  start(): void {
    if (this.#process !== undefined) return;
    const { id, network, seed, logger, onFailure } = this.#options;
    const clock = new NodeClock(network.clock, () => this.wallOffsetMs);
    const process: { readonly clock: NodeClock; kafka?: KafkaNode } = { clock };
    this.#process = process;
    this.#lives++;
    this.#trace('start');
    const fail = (error: unknown): void => {
      if (this.#process !== process) return;
      this.kill();
      onFailure(this, error);
    };
    const latencyMs = (): number => this.#diskRandom.next() * this.disk.maxLatencyMs;
    KafkaNode.start({
      config: this.#config(),
      storage: new SlowStorage(this.storage.openForProcess(), clock, latencyMs),
      clock,
      random: seededRandom(seed * 1009 + id * 101 + this.#lives),
      dialer: network.dialerOf(id),
      listen: network.listenerOf(id),
      logger: logger.child({ node: id }),
    }).then((kafka) => {
      if (this.#process !== process) return;
      process.kafka = kafka;
      this.#trace('started');
      kafka.ended.catch(fail);
    }, fail);
  }

  /** Controlled shutdown; resolves when the process has ended. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process?.kafka === undefined) return;
    await process.kafka.stop();
    if (this.#process === process) this.kill();
  }

  /** Ends the process at once: nobody is told, nothing is flushed. What was written stays. */
  kill(): void {
    if (this.#process === undefined) return;
    this.#trace('kill');
    this.#process.clock.kill();
    this.#process = undefined;
    this.#isPaused = false;
    this.storage.detach();
    this.#options.network.kill(this.id);
  }

  /** The machine loses power: what was not flushed is lost, or torn. */
  crash(): void {
    this.kill();
    this.#trace('crash');
    this.storage.crash();
  }

  /** Stops the process for a while, as SIGSTOP does. */
  pause(): void {
    if (this.#process === undefined || this.#isPaused) return;
    this.#trace('pause');
    this.#isPaused = true;
    this.#options.network.pause(this.id);
    this.#process.clock.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#trace('resume');
    this.#isPaused = false;
    this.#process?.clock.resume();
    this.#options.network.resume(this.id);
  }

  #trace(what: string): void {
    const { network, id, logger } = this.#options;
    network.trace.add(network.clock.monotonicMs(), `${what} ${id}`);
    logger.info({ node: id }, `-- ${what}`);
  }

  #config(): BrokerConfig {
    const { id, controllers, properties } = this.#options;
    const listeners = `PLAINTEXT://127.0.0.1:${portOf(id, 0)},CONTROLLER://127.0.0.1:${portOf(id, 1)}`;
    return BrokerConfig.fromProperties(
      new Map(
        Object.entries({
          'process.roles': 'broker,controller',
          'node.id': String(id),
          listeners,
          'advertised.listeners': listeners,
          'controller.listener.names': 'CONTROLLER',
          'controller.quorum.bootstrap.servers': controllers.map(({ host, port }) => `${host}:${port}`).join(','),
          'log.dirs': '/data',
          ...properties,
        }),
      ),
    );
  }
}
