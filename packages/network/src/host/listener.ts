/**
 * A listening port: accepts connections within their limits, closes idle ones, stops gracefully.
 *
 * Source: kafka.network.SocketServer (max.connections, max.connections.per.ip and its overrides, max.connection.creation.rate,
 * connection_creation_rate, connections.max.idle.ms).
 */
import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, type Logger, type Timer, TransportError } from '@skarab/base';
import { FramePool } from '../core/frame-pool.ts';
import { RequestBudget } from '../core/request-budget.ts';
import { type FrameHandler, type NetworkProbe, type ServerListener, silentProbe } from '../ports.ts';
import { type ConnectionSettings, ServerConnection } from './server-connection.ts';

/** How a listener is set up; names and units are those of Kafka's configuration. */
export interface ListenerOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly maxRequestBytes: number;
  readonly maxIdleMs: number;
  readonly maxConnections: () => number;
  readonly maxConnectionsPerIp: (address: string) => number;
  /** Counts a new connection and says for how many milliseconds it has to wait; none waits unless given. */
  readonly connectionDelayMs?: (nowMs: number) => number;
  /** Whether an address makes connections too fast: 0, or the new one is ended after so many milliseconds; none is unless given. */
  readonly connectionRefusalMs?: (address: string, nowMs: number) => number;
  readonly backlog: number;
  readonly handler: FrameHandler;
  readonly framePool?: FramePool;
  /** How many requests may wait; may be shared with other listeners. */
  readonly budget?: RequestBudget;
  readonly probe?: NetworkProbe;
  readonly clock: Clock;
  readonly logger: Logger;
}

const IDLE_POOL_BYTES = 8 << 20;
const DEFAULT_QUEUED_REQUESTS = 500;

