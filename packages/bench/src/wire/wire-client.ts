/**
 * One connection to a broker for the few calls that prepare or bracket a measurement: any API, one request after the other.
 *
 * Not for load (that is load/pipeline.ts). Versions are agreed on when the connection is made. Whoever measures a start calls
 * `WireClient.connect` in a loop: a refused connection rejects at once.
 */
import { connect as connectSocket, type Socket } from 'node:net';
import { FrameAssembler } from '@skarab/network';
import {
  type ApiVersionsResponse,
  decodeResponseFrame,
  encodeRequestFrame,
  errorName,
  newApiVersionsRequest,
} from '@skarab/protocol';
import type { Address } from './address.ts';
import { type Api, apiVersions, commonVersion } from './api.ts';

const MAX_RESPONSE_BYTES = 256 << 20;
const REQUEST_TIMEOUT_MS = 60_000;
const API_VERSIONS_VERSION = 3;
const CLIENT_ID = 'skarab-bench';

interface Pending {
  readonly resolve: (frame: Buffer) => void;
  readonly reject: (error: Error) => void;
}

export class WireClient {
  readonly #socket: Socket;
  readonly #pending: Pending[] = [];
  #server: ApiVersionsResponse | undefined;
  #correlationId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const assembler = new FrameAssembler(
      MAX_RESPONSE_BYTES,
      { acquire: (length) => Buffer.allocUnsafeSlow(length), release: () => {} },
      (frame) => this.#pending.shift()?.resolve(frame),
    );
    socket.on('data', (chunk: Buffer) => {
      if (assembler.push(chunk, chunk.length) !== undefined) socket.destroy(new Error('invalid frame'));
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  /** Connects and asks for the API versions. Errors: rejects when either fails. */
  static async connect({ host, port }: Address): Promise<WireClient> {
    const socket = connectSocket({ host, port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const client = new WireClient(socket);
    try {
      const names = { clientSoftwareName: CLIENT_ID, clientSoftwareVersion: '0' };
      const server = await client.#request(apiVersions, API_VERSIONS_VERSION, newApiVersionsRequest(names));
      if (server.errorCode !== 0) throw new Error(`ApiVersions: ${errorName(server.errorCode)}`);
      client.#server = server;
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** The version that `call` uses for an API. */
  versionOf(key: number): number {
    if (this.#server === undefined) throw new Error('not connected');
    return commonVersion(key, this.#server);
  }

  /** Sends a request at the highest common version and resolves with the response, whatever error codes that holds. */
  call<Request, Response>(api: Api<Request, Response>, request: Request): Promise<Response> {
    return this.#request(api, this.versionOf(api.key), request);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #request<Request, Response>(api: Api<Request, Response>, version: number, request: Request): Promise<Response> {
    const correlationId = this.#correlationId++;
    const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId: CLIENT_ID };
    const frame = await this.#exchange(encodeRequestFrame(header, api.encode, request) as Uint8Array[]);
    const response = decodeResponseFrame(frame, api.key, version);
    if (response.header.correlationId !== correlationId) throw new Error('response to another request');
    return api.decode(response.body, version);
  }

  #exchange(chunks: readonly Uint8Array[]): Promise<Buffer> {
    if (this.#socket.destroyed) return Promise.reject(new Error('connection closed'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(new Error('no response in time')), REQUEST_TIMEOUT_MS);
      this.#pending.push({
        resolve: (frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#socket.cork();
      for (const chunk of chunks) this.#socket.write(chunk);
      this.#socket.uncork();
    });
  }

  #fail(error: Error): void {
    this.#socket.destroy();
    for (const { reject } of this.#pending.splice(0)) reject(error);
  }
}
