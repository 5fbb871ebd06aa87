/**
 * A bare protocol client for tests: one connection, any API at any version, any bytes, and what the other side does about it.
 *
 * It decides nothing: no retries, no metadata, no version negotiation. Requests may be pipelined; an answer is matched by its
 * correlation id, and one that nobody waits for, or that has bytes left over, is an error. Not its job: starting brokers.
 */
import { connect, type Socket } from 'node:net';
import { apiCodecs, decodeResponseFrame, encodeRequestFrame, type Reader } from '@skarab/protocol';

/** The connection ended before an answer came. */
export class ConnectionClosed extends Error {
  constructor(what: string) {
    super(`connection closed: ${what}`);
    this.name = 'ConnectionClosed';
  }
}

/** No answer came in time. */
export class AnswerTimeout extends Error {
  constructor(what: string, timeoutMs: number) {
    super(`no answer in ${timeoutMs} ms: ${what}`);
    this.name = 'AnswerTimeout';
  }
}

interface Waiting {
  readonly what: string;
  readonly resolve: (frame: Buffer) => void;
  readonly reject: (error: Error) => void;
}

const DEFAULT_TIMEOUT_MS = 15_000;

export class RawClient {
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  /** What went wrong with the answers themselves; a test that cares looks here. */
  readonly protocolErrors: string[] = [];
  readonly #socket: Socket;
  readonly #clientId: string | null;
  readonly #waiting = new Map<number, Waiting>();
  #received: Buffer = Buffer.alloc(0);
  #nextCorrelationId = 1;
  #isClosed = false;

  private constructor(socket: Socket, clientId: string | null) {
    this.#socket = socket;
    this.#clientId = clientId;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        for (const { what, reject } of this.#waiting.values()) reject(new ConnectionClosed(what));
        this.#waiting.clear();
        resolve();
      });
    });
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    // An error is followed by 'close', which tells everybody.
    socket.on('error', () => {});
  }

  /** Connects. Errors: rejects when nobody listens. */
  static connect(port: number, options: { host?: string; clientId?: string | null } = {}): Promise<RawClient> {
    const { host = '127.0.0.1', clientId = 'raw-client' } = options;
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawClient(socket, clientId));
      });
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Requests without an answer yet. */
  get inFlight(): number {
    return this.#waiting.size;
  }

  /** Sends a request and resolves to its decoded answer. Errors: ConnectionClosed, AnswerTimeout, ProtocolError. */
  async call<Response extends object>(
    apiKey: number,
    version: number,
    request: object,
    timeoutMs: number = DEFAULT_TIMEOUT_MS,
  ): Promise<Response> {
    const { header, body } = await this.callForBody(apiKey, version, request, timeoutMs);
    const response = codecOf(apiKey).response.decode(body, version);
    body.expectEnd();
    if (header.unknownTaggedFields !== undefined) throw new Error('the response header has unknown tagged fields');
    return response as Response;
  }

  /** Like `call`, up to the response's body. */
  async callForBody(
    apiKey: number,
    version: number,
    request: object,
    timeoutMs: number = DEFAULT_TIMEOUT_MS,
  ): Promise<{ header: { unknownTaggedFields?: unknown }; body: Reader }> {
    const { correlationId, bytes } = this.encode(apiKey, version, request);
    const what = `${codecOf(apiKey).request.name} v${version}`;
    const frame = this.answerTo(correlationId, what, timeoutMs);
    this.write(bytes);
    return decodeResponseFrame(await frame, apiKey, version);
  }

  /** Sends a request that has no answer. */
  tell(apiKey: number, version: number, request: object): void {
    this.write(this.encode(apiKey, version, request).bytes);
  }

  /** The bytes of a request, length first, under a new correlation id. */
  encode(apiKey: number, version: number, request: object): { correlationId: number; bytes: Buffer } {
    const correlationId = this.#nextCorrelationId++;
    const header = { requestApiKey: apiKey, requestApiVersion: version, correlationId, clientId: this.#clientId };
    const chunks = encodeRequestFrame(header, codecOf(apiKey).request.encode, request);
    return { correlationId, bytes: Buffer.concat(chunks as Uint8Array[]) };
  }

  /** The frame, without its length, that answers a correlation id. */
  answerTo(correlationId: number, what: string, timeoutMs: number = DEFAULT_TIMEOUT_MS): Promise<Buffer> {
    if (this.#isClosed) return Promise.reject(new ConnectionClosed(what));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(correlationId);
        reject(new AnswerTimeout(what, timeoutMs));
      }, timeoutMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.set(correlationId, { what, resolve: settle(resolve), reject: settle(reject) });
    });
  }

  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  /** Stops reading, as a slow client does; `resume` goes on. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** True when the other side ends the connection within the time. */
  async closesWithin(timeoutMs: number): Promise<boolean> {
    if (this.#isClosed) return true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    const closed = await Promise.race([this.closed.then(() => true), late]);
    clearTimeout(timer);
    return closed;
  }

  /** Ends the connection at once. */
  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #onData(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const length = this.#received.readInt32BE(0);
      if (this.#received.length - 4 < length) return;
      const frame = this.#received.subarray(4, 4 + length);
      this.#received = this.#received.subarray(4 + length);
      const correlationId = frame.readInt32BE(0);
      const waiting = this.#waiting.get(correlationId);
      if (waiting === undefined) this.protocolErrors.push(`an answer to ${correlationId}, which nobody waits for`);
      this.#waiting.delete(correlationId);
      waiting?.resolve(frame);
    }
  }
}

function codecOf(apiKey: number) {
  const codec = apiCodecs.get(apiKey);
  if (codec === undefined) throw new Error(`no API has key ${apiKey}`);
  return codec;
}
