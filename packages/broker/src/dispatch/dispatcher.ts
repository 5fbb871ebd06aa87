/**
 * From a frame to a handler and back to a frame: header, version check, decoding, the call, encoding, the end of connections that
 * cannot be answered.
 *
 * Knows no API but ApiVersions, whose unknown versions Kafka answers in version 0. Source: kafka.network.Processor, RequestChannel.
 */
import type { Buffer } from 'node:buffer';
import type { Clock, Logger } from '@skarab/base';
import type { FrameHandler, FramePool, PeerConnection, ResponseChunks } from '@skarab/network';
import {
  ApiKey,
  decodeRequestFrame,
  ErrorCode,
  encodeApiVersionsResponse,
  encodeResponseFrame,
  type RequestFrame,
} from '@skarab/protocol';
import type { Authorizer } from '@skarab/security';
import type { MetricsRegistry } from '@skarab/telemetry';
import type { ClientQuotas } from '../quota/client-quotas.ts';
import type { AnyApiHandler } from './api-handler.ts';
import { RequestContext } from './request-context.ts';
import { RequestMetrics } from './request-metrics.ts';
import { runHandler, stackOf } from './run-handler.ts';
import type { ServedApi, ServedApis } from './served-apis.ts';

/** What a dispatcher is made of. */
export interface DispatcherOptions {
  readonly apis: ServedApis;
  readonly authorizer: Authorizer;
  readonly framePool: FramePool;
  readonly quotas: ClientQuotas;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Called before the handler; what it returns decides the request instead. For scripted faults in tests. */
  readonly intercept?: RequestInterceptor;
}

/** A scripted fault: delay, error code or dropped connection instead of, or before, the ordinary answer. */
export type RequestInterceptor = (apiKey: number, apiVersion: number) => InterceptedRequest | undefined;

/** What an interceptor may ask for. */
export type InterceptedRequest =
  | { readonly action: 'drop' }
  | { readonly action: 'error'; readonly errorCode: number }
  | { readonly action: 'delay'; readonly delayMs: number };

const HEADER_BYTES = 8;

type Respond = (response: ResponseChunks | null) => void;

