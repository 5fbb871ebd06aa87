/**
 * A metadata node on a real port, as far as other controllers see it: its replica's APIs, ApiVersions and the registration of controllers.
 * And its way to them: one connection a node, requests at the newest version. For tests beside JVM controllers.
 */
import { createServer, type Server, type Socket } from 'node:net';
import {
  ApiError,
  ApiKey,
  apiCodecs,
  apiInfo,
  decodeRequestFrame,
  ErrorCode,
  encodeResponseFrame,
  newApiVersionsResponse,
  newControllerRegistrationResponse,
  type RecordsPayload,
} from '@skarab/protocol';
import type { RaftApis, RaftRequest, RaftResponse, RaftTransport } from '@skarab/raft';
import { RawClient } from '../../../tools/raw-client/raw-client.ts';
import type { MetadataNode } from '../src/host/metadata-node.ts';

const LISTENER = 'CONTROLLER';
const RAFT_KEYS = [1, 52, 53, 54, 59, 80, 81, 82] as const;
const SERVED_KEYS = [...RAFT_KEYS, ApiKey.API_VERSIONS, ApiKey.CONTROLLER_REGISTRATION];

/** A listener for one node. */
export class TcpController {
  readonly port: number;
  /** The node that answers; none yet closes connections. */
  node: MetadataNode | null = null;
  /** Keys of the APIs that were asked for. */
  readonly asked = new Set<number>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Map<number, Promise<RawClient>>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket) => this.#serve(socket));
  }

  /** Listens on a free port. */
  static listen(): Promise<TcpController> {
    const server = createServer({ noDelay: true });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (typeof address === 'object' && address !== null) resolve(new TcpController(server, address.port));
      });
    });
  }

  /** The way to other nodes. */
  readonly transport: RaftTransport = {
    send: async ({ port }, { apiKey, message }, timeoutMs) => {
      const client = await this.#clientOf(port);
      const response = await client.call<object>(apiKey, versionOf(apiKey), message, timeoutMs);
      return { apiKey, message: response } as RaftResponse;
    },
  };

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    for (const client of this.#clients.values()) client.then((open) => open.close()).catch(() => {});
  }

  async #clientOf(port: number): Promise<RawClient> {
    const known = this.#clients.get(port);
    if (known !== undefined) {
      const client = await known.catch(() => null);
      if (client !== null && !client.isClosed) return client;
    }
    const client = RawClient.connect(port);
    this.#clients.set(port, client);
    return client;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const end = 4 + received.readInt32BE(0);
        this.#answer(socket, received.subarray(4, end)).catch(() => socket.destroy());
        received = received.subarray(end);
      }
    });
  }

  async #answer(socket: Socket, frame: Uint8Array): Promise<void> {
    const { apiKey, apiVersion, header, body } = decodeRequestFrame(frame);
    const codec = apiCodecs.get(apiKey)!;
    this.asked.add(apiKey);
    const response = await this.#respond(apiKey, apiVersion, codec.request.decode(body, apiVersion));
    const chunks = encodeResponseFrame(header.correlationId, apiKey, apiVersion, codec.response.encode, response);
    for (const chunk of chunks) socket.write(bytesOf(chunk));
  }

  async #respond(apiKey: number, apiVersion: number, message: object): Promise<object> {
    if (apiKey === ApiKey.API_VERSIONS) return apiVersions();
    const node = this.node;
    if (node === null) throw new Error('not started');
    if (apiKey === ApiKey.CONTROLLER_REGISTRATION) {
      const request = message as Parameters<MetadataNode['controller']['registerController']>[1];
      return node.controller.registerController({ requestVersion: apiVersion }, request).catch((error: unknown) => {
        const errorCode = error instanceof ApiError ? error.errorCode : ErrorCode.UNKNOWN_SERVER_ERROR;
        return newControllerRegistrationResponse({ errorCode });
      });
    }
    const request = { apiKey, message } as RaftRequest;
    return node.handleRaft(request.apiKey, request.message as RaftApis[1]['request'], {
      listener: LISTENER,
      apiVersion,
    });
  }
}

function apiVersions(): object {
  return newApiVersionsResponse({
    apiKeys: SERVED_KEYS.map((apiKey) => {
      const { min, max } = apiInfo(apiKey)!.validVersions;
      return { apiKey, minVersion: min, maxVersion: max };
    }),
    supportedFeatures: [{ name: 'kraft.version', minVersion: 0, maxVersion: 1 }],
  });
}

function versionOf(apiKey: number): number {
  return apiInfo(apiKey)!.validVersions.max;
}

function bytesOf(chunk: RecordsPayload): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new Error('bytes are in memory');
}
