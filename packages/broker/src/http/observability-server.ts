/**
 * `/metrics`, `/healthz` and `/readyz` over HTTP, on an address of their own.
 *
 * healthz: the process answers. readyz: the node is registered, unfenced and serves its listeners; otherwise 503 with the reason.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { TransportError } from '@skarab/base';
import { type MetricsRegistry, PROMETHEUS_CONTENT_TYPE, renderPrometheus } from '@skarab/telemetry';

/** What the server shows. */
export interface ObservabilityOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: MetricsRegistry;
  /** Why the node is not ready, or undefined when it is. */
  readonly reasonNotReady: () => string | undefined;
}

export class ObservabilityServer {
  readonly #options: ObservabilityOptions;
  readonly #server: Server;

  constructor(options: ObservabilityOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.headersTimeout = 5_000;
    this.#server.requestTimeout = 5_000;
  }

  /** The port bound. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Errors: TransportError LISTEN. */
  start(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(new TransportError('LISTEN', `cannot listen on ${host}:${port}: ${error.message}`, { cause: error })),
      );
      this.#server.listen({ host, port }, resolve);
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, 'method not allowed\n');
    else if (path === '/healthz') send(response, 200, 'ok\n');
    else if (path === '/readyz') {
      const reason = this.#options.reasonNotReady();
      send(response, reason === undefined ? 200 : 503, reason === undefined ? 'ready\n' : `${reason}\n`);
    } else if (path === '/metrics')
      send(response, 200, renderPrometheus(this.#options.metrics), PROMETHEUS_CONTENT_TYPE);
    else send(response, 404, 'not found: try /metrics, /healthz or /readyz\n');
  }
}

function send(response: ServerResponse, status: number, body: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