export class Dispatcher implements FrameHandler {
  readonly #options: DispatcherOptions;
  readonly #requestMetrics: RequestMetrics;
  /** Requests that wait for `resume`; undefined when nothing is held. */
  #held: (() => void)[] | undefined;
  readonly #closedListeners: ((connection: PeerConnection) => void)[] = [];

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#requestMetrics = new RequestMetrics(options.metrics);
  }

  /** Holds every request that arrives from now on. */
  pause(): void {
    this.#held ??= [];
  }

  /** Handles what was held, and goes on. */
  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const handle of held) handle();
  }

  /** Calls `listener` for every connection that ends. */
  onConnectionClosed(listener: (connection: PeerConnection) => void): void {
    this.#closedListeners.push(listener);
  }

  onClosed(connection: PeerConnection): void {
    for (const listener of this.#closedListeners) listener(connection);
  }

  overlaps(frame: Buffer): boolean {
    return frame.length >= HEADER_BYTES && this.#options.apis.get(frame.readInt16BE(0))?.handler.overlaps === true;
  }

  handle(connection: PeerConnection, frame: Buffer, respond: Respond): void {
    if (this.#held !== undefined) {
      this.#held.push(() => this.handle(connection, frame, respond));
      return;
    }
    const startMs = this.#options.clock.monotonicMs();
    const decoded = this.#decode(connection, frame, respond);
    if (decoded === undefined) return;
    const { api, request, context } = decoded;
    const { quotas, clock } = this.#options;
    // How long it keeps others waiting: until it is answered, or waits itself.
    let busyMs: number | undefined;
    const run = (): void => {
      this.#run(api.handler, context, request, (message) => {
        const answer = quotas.isEnabled
          ? this.#throttle(api, context, request, message, busyMs ?? clock.monotonicMs() - startMs)
          : message;
        const chunks = answer === null ? null : this.#encode(api.handler, context, answer);
        if (api.handler.recyclesFrame === true) this.#options.framePool.release(frame);
        this.#requestMetrics.onAnswered(api.apiKey, clock.monotonicMs() - startMs);
        respond(chunks);
      });
      if (quotas.isEnabled) busyMs = clock.monotonicMs() - startMs;
    };
    const fault = this.#options.intercept?.(api.apiKey, context.apiVersion);
    if (fault === undefined) run();
    else this.#runWithFault(fault, api, context, request, run, respond);
  }

  #decode(
    connection: PeerConnection,
    frame: Buffer,
    respond: Respond,
  ): { api: ServedApi; request: object; context: RequestContext } | undefined {
    if (frame.length < HEADER_BYTES) {
      connection.close(`request of ${frame.length} bytes is too short to be one`);
      return undefined;
    }
    const apiKey = frame.readInt16BE(0);
    const apiVersion = frame.readInt16BE(2);
    const api = this.#options.apis.get(apiKey);
    if (api === undefined || !this.#options.apis.serves(apiKey, apiVersion)) {
      if (apiKey === ApiKey.API_VERSIONS && api !== undefined)
        this.#answerUnknownApiVersions(connection, frame, api, respond);
      else connection.close(`API ${apiKey} version ${apiVersion} is not served`);
      return undefined;
    }
    if (connection.authentication.state !== 'authenticated' && apiKey !== ApiKey.API_VERSIONS) {
      connection.close(`API ${apiKey} before authentication`);
      return undefined;
    }
    try {
      const parsed = decodeRequestFrame(frame);
      const request = api.handler.decode(parsed.body, apiVersion);
      return { api, request, context: this.#context(connection, parsed, frame.length) };
    } catch (error) {
      connection.close(`cannot read ${apiKey} version ${apiVersion}: ${messageOf(error)}`);
      return undefined;
    }
  }

  #context(connection: PeerConnection, frame: RequestFrame, frameBytes: number): RequestContext {
    return new RequestContext(
      connection,
      {
        apiKey: frame.apiKey,
        apiVersion: frame.apiVersion,
        correlationId: frame.header.correlationId,
        clientId: frame.header.clientId,
        frameBytes,
      },
      this.#options.authorizer,
      this.#options.clock.nowMs(),
    );
  }

  #run(handler: AnyApiHandler, context: RequestContext, request: object, done: (message: object | null) => void): void {
    runHandler(handler, context, request, this.#options.logger, (message, error) => {
      if (message !== undefined) {
        done(message);
        return;
      }
      context.connection.close(`request ${context.apiKey} failed: ${messageOf(error)}`);
      done(null);
    });
  }

  /** Tells the client how long it has to wait, if it has to, and takes nothing more from it meanwhile. */
  #throttle(
    { handler, isClusterAction }: ServedApi,
    context: RequestContext,
    request: object,
    answer: object | null,
    busyMs: number,
  ): object | null {
    if (answer === null || isClusterAction || handler.isOfBroker?.(request) === true) return answer;
    const { throttleTimeMs = 0 } = answer as { throttleTimeMs?: number };
    const throttleMs = Math.max(throttleTimeMs, Math.round(this.#options.quotas.onHandled(context, busyMs)));
    if (throttleMs === 0) return answer;
    context.connection.mute(throttleMs);
    return { ...answer, throttleTimeMs: throttleMs };
  }

  #encode(handler: AnyApiHandler, context: RequestContext, message: object): ResponseChunks | null {
    try {
      return encodeResponseFrame(
        context.correlationId,
        context.apiKey,
        context.apiVersion,
        handler.encode,
        message,
      ) as ResponseChunks;
    } catch (error) {
      this.#options.logger.error({ apiKey: context.apiKey, error: stackOf(error) }, 'cannot encode a response');
      context.connection.close('response cannot be encoded');
      return null;
    }
  }

  /** KIP-511: the client does not know our versions yet, so it is answered in version 0 and told which ones there are. */
  #answerUnknownApiVersions(connection: PeerConnection, frame: Buffer, api: ServedApi, respond: Respond): void {
    const correlationId = frame.readInt32BE(4);
    const message = {
      errorCode: ErrorCode.UNSUPPORTED_VERSION,
      apiKeys: [{ apiKey: ApiKey.API_VERSIONS, minVersion: api.minVersion, maxVersion: api.maxVersion }],
      throttleTimeMs: 0,
      supportedFeatures: [],
      finalizedFeaturesEpoch: -1n,
      finalizedFeatures: [],
      zkMigrationReady: false,
    };
    this.#requestMetrics.onAnswered(ApiKey.API_VERSIONS, 0);
    if (!connection.isClosed)
      respond(
        encodeResponseFrame(
          correlationId,
          ApiKey.API_VERSIONS,
          0,
          encodeApiVersionsResponse,
          message,
        ) as ResponseChunks,
      );
  }

  #runWithFault(
    fault: InterceptedRequest,
    api: ServedApi,
    context: RequestContext,
    request: object,
    run: () => void,
    respond: Respond,
  ): void {
    if (fault.action === 'delay') {
      this.#options.clock.after(fault.delayMs, run);
      return;
    }
    const answer =
      fault.action === 'error' ? api.handler.failure?.(request, fault.errorCode, context, null) : undefined;
    if (answer === undefined || answer === null) {
      context.connection.close();
      respond(null);
      return;
    }
    respond(this.#encode(api.handler, context, answer as object));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
