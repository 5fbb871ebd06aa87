/**
 * One connection to another node, as its client: versions are agreed on once, requests go out as they come, responses find their callers.
 *
 * Several requests may be in flight; they are answered in order. A request that is not answered in time, a response that nobody waits for and a
 * frame that cannot be read end the connection, and with it fail all that is in flight: after that nobody knows what the other side has done.
 * Shape: host around `RequestsInFlight`. Does not come back by itself; see the broker's `NodeChannel` for that.
 * Source: org.apache.kafka.clients.NetworkClient, KIP-511 (what clients say of themselves).
 */
import { Buffer } from 'node:buffer';
import { type Clock, type Timer, TransportError } from '@skarab/base';
import {
  ApiKey,
  type ApiVersionsResponse,
  apiInfo,
  decodeApiVersionsResponse,
  decodeResponseFrame,
  ErrorCode,
  encodeApiVersionsRequest,
  encodeRequestFrame,
  newApiVersionsRequest,
  type Reader,
  type Writer,
} from '@skarab/protocol';
import { ApiVersionsTable } from '../core/api-versions-table.ts';
import { FrameAssembler, type FrameMemory } from '../core/frame-assembler.ts';
import { RequestsInFlight } from '../core/requests-in-flight.ts';
import type { Address, Conversation, Dialer } from '../ports.ts';

/** The halves of an API's codec that a client needs. */
export interface ClientApi<Request, Response> {
  readonly apiKey: number;
  /** Highest version to use, below what both sides know. */
  readonly maxVersion?: number;
  encode(writer: Writer, request: Request, version: number): void;
  decode(reader: Reader, version: number): Response;
}

/** What a connection is made of. */
export interface ClientConnectionOptions {
  readonly dialer: Dialer;
  readonly clientId: string;
  /** What is said of this side in ApiVersions. */
  readonly software: { readonly name: string; readonly version: string };
  readonly maxInFlight: number;
  /** The largest response that is taken. */
  readonly maxResponseBytes: number;
  /** Time for the connection itself: `socket.connection.setup.timeout.ms`. */
  readonly setupTimeoutMs: number;
  /** Time for the agreement on versions. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
  /** Where responses are received; by default in memory that is left to the collector. */
  readonly frameMemory?: FrameMemory;
}

interface Waiting {
  readonly decode: (reader: Reader, version: number) => unknown;
  /** What is made of the response while its memory is at hand. */
  readonly use: ((response: unknown) => unknown) | undefined;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const apiVersionsApi: ClientApi<ReturnType<typeof newApiVersionsRequest>, ApiVersionsResponse> = {
  apiKey: ApiKey.API_VERSIONS,
  encode: encodeApiVersionsRequest,
  // A node that does not know our version answers in version 0, whatever it was asked in.
  decode: (reader, version) => {
    const errorCode = reader.int16();
    reader.position -= 2;
    return decodeApiVersionsResponse(reader, errorCode === ErrorCode.UNSUPPORTED_VERSION ? 0 : version);
  },
};

const UNPOOLED: FrameMemory = { acquire: (length) => Buffer.allocUnsafe(length), release: () => {} };

export class ClientConnection {
  readonly #options: ClientConnectionOptions;
  readonly #address: Address;
  readonly #conversation: Conversation;
  readonly #assembler: FrameAssembler;
  readonly #frameMemory: FrameMemory;
  readonly #requests: RequestsInFlight<Waiting>;
  readonly #opened = Promise.withResolvers<void>();
  #versions = new ApiVersionsTable([]);
  #timer: Timer | undefined;
  #timerDeadlineMs = Number.POSITIVE_INFINITY;
  #isOpen = false;
  #failure: TransportError | undefined;