export class Listener implements ServerListener {
  readonly #options: ListenerOptions;
  readonly #settings: ConnectionSettings;
  readonly #server: Server;
  readonly #connections = new Set<ServerConnection>();
  readonly #perAddress = new Map<string, number>();
  /** Accepted before `open`. */
  #early: Socket[] = [];
  /** Accepted faster than connections may be made, in order; the first waits for the timer. */
  #delayed: Socket[] = [];
  #delayTimer: Timer | undefined;
  /** Will be ended, and are not served. */
  readonly #refused = new Map<Socket, Timer>();
  #reaper: Timer | undefined;
  #onEmpty: (() => void) | undefined;
  #sequence = 0;
  #isOpen = false;
  #stopping = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const probe = options.probe ?? silentProbe;
    this.#settings = {
      listenerName: options.name,
      maxRequestBytes: options.maxRequestBytes,
      framePool: options.framePool ?? new FramePool(IDLE_POOL_BYTES),
      budget: options.budget ?? new RequestBudget(DEFAULT_QUEUED_REQUESTS, -1),
      probe,
      clock: options.clock,
      logger: options.logger,
      handler: {
        overlaps: (frame) => options.handler.overlaps(frame),
        handle: (connection, frame, respond) => options.handler.handle(connection, frame, respond),
        onClosed: (connection) => this.#onClosed(connection as ServerConnection),
      },
    };
    this.#server = createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true }, (socket) =>
      this.#accept(socket),
    );
  }

  /** The name of the listener, as in `listeners`. */
  get name(): string {
    return this.#options.name;
  }

  /** Connections open now. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** The port bound; differs from the option when that was 0. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /**
   * Binds the port, so that it is known and nobody else gets it; connections wait until `open`.
   * Errors: TransportError LISTEN with what to do about it.
   */
  bind(): Promise<void> {
    const { name, host, port, backlog } = this.#options;
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => {
        const advice =
          error.code === 'EADDRINUSE'
            ? 'another process listens there: stop it or choose another port'
            : error.code === 'EADDRNOTAVAIL'
              ? 'this machine does not have that address'
              : error.message;
        reject(
          new TransportError('LISTEN', `cannot listen on ${host}:${port} (listener ${name}): ${advice}`, {
            cause: error,
          }),
        );
      };
      this.#server.once('error', onError);
      this.#server.listen({ host: host === '' ? undefined : host, port, backlog }, () => {
        this.#server.off('error', onError);
        this.#server.on('error', (error) =>
          this.#options.logger.error({ listener: this.name, error: error.message }, 'listener failed'),
        );
        resolve();
      });
    });
  }

  /** Begins to serve the connections that wait and those to come. */
  open(): void {
    this.#isOpen = true;
    for (const socket of this.#early.splice(0)) this.#accept(socket);
    this.#armReaper();
  }

  /** Stops accepting and ends every connection, after the requests under way are answered or `graceMs` have passed. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#reaper?.cancel();
    this.#delayTimer?.cancel();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of [...this.#early.splice(0), ...this.#delayed.splice(0)]) socket.destroy();
    for (const socket of [...this.#refused.keys()]) this.#endRefused(socket);
    for (const connection of this.#connections) connection.closeWhenIdle();
    const deadline = this.#options.clock.after(graceMs, () => this.closeAll());
    await Promise.all([closed, this.#whenEmpty()]);
    deadline.cancel();
  }

  /** Ends every connection at once. */
  closeAll(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Ends the connections that `matches`. */
  closeWhere(matches: (connection: ServerConnection) => boolean): void {
    for (const connection of this.#connections) if (matches(connection)) connection.close();
  }

  #accept(socket: Socket): void {
    const { backlog, connectionDelayMs, clock } = this.#options;
    if (this.#stopping) {
      socket.destroy();
      return;
    }
    if (!this.#isOpen) {
      if (this.#early.length < backlog) this.#early.push(socket);
      else socket.destroy();
      return;
    }
    const isBehindOthers = this.#delayed.length > 0;
    const delayMs = isBehindOthers ? 0 : (connectionDelayMs?.(clock.monotonicMs()) ?? 0);
    if (!isBehindOthers && delayMs === 0) this.#admit(socket);
    else if (this.#delayed.length >= backlog) {
      this.#settings.probe.onRefused();
      socket.destroy();
    } else {
      this.#delayed.push(socket);
      if (!isBehindOthers) this.#admitLater(delayMs);
    }
  }

  /** Admits the first that is delayed after its wait, and those behind it as the rate allows. */
  #admitLater(delayMs: number): void {
    const { connectionDelayMs, clock } = this.#options;
    this.#delayTimer = clock.after(delayMs, () => {
      for (let next = this.#delayed.shift(); next !== undefined; next = this.#delayed.shift()) {
        this.#admit(next);
        const nextDelayMs = this.#delayed.length === 0 ? 0 : (connectionDelayMs?.(clock.monotonicMs()) ?? 0);
        if (nextDelayMs === 0) continue;
        this.#admitLater(nextDelayMs);
        return;
      }
    });
  }

  #admit(socket: Socket): void {
    const address = socket.remoteAddress;
    if (address === undefined || this.#stopping) {
      socket.destroy();
      return;
    }
    const { connectionRefusalMs, clock } = this.#options;
    const refusalMs = connectionRefusalMs?.(address, clock.monotonicMs()) ?? 0;
    if (refusalMs > 0) {
      this.#refuse(socket, refusalMs);
      return;
    }
    const sameAddress = this.#perAddress.get(address) ?? 0;
    if (
      this.#connections.size >= this.#options.maxConnections() ||
      sameAddress >= this.#options.maxConnectionsPerIp(address)
    ) {
      this.#settings.probe.onRefused();
      this.#options.logger.info({ listener: this.name, address }, 'too many connections, refusing one');
      socket.destroy();
      return;
    }
    this.#perAddress.set(address, sameAddress + 1);
    this.#settings.probe.onAccepted();
    this.#connections.add(new ServerConnection(socket, this.#settings, this.#sequence++));
  }

  /** Ends a connection after a while, so that whoever makes it does not try again at once. */
  #refuse(socket: Socket, afterMs: number): void {
    const { backlog, clock } = this.#options;
    this.#settings.probe.onRefused();
    if (this.#refused.size >= backlog) {
      socket.destroy();
      return;
    }
    socket.on('error', () => {});
    this.#refused.set(
      socket,
      clock.after(afterMs, () => this.#endRefused(socket)),
    );
  }

  #endRefused(socket: Socket): void {
    this.#refused.get(socket)?.cancel();
    this.#refused.delete(socket);
    socket.destroy();
  }

  #whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
      if (this.#connections.size === 0) resolve();
    });
  }

  #onClosed(connection: ServerConnection): void {
    this.#connections.delete(connection);
    const left = (this.#perAddress.get(connection.remoteAddress) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(connection.remoteAddress);
    else this.#perAddress.set(connection.remoteAddress, left);
    this.#options.handler.onClosed(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  #armReaper(): void {
    const { maxIdleMs, clock } = this.#options;
    if (maxIdleMs < 0) return;
    this.#reaper = clock.after(Math.max(100, Math.min(maxIdleMs / 4, 5_000)), () => {
      const oldest = clock.monotonicMs() - maxIdleMs;
      this.closeWhere((connection) => connection.lastActiveMs < oldest && connection.isIdle);
      if (!this.#stopping) this.#armReaper();
    });
  }
}
