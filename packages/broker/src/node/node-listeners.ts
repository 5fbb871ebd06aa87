/**
 * The listening ports of one role: made from the configuration, all served by one dispatcher.
 */
import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';
import { type Clock, ConfigError, type Logger } from '@skarab/base';
import type { BrokerConfig, Endpoint } from '@skarab/config';
import type { ClientQuotasImage } from '@skarab/metadata';
import {
  ConnectionRate,
  type FrameHandler,
  type FramePool,
  Listener,
  type ListenerOptions,
  type PeerConnection,
  RequestBudget,
  type ServerListener,
} from '@skarab/network';
import type { MetricsRegistry } from '@skarab/telemetry';
import { AddressRates } from '../quota/address-rates.ts';
import { quotaWindowsOf } from '../quota/quota-windows.ts';
import { networkProbe } from './network-probe.ts';

/** What the listeners are made of. */
export interface NodeListenersOptions {
  readonly endpoints: readonly Endpoint[];
  readonly advertised: readonly Endpoint[];
  /** The configuration in force now. */
  readonly config: () => BrokerConfig;
  /** The quotas in force: addresses may have some. */
  readonly clientQuotas: () => ClientQuotasImage;
  readonly handler: FrameHandler;
  readonly framePool: FramePool;
  /** Makes the listeners; those of TCP unless given. */
  readonly listen?: (options: ListenerOptions) => ServerListener;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A listener as others are told of it. */
export interface AdvertisedListener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly securityProtocol: number;
}

const PLAINTEXT = 0;

export class NodeListeners {
  readonly #options: NodeListenersOptions;
  readonly #listeners: ServerListener[];
  /** Shared by all listeners of the role. */
  readonly #budget: RequestBudget;
  readonly #rate: ConnectionRate;
  readonly #addressRates: AddressRates;

  /** Errors: ConfigError for security protocols that are not there yet. */
  constructor(options: NodeListenersOptions) {
    this.#options = options;
    const config = options.config();
    this.#budget = new RequestBudget(config.get('queued.max.requests'), config.get('queued.max.request.bytes'));
    this.#rate = this.#connectionRate(() => options.config().get('max.connection.creation.rate'));
    this.#addressRates = new AddressRates(quotaWindowsOf(config), async (name) => (await lookup(name)).address);
    this.#listeners = options.endpoints.map((endpoint) => this.#make(endpoint));
  }

  /** Binds all ports. Errors: TransportError LISTEN; nothing stays bound then. */
  async bind(): Promise<void> {
    const results = await Promise.allSettled(this.#listeners.map((listener) => listener.bind()));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure === undefined) return;
    await Promise.allSettled(
      this.#listeners.filter((_, i) => results[i]!.status === 'fulfilled').map((listener) => listener.stop(0)),
    );
    throw failure.reason;
  }

  /** Begins to serve. */
  open(): void {
    for (const listener of this.#listeners) listener.open();
  }

  /** Ends all after the requests under way, at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.stop(graceMs)));
  }

  /** Ends every connection at once; listeners stay. */
  dropConnections(): void {
    for (const listener of this.#listeners) listener.closeAll();
  }

  /** Ends the connections that match. */
  closeWhere(matches: (connection: PeerConnection) => boolean): void {
    for (const listener of this.#listeners) listener.closeWhere(matches);
  }

  /** The port that a listener is bound to. */
  port(name: string): number {
    return this.#listeners.find((listener) => listener.name === name)?.port ?? -1;
  }

  /** What is registered: names and addresses as configured, port 0 replaced by the one bound. */
  advertised(): AdvertisedListener[] {
    return this.#options.advertised.map(({ listener, host, port }) => ({
      name: listener,
      host: host === null || host === '' ? hostname() : host,
      port: port === 0 ? this.port(listener) : port,
      securityProtocol: PLAINTEXT,
    }));
  }

  #connectionRate(limitPerSecond: () => number): ConnectionRate {
    return new ConnectionRate(limitPerSecond, quotaWindowsOf(this.#options.config()));
  }

  /**
   * The limit of a listener and that of all; brokers among themselves are held to their listener's only. What an address makes too fast does
   * not count for either.
   */
  #connectionLimits(listener: string): Pick<ListenerOptions, 'connectionDelayMs' | 'connectionRefusalMs'> {
    const { config, endpoints, clientQuotas } = this.#options;
    const own = this.#connectionRate(() => config().forListener(listener).get('max.connection.creation.rate'));
    const isProtected = endpoints.length > 1 && config().listeners.interBroker.name === listener;
    const rates = isProtected ? [own] : [own, this.#rate];
    return {
      connectionDelayMs: (nowMs) => Math.max(...rates.map((rate) => rate.record(nowMs))),
      connectionRefusalMs: (address, nowMs) => {
        const refusalMs = this.#addressRates.record(clientQuotas(), address, nowMs);
        if (refusalMs > 0) for (const rate of rates) rate.takeBack(nowMs);
        return refusalMs;
      },
    };
  }

  #make({ listener, host, port, securityProtocol }: Endpoint): ServerListener {
    if (securityProtocol !== 'PLAINTEXT') {
      throw new ConfigError(
        'listener.security.protocol.map',
        `${listener}:${securityProtocol}`,
        'only PLAINTEXT is supported so far',
      );
    }
    const { config, handler, framePool, metrics, clock, logger, listen } = this.#options;
    const options: ListenerOptions = {
      name: listener,
      host: host ?? '',
      port,
      maxRequestBytes: config().get('socket.request.max.bytes'),
      maxIdleMs: config().get('connections.max.idle.ms'),
      maxConnections: () => config().forListener(listener).get('max.connections'),
      maxConnectionsPerIp: (address) =>
        config().maxConnectionsPerIpOverrides.get(address) ?? config().get('max.connections.per.ip'),
      ...this.#connectionLimits(listener),
      backlog: config().get('socket.listen.backlog.size'),
      handler,
      framePool,
      budget: this.#budget,
      probe: networkProbe(metrics, listener),
      clock,
      logger,
    };
    return listen?.(options) ?? new Listener(options);
  }
}