  /** Connects and agrees on versions. Errors: TransportError CONNECT (no answer in time), REFUSED (nobody listens), DISCONNECTED, TIMEOUT, UNSUPPORTED_VERSION. */
  static async open(address: Address, options: ClientConnectionOptions): Promise<ClientConnection> {
    const connection = new ClientConnection(address, options);
    const { clock, setupTimeoutMs } = options;
    const setup = clock.after(setupTimeoutMs, () =>
      connection.#fail('CONNECT', `no connection within ${setupTimeoutMs} ms`),
    );
    try {
      await connection.#opened.promise;
    } finally {
      setup.cancel();
    }
    await connection.#agreeOnVersions();
    return connection;
  }

  private constructor(address: Address, options: ClientConnectionOptions) {
    this.#options = options;
    this.#address = address;
    this.#requests = new RequestsInFlight(options.maxInFlight);
    this.#opened.promise.catch(() => {});
    this.#frameMemory = options.frameMemory ?? UNPOOLED;
    this.#assembler = new FrameAssembler(options.maxResponseBytes, this.#frameMemory, (frame) => this.#onFrame(frame));
    this.#conversation = options.dialer.dial(address, {
      onOpen: () => {
        this.#isOpen = true;
        this.#opened.resolve();
      },
      onBytes: (chunk, length) => this.#onBytes(chunk, length),
      space: () => this.#assembler.space,
      onFilled: (length) => {
        if (this.#failure === undefined) this.#assembler.fill(length);
      },
      onClosed: (reason) => this.#fail(this.#isOpen ? 'DISCONNECTED' : 'REFUSED', reason),
    });
  }

  get isClosed(): boolean {
    return this.#failure !== undefined;
  }

  /** Requests that wait for their response. */
  get inFlight(): number {
    return this.#requests.size;
  }

  /** The version in which an API would be called; undefined when the two sides have none in common. */
  versionOf(apiKey: number, maxVersion?: number): number | undefined {
    return this.#versions.highestCommon(apiKey, maxVersion);
  }

  /**
   * Sends a request in the highest version that both sides know; resolves with the response, whatever error codes are in it. The caller may keep
   * the response and views of it.
   * Errors: TransportError TIMEOUT, DISCONNECTED, UNSUPPORTED_VERSION, TOO_MANY_REQUESTS, BAD_RESPONSE; all but UNSUPPORTED_VERSION are retriable.
   */
  async send<Request, Response>(
    api: ClientApi<Request, Response>,
    request: Request,
    timeoutMs: number,
  ): Promise<Response> {
    return this.#send(api, this.#agreedVersion(api), request, timeoutMs);
  }

  /**
   * As `send`; resolves with what `use` makes of the response as soon as it is there. After that the memory of the response is used anew, so `use`
   * must keep no view of it.
   */
  async exchange<Request, Response, Result>(
    api: ClientApi<Request, Response>,
    request: Request,
    timeoutMs: number,
    use: (response: Response) => Result,
  ): Promise<Result> {
    return this.#send(api, this.#agreedVersion(api), request, timeoutMs, use);
  }

  /** Ends the connection; what is in flight fails. */
  close(): void {
    this.#fail('DISCONNECTED', 'closed by this side');
  }

