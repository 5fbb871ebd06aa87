/**
 * Envelope (58), version 0: a broker passes on what a client asks of the controller, and says whose request it is (KIP-590).
 *
 * The answer holds the inner response as it would have been sent. ACLs: CLUSTER_ACTION on the cluster; the inner request as its own API has it,
 * for the client's principal. Source: kafka.server.EnvelopeUtils, kafka.network.RequestChannel.
 */
import { Buffer } from 'node:buffer';
import { SocketAddress } from 'node:net';
import type { Clock, Logger } from '@skarab/base';
import {
  ApiError,
  ApiKey,
  apiInfo,
  decodeEnvelopeRequest,
  decodeRequestFrame,
  type EnvelopeRequest,
  type EnvelopeResponse,
  ErrorCode,
  encodeEnvelopeResponse,
  encodeResponseFrame,
  newEnvelopeResponse,
  type RequestFrame,
} from '@skarab/protocol';
import { type Authorizer, decodePrincipal, type Principal } from '@skarab/security';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { RequestContext } from '../dispatch/request-context.ts';
import { runHandler } from '../dispatch/run-handler.ts';
import type { ServedApi, ServedApis } from '../dispatch/served-apis.ts';

/** What opening envelopes takes. */
export interface EnvelopeParts {
  readonly apis: () => ServedApis;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LENGTH_BYTES = 4;

export function envelopeHandler(parts: EnvelopeParts): ApiHandler<EnvelopeRequest, EnvelopeResponse> {
  return {
    apiKey: ApiKey.ENVELOPE,
    decode: decodeEnvelopeRequest,
    encode: encodeEnvelopeResponse,
    handle: (context, envelope) => {
      if (!context.mayDoToCluster('CLUSTER_ACTION')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      const principal = principalOf(envelope);
      const host = hostOf(envelope.clientHostAddress);
      const { api, frame, request } = innerRequest(parts.apis(), envelope.requestData);
      const { apiKey, apiVersion, header } = frame;
      const { correlationId, clientId } = header;
      const inner = { apiKey, apiVersion, correlationId, clientId, frameBytes: envelope.requestData.length };
      const peer = { principal, host };
      const forwarded = new RequestContext(context.connection, inner, parts.authorizer, parts.clock.nowMs(), peer);
      return answer(parts, api, forwarded, request);
    },
    failure: (_request, errorCode) => newEnvelopeResponse({ errorCode, responseData: null }),
  };
}

function answer(parts: EnvelopeParts, api: ServedApi, context: RequestContext, request: object) {
  const { correlationId, apiKey, apiVersion } = context;
  return new Promise<EnvelopeResponse>((resolve, reject) => {
    runHandler(api.handler, context, request, parts.logger, (message, error) => {
      // The broker looks for the controller anew and sends the envelope again; its client does not hear of it.
      const isElsewhere = error instanceof ApiError && error.errorCode === ErrorCode.NOT_CONTROLLER;
      if (isElsewhere || message === undefined || message === null) {
        reject(error ?? new ApiError(ErrorCode.UNKNOWN_SERVER_ERROR));
        return;
      }
      const chunks = encodeResponseFrame(correlationId, apiKey, apiVersion, api.handler.encode, message);
      const responseData = Buffer.concat(chunks as Uint8Array[]).subarray(LENGTH_BYTES);
      resolve(newEnvelopeResponse({ responseData }));
    });
  });
}

function principalOf({ requestPrincipal }: EnvelopeRequest): Principal {
  try {
    return decodePrincipal(requestPrincipal ?? new Uint8Array());
  } catch {
    throw new ApiError(ErrorCode.PRINCIPAL_DESERIALIZATION_FAILURE, 'Failed to deserialize client principal');
  }
}

/** The text of an address of 4 or 16 bytes. Errors: ApiError INVALID_REQUEST. */
function hostOf(address: Uint8Array): string {
  if (address.length === 4) return address.join('.');
  if (address.length !== 16)
    throw new ApiError(ErrorCode.INVALID_REQUEST, 'Failed to parse client address from envelope');
  const groups = Array.from({ length: 8 }, (_, i) => ((address[2 * i]! << 8) | address[2 * i + 1]!).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

/** Reads the request in the envelope. Errors: ApiError INVALID_REQUEST when it may not be passed on, UNSUPPORTED_VERSION when it cannot be read. */
function innerRequest(apis: ServedApis, bytes: Uint8Array): { api: ServedApi; frame: RequestFrame; request: object } {
  const frame = headerOf(bytes);
  const api = apis.get(frame.apiKey);
  if (api === undefined || apiInfo(frame.apiKey)?.forwardable !== true) {
    throw new ApiError(
      ErrorCode.INVALID_REQUEST,
      `API ${apiInfo(frame.apiKey)?.name ?? frame.apiKey} is not enabled or is not eligible for forwarding`,
    );
  }
  if (!apis.serves(frame.apiKey, frame.apiVersion)) throw new ApiError(ErrorCode.UNSUPPORTED_VERSION);
  try {
    return { api, frame, request: api.handler.decode(frame.body, frame.apiVersion) };
  } catch {
    throw new ApiError(ErrorCode.UNSUPPORTED_VERSION, 'Failed to parse forwarded request');
  }
}

function headerOf(bytes: Uint8Array): RequestFrame {
  try {
    return decodeRequestFrame(bytes);
  } catch {
    throw new ApiError(ErrorCode.INVALID_REQUEST, 'Failed to parse request header from envelope');
  }
}
