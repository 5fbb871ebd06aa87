/**
 * The way to one other node, for one purpose: a connection that is made when it is needed, and made again after it broke.
 *
 * Requests that come while the connection is being made wait for it; a request that fails is not repeated, since only its sender knows whether it may
 * be. After a failed attempt the next one waits as `reconnect` says. The address is looked up for every attempt, so a node that moved is found.
 * Shape: host around `ClientConnection`. Source: org.apache.kafka.server.network.BrokerBlockingSender, ClusterConnectionStates.
 */
import { type Clock, type Random, StateError, TransportError } from '@skarab/base';
import {
  type Address,
  type BackoffSettings,
  type ClientApi,
  ClientConnection,
  type Dialer,
  ExponentialBackoff,
  type FrameMemory,
} from '@skarab/network';

/** What a channel is made of. */
export interface NodeChannelOptions {
  /** For messages. */
  readonly nodeId: number;
  /** Where the node is now; undefined while that is not known. */
  readonly address: () => Address | undefined;
  readonly clientId: string;
  readonly dialer: Dialer;
  readonly maxInFlight: number;
  readonly maxResponseBytes: number;
  /** `socket.connection.setup.timeout.ms` up to `socket.connection.setup.timeout.max.ms`. */
  readonly setupTimeout: Pick<BackoffSettings, 'initialMs' | 'maxMs'>;
  /** `reconnect.backoff.ms` up to `reconnect.backoff.max.ms`. */
  readonly reconnect: Pick<BackoffSettings, 'initialMs' | 'maxMs'>;
  /** For the agreement on versions. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Where responses are received; as of `ClientConnection`. */
  readonly frameMemory?: FrameMemory;
}

/** What we say of ourselves; the version is that of the Kafka whose protocol we speak. */
const SOFTWARE = { name: 'skarab', version: '4.3.1' };
const MULTIPLIER = 2;
const JITTER = 0.2;

export class NodeChannel {
  readonly #options: NodeChannelOptions;
  readonly #setupTimeout: ExponentialBackoff;
  readonly #reconnect: ExponentialBackoff;
  #connection: ClientConnection | undefined;
  #connecting: Promise<ClientConnection> | undefined;
  #connectedTo: Address | undefined;
  #failedAttempts = 0;
  #notBeforeMs = 0;
  #isClosed = false;
  #endPause: (() => void) | undefined;

  constructor(options: NodeChannelOptions) {
    const { setupTimeout, reconnect, random } = options;
    this.#options = options;
    this.#setupTimeout = new ExponentialBackoff({ ...setupTimeout, multiplier: MULTIPLIER, jitter: JITTER }, random);
    this.#reconnect = new ExponentialBackoff({ ...reconnect, multiplier: MULTIPLIER, jitter: JITTER }, random);
  }

  /**
   * Sends a request, over a new connection if need be. Errors: TransportError as of `ClientConnection`, and UNKNOWN_ADDRESS; StateError once closed.
   */
  async send<Request, Response>(
    api: ClientApi<Request, Response>,
    request: Request,
    timeoutMs: number,
  ): Promise<Response> {
    return (this.#usable() ?? (await this.#connect())).send(api, request, timeoutMs);
  }

  /** As `send`, with the response lent to `use`; see `ClientConnection.exchange`. */
  async exchange<Request, Response, Result>(
    api: ClientApi<Request, Response>,
    request: Request,
    timeoutMs: number,
    use: (response: Response) => Result,
  ): Promise<Result> {
    return (this.#usable() ?? (await this.#connect())).exchange(api, request, timeoutMs, use);
  }

  /** Ends the connection; what is in flight fails, and so does everything that comes. */
  close(): void {
    this.#isClosed = true;
    this.#endPause?.();
    this.#connection?.close();
  }

  #usable(): ClientConnection | undefined {
    const connection = this.#connection;
    if (connection === undefined || connection.isClosed || this.#isClosed) return undefined;
    const address = this.#options.address();
    const moved =
      address !== undefined && (address.host !== this.#connectedTo?.host || address.port !== this.#connectedTo.port);
    if (!moved) return connection;
    connection.close();
    return undefined;
  }

  async #connect(): Promise<ClientConnection> {
    if (this.#isClosed) throw this.#closedError();
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #open(): Promise<ClientConnection> {
    const { clock, nodeId } = this.#options;
    const waitMs = this.#notBeforeMs - clock.monotonicMs();
    if (waitMs > 0) await this.#pause(waitMs);
    const address = this.#options.address();
    try {
      if (this.#isClosed) throw this.#closedError();
      if (address === undefined)
        throw new TransportError('UNKNOWN_ADDRESS', `the address of node ${nodeId} is not known`, { retriable: true });
      const connection = await ClientConnection.open(address, this.#connectionOptions());
      if (this.#isClosed) {
        connection.close();
        throw this.#closedError();
      }
      this.#failedAttempts = 0;
      this.#connection = connection;
      this.#connectedTo = address;
      return connection;
    } catch (error) {
      this.#notBeforeMs = clock.monotonicMs() + this.#reconnect.delayMs(this.#failedAttempts);
      this.#failedAttempts++;
      throw error;
    }
  }

  #pause(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(waitMs, resolve);
      this.#endPause = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #closedError(): StateError {
    return new StateError(`the channel to node ${this.#options.nodeId} is closed`);
  }

  #connectionOptions() {
    const { clientId, dialer, maxInFlight, maxResponseBytes, requestTimeoutMs, clock, frameMemory } = this.#options;
    return {
      dialer,
      clientId,
      software: SOFTWARE,
      maxInFlight,
      maxResponseBytes,
      setupTimeoutMs: this.#setupTimeout.delayMs(this.#failedAttempts),
      requestTimeoutMs,
      clock,
      ...(frameMemory !== undefined && { frameMemory }),
    };
  }
}