  get #name(): string {
    return `${this.#address.host}:${this.#address.port}`;
  }

  #agreedVersion({ apiKey, maxVersion }: Pick<ClientApi<never, unknown>, 'apiKey' | 'maxVersion'>): number {
    const version = this.versionOf(apiKey, maxVersion);
    if (version !== undefined) return version;
    throw new TransportError('UNSUPPORTED_VERSION', `${this.#name} has no version of API ${apiKey} that we know`);
  }

  async #agreeOnVersions(): Promise<void> {
    const { name, version } = this.#options.software;
    const request = newApiVersionsRequest({ clientSoftwareName: name, clientSoftwareVersion: version });
    const newest = apiInfo(ApiKey.API_VERSIONS)!.validVersions.max;
    let response = await this.#send(apiVersionsApi, newest, request, this.#options.requestTimeoutMs);
    if (response.errorCode === ErrorCode.UNSUPPORTED_VERSION) {
      const theirs = response.apiKeys.find(({ apiKey }) => apiKey === ApiKey.API_VERSIONS)?.maxVersion ?? 0;
      response = await this.#send(apiVersionsApi, Math.min(newest, theirs), request, this.#options.requestTimeoutMs);
    }
    if (response.errorCode !== ErrorCode.NONE) {
      throw this.#fail(
        'UNSUPPORTED_VERSION',
        `the versions of ${this.#name} are not known: error ${response.errorCode}`,
      );
    }
    this.#versions = new ApiVersionsTable(response.apiKeys);
  }

  #send<Request, Response, Result = Response>(
    api: ClientApi<Request, Response>,
    version: number,
    request: Request,
    timeoutMs: number,
    use?: (response: Response) => Result,
  ): Promise<Result> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#requests.isFull) {
      const text = `${this.#requests.size} requests to ${this.#name} wait for their answers`;
      return Promise.reject(new TransportError('TOO_MANY_REQUESTS', text, { retriable: true }));
    }
    return new Promise((resolve, reject) => {
      const { clock, clientId } = this.#options;
      const deadlineMs = clock.monotonicMs() + timeoutMs;
      const waiting: Waiting = {
        decode: api.decode,
        use: use as Waiting['use'],
        resolve: resolve as (response: unknown) => void,
        reject,
      };
      const { correlationId } = this.#requests.add(api.apiKey, version, deadlineMs, waiting);
      const header = { requestApiKey: api.apiKey, requestApiVersion: version, correlationId, clientId };
      const chunks = encodeRequestFrame(header, api.encode, request);
      this.#conversation.write(chunks as Uint8Array[]);
      this.#arm(deadlineMs);
    });
  }

  #onBytes(chunk: Buffer, length: number): void {
    if (this.#failure !== undefined) return;
    const error = this.#assembler.push(chunk, length);
    if (error !== undefined)
      this.#fail('BAD_RESPONSE', `a response of ${error.length} bytes, at most ${error.maxBytes} are taken`);
  }

  #onFrame(frame: Buffer): void {
    if (this.#failure !== undefined) return;
    const request = frame.length < 4 ? undefined : this.#requests.take(frame.readInt32BE(0));
    if (request === undefined) {
      this.#fail('BAD_RESPONSE', 'a response that nobody waits for');
      return;
    }
    const { apiKey, apiVersion, context } = request;
    let response: unknown;
    try {
      response = context.decode(decodeResponseFrame(frame, apiKey, apiVersion).body, apiVersion);
    } catch (error) {
      context.reject(this.#fail('BAD_RESPONSE', `cannot read a response of API ${apiKey}: ${String(error)}`));
      return;
    }
    if (context.use === undefined) context.resolve(response);
    else this.#lend(response, frame, context.use, context);
  }

  #lend(response: unknown, frame: Buffer, use: (response: unknown) => unknown, { resolve, reject }: Waiting): void {
    try {
      resolve(use(response));
    } catch (error) {
      reject(error);
    }
    this.#frameMemory.release(frame);
  }

  #arm(deadlineMs: number): void {
    if (deadlineMs >= this.#timerDeadlineMs) return;
    this.#timer?.cancel();
    this.#timerDeadlineMs = deadlineMs;
    const { clock } = this.#options;
    this.#timer = clock.after(Math.max(0, deadlineMs - clock.monotonicMs()), () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#timerDeadlineMs = Number.POSITIVE_INFINITY;
    const next = this.#requests.nextDeadlineMs;
    if (next === undefined) return;
    if (next <= this.#options.clock.monotonicMs()) this.#fail('TIMEOUT', 'a request was not answered in time');
    else this.#arm(next);
  }

  /** Ends the connection for a reason; the first one counts. */
  #fail(code: string, reason: string): TransportError {
    if (this.#failure !== undefined) return this.#failure;
    const failure = new TransportError(code, `${this.#name}: ${reason}`, { retriable: code !== 'UNSUPPORTED_VERSION' });
    this.#failure = failure;
    this.#timer?.cancel();
    this.#opened.reject(failure);
    for (const { context } of this.#requests.drain()) context.reject(failure);
    this.#conversation?.close();
    return failure;
  }
}
