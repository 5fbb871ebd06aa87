/**
 * One broker of a cluster in one process: a `BrokerServer` with storage, clock and network of its own, so that it can die alone.
 */
import { type Clock, LevelledLogger, type Logger, type Random, StateError } from '@skarab/base';
import { BrokerConfig, DynamicBrokerConfig } from '@skarab/config';
import type { MemoryStorage } from '@skarab/log';
import { type ControllerApi, formatDirectories } from '@skarab/metadata';
import type { ListenerOptions, ServerListener } from '@skarab/network';
import { MetricsRegistry } from '@skarab/telemetry';
import type { RequestInterceptor } from '../dispatch/dispatcher.ts';
import { BrokerServer } from '../node/broker-server.ts';
import type { BreakableNetwork } from './breakable-network.ts';
import { ControllerLink, type MetadataSource } from './controller-link.ts';
import { ProcessClock } from './process-clock.ts';

/** What a broker of a cluster is made of. */
export interface ClusterBrokerOptions {
  readonly id: number;
  readonly clusterId: string;
  readonly properties: ReadonlyMap<string, string>;
  /** Outlives the broker's process. */
  readonly storage: MemoryStorage;
  readonly controller: ControllerApi;
  readonly source: MetadataSource;
  readonly kraftVersion: () => number;
  readonly network: BreakableNetwork;
  /** How long a call to the controller, or metadata from it, is under way; no time unless given. */
  readonly controllerLatencyMs?: () => number;
  readonly listen?: (options: ListenerOptions) => ServerListener;
  readonly intercept?: RequestInterceptor;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A running incarnation. */
interface Incarnation {
  readonly server: BrokerServer;
  readonly clock: ProcessClock;
  readonly link: ControllerLink;
}

export class ClusterBroker {
  readonly #options: ClusterBrokerOptions;
  #incarnation: Incarnation | undefined;
  /** The same in all lives of the broker, so that clients find it again. */
  #port = 0;
  #isFormatted = false;

  constructor(options: ClusterBrokerOptions) {
    this.#options = options;
  }

  get id(): number {
    return this.#options.id;
  }

  get port(): number {
    return this.#port;
  }

  get storage(): MemoryStorage {
    return this.#options.storage;
  }

  get isRunning(): boolean {
    return this.#incarnation !== undefined;
  }

  /** The running server. Errors: StateError while there is none. */
  get server(): BrokerServer {
    if (this.#incarnation === undefined) throw new StateError(`broker ${this.id} does not run`);
    return this.#incarnation.server;
  }

  /** Starts, with what an earlier life has left in the storage; resolves when the broker is unfenced. */
  async start(): Promise<void> {
    const { clusterId, storage, controller, source, kraftVersion, network, listen, intercept, random, logger } =
      this.#options;
    await this.#format();
    const clock = new ProcessClock(this.#options.clock);
    const { controllerLatencyMs: latencyMs } = this.#options;
    const latency = latencyMs === undefined ? undefined : { clock: this.#options.clock, latencyMs };
    const link = new ControllerLink(controller, source, latency);
    const config = BrokerConfig.fromProperties(this.#properties());
    const server = await BrokerServer.create({
      clusterId,
      config: new DynamicBrokerConfig(config.originals),
      storage: storage.openForProcess(),
      controller: link.controller,
      subscribe: (publisher) => link.subscribe(publisher),
      unsubscribe: (publisher) => link.unsubscribe(publisher),
      dialer: network.dialerOf(this.id),
      kraftVersion,
      isQuorumPossible: async () => true,
      metrics: new MetricsRegistry(),
      clock,
      random,
      logger: LevelledLogger.over(logger.child({ broker: this.id })),
      onFatal: (error) => logger.error({ broker: this.id, error: String(error) }, 'a broker cannot go on'),
      ...(listen !== undefined && { listen }),
      ...(intercept !== undefined && { intercept }),
    });
    await server.bind();
    this.#port = server.listeners.port('PLAINTEXT');
    this.#incarnation = { server, clock, link };
    await server.start();
  }

  /** Controlled shutdown: leaderships move to others, everything is written. */
  async stop(): Promise<void> {
    const { server } = this;
    await server.stop();
    this.#incarnation = undefined;
    this.storage.detach();
  }

  /** Ends the process at once: nobody is told, nothing is flushed. What was written stays in the storage. */
  async kill(): Promise<void> {
    const incarnation = this.#incarnation;
    if (incarnation === undefined) return;
    this.#incarnation = undefined;
    const killed = incarnation.server.kill();
    incarnation.link.kill();
    this.storage.detach();
    await killed;
    incarnation.clock.kill();
  }

  /** Stops the process for a while, as SIGSTOP does. */
  pause(): void {
    if (this.#incarnation === undefined) return;
    const { server, clock, link } = this.#incarnation;
    this.#options.network.pause(this.id);
    server.pause();
    clock.pause();
    link.cut();
  }

  resume(): void {
    if (this.#incarnation === undefined) return;
    const { server, clock, link } = this.#incarnation;
    link.heal();
    clock.resume();
    server.resume();
    this.#options.network.resume(this.id);
  }

  /** Cuts the broker off from the controller. */
  cutController(): void {
    this.#incarnation?.link.cut();
  }

  healController(): void {
    this.#incarnation?.link.heal();
  }

  #properties(): Map<string, string> {
    return new Map([
      ['process.roles', 'broker'],
      ['node.id', String(this.id)],
      ['listeners', `PLAINTEXT://127.0.0.1:${this.#port}`],
      ['controller.listener.names', 'CONTROLLER'],
      ['controller.quorum.bootstrap.servers', '127.0.0.1:1'],
      ['log.dirs', '/memory'],
      ...this.#options.properties,
    ]);
  }

  async #format(): Promise<void> {
    if (this.#isFormatted) return;
    const { clusterId, storage, clock, random } = this.#options;
    const config = BrokerConfig.fromProperties(this.#properties());
    const request = {
      directories: config.logDirs,
      metadataLogDir: config.metadataLogDir,
      nodeId: this.id,
      clusterId,
      controllerListenerName: 'CONTROLLER',
      hasDynamicQuorum: true,
      ignoreFormatted: true,
      featureLevels: new Map<string, number>(),
      unstableFeatureVersionsEnabled: false,
    };
    await formatDirectories({ storage, clock, random }, request, () => {});
    this.#isFormatted = true;
  }
}
