/**
 * A server that speaks Kafka's protocol and stores nothing: what a client reaches against it is the most it can reach against anything.
 *
 * Uses Skarab's own listener and codecs, so it also is the floor of what our broker's network layer costs. Knows only the APIs that
 * the driver's clients need; not for anything but measuring.
 */
import { silentLogger, systemClock } from '@skarab/base';
import { type FrameHandler, FramePool, Listener, type PeerConnection, type ResponseChunks } from '@skarab/network';
import {
  ApiKey,
  apiInfo,
  decodeCreateTopicsRequest,
  decodeDeleteTopicsRequest,
  decodeFetchRequest,
  decodeInitProducerIdRequest,
  decodeListOffsetsRequest,
  decodeMetadataRequest,
  decodeProduceRequest,
  decodeRequestFrame,
  type EncodeBody,
  ErrorCode,
  encodeApiVersionsResponse,
  encodeCreateTopicsResponse,
  encodeDeleteTopicsResponse,
  encodeFetchResponse,
  encodeInitProducerIdResponse,
  encodeListOffsetsResponse,
  encodeMetadataResponse,
  encodeProduceResponse,
  encodeResponseFrame,
  isKnownVersion,
  newApiVersionsResponse,
  newInitProducerIdResponse,
  type RecordsPayload,
  type RequestFrame,
} from '@skarab/protocol';
import * as answers from './answers.ts';
import { TopicTable } from './topic-table.ts';

const SERVED: readonly number[] = [
  ApiKey.PRODUCE,
  ApiKey.FETCH,
  ApiKey.LIST_OFFSETS,
  ApiKey.METADATA,
  ApiKey.API_VERSIONS,
  ApiKey.CREATE_TOPICS,
  ApiKey.DELETE_TOPICS,
  ApiKey.INIT_PRODUCER_ID,
];
const MAX_REQUEST_BYTES = 100 << 20;
const POOL_BYTES = 64 << 20;

type Respond = (response: ResponseChunks | null) => void;

export class NullBroker {
  readonly #topics = new TopicTable();
  readonly #pool = new FramePool(POOL_BYTES);
  readonly #listener: Listener;
  #nextProducerId = 1n;

  constructor(port: number) {
    const handler: FrameHandler = {
      overlaps: () => false,
      handle: (connection, frame, respond) => this.#handle(connection, frame, respond),
      onClosed: () => {},
    };
    this.#listener = new Listener({
      name: 'PLAINTEXT',
      host: '127.0.0.1',
      port,
      maxRequestBytes: MAX_REQUEST_BYTES,
      maxIdleMs: -1,
      maxConnections: () => Number.POSITIVE_INFINITY,
      maxConnectionsPerIp: () => Number.POSITIVE_INFINITY,
      backlog: 512,
      handler,
      framePool: this.#pool,
      clock: systemClock,
      logger: silentLogger,
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  async start(): Promise<void> {
    await this.#listener.bind();
    this.#listener.open();
  }

  stop(): Promise<void> {
    return this.#listener.stop(0);
  }

  #handle(connection: PeerConnection, frame: Buffer, respond: Respond): void {
    try {
      const request = decodeRequestFrame(frame);
      if (request.apiKey === ApiKey.FETCH) this.#fetch(request, respond);
      else respond(this.#answer(request));
      this.#pool.release(frame);
    } catch (error) {
      connection.close(error instanceof Error ? error.message : String(error));
    }
  }

  /** An empty fetch is answered when its time is up, as a broker would. */
  #fetch(request: RequestFrame, respond: Respond): void {
    const wanted = decodeFetchRequest(request.body, request.apiVersion);
    const { response, isEmpty } = answers.answerFetch(wanted, this.#topics);
    const send = (): void => respond(encode(request, encodeFetchResponse, response));
    if (isEmpty && wanted.maxWaitMs > 0) systemClock.after(wanted.maxWaitMs, send);
    else send();
  }

  #answer(request: RequestFrame): ResponseChunks | null {
    const { apiKey, apiVersion: version, body } = request;
    const topics = this.#topics;
    switch (apiKey) {
      case ApiKey.PRODUCE: {
        const produce = decodeProduceRequest(body, version);
        const response = answers.answerProduce(produce, topics);
        return produce.acks === 0 ? null : encode(request, encodeProduceResponse, response);
      }
      case ApiKey.LIST_OFFSETS:
        return encode(
          request,
          encodeListOffsetsResponse,
          answers.answerListOffsets(decodeListOffsetsRequest(body, version)),
        );
      case ApiKey.METADATA: {
        const address = { host: '127.0.0.1', port: this.port };
        const response = answers.answerMetadata(decodeMetadataRequest(body, version), topics, address);
        return encode(request, encodeMetadataResponse, response);
      }
      case ApiKey.API_VERSIONS:
        return answerApiVersions(request);
      case ApiKey.CREATE_TOPICS:
        return encode(
          request,
          encodeCreateTopicsResponse,
          answers.answerCreateTopics(decodeCreateTopicsRequest(body, version), topics),
        );
      case ApiKey.DELETE_TOPICS:
        return encode(
          request,
          encodeDeleteTopicsResponse,
          answers.answerDeleteTopics(decodeDeleteTopicsRequest(body, version), topics),
        );
      case ApiKey.INIT_PRODUCER_ID: {
        decodeInitProducerIdRequest(body, version);
        const response = newInitProducerIdResponse({ producerId: this.#nextProducerId++, producerEpoch: 0 });
        return encode(request, encodeInitProducerIdResponse, response);
      }
      default:
        throw new Error(`the null broker does not serve API ${apiKey}`);
    }
  }
}

function answerApiVersions(request: RequestFrame): ResponseChunks {
  const isSupported = isKnownVersion(ApiKey.API_VERSIONS, request.apiVersion);
  const apiKeys = SERVED.flatMap((key) => {
    const api = apiInfo(key);
    if (api === undefined) return [];
    const { min, max } = api.validVersions;
    return [{ apiKey: key, minVersion: min, maxVersion: api.latestVersionUnstable ? max - 1 : max }];
  });
  const errorCode = isSupported ? ErrorCode.NONE : ErrorCode.UNSUPPORTED_VERSION;
  const version = isSupported ? request.apiVersion : 0;
  return encode(
    { ...request, apiVersion: version },
    encodeApiVersionsResponse,
    newApiVersionsResponse({ errorCode, apiKeys }),
  );
}

function encode<Response>(request: RequestFrame, encodeBody: EncodeBody<Response>, response: Response): ResponseChunks {
  const { apiKey, apiVersion, header } = request;
  return encodeResponseFrame(header.correlationId, apiKey, apiVersion, encodeBody, response).flatMap(piecesOf);
}

function piecesOf(chunk: RecordsPayload): Uint8Array[] {
  if (chunk instanceof Uint8Array) return [chunk];
  if (chunk instanceof answers.RepeatedBatch) return chunk.pieces;
  throw new Error('unexpected payload');
}
