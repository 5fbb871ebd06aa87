/**
 * Whole frames: headers and bodies of requests and responses, for both sides of a connection.
 *
 * A frame here is what stands behind the four bytes of length when read, and includes them when written. Which header version goes with
 * which message: flexible versions have headers with tagged fields, except that the response of ApiVersions never has, as its reader does not
 * know yet what the other side speaks.
 */
import type { Buffer } from 'node:buffer';
import { ApiError } from '../api-error.ts';
import { ApiKey, apis } from '../generated/apis.ts';
import { ErrorCode } from '../generated/errors.ts';
import { decodeRequestHeader, encodeRequestHeader, type RequestHeader } from '../generated/request-header.ts';
import { decodeResponseHeader, encodeResponseHeader, type ResponseHeader } from '../generated/response-header.ts';
import type { ApiInfo } from './api-info.ts';
import { Reader } from './reader.ts';
import type { RecordsPayload } from './values.ts';
import { Writer } from './writer.ts';

const byKey: (ApiInfo | undefined)[] = [];
for (const api of apis) byKey[api.key] = api;

/** The row of an API, if it exists. */
export function apiInfo(apiKey: number): ApiInfo | undefined {
  return byKey[apiKey];
}

/** True when the schemas have this version of this API. */
export function isKnownVersion(apiKey: number, version: number): boolean {
  const api = byKey[apiKey];
  return api !== undefined && version >= api.validVersions.min && version <= api.validVersions.max;
}

/** Version of the request header. Errors: `ApiError` INVALID_REQUEST for an unknown API. */
export function requestHeaderVersion(apiKey: number, version: number): number {
  return isFlexible(apiKey, version) ? 2 : 1;
}

/** Version of the response header. Errors: `ApiError` INVALID_REQUEST for an unknown API. */
export function responseHeaderVersion(apiKey: number, version: number): number {
  return apiKey !== ApiKey.API_VERSIONS && isFlexible(apiKey, version) ? 1 : 0;
}

function isFlexible(apiKey: number, version: number): boolean {
  const api = byKey[apiKey];
  if (api === undefined) throw new ApiError(ErrorCode.INVALID_REQUEST, `unknown API key ${apiKey}`);
  return api.flexibleVersions !== null && version >= api.flexibleVersions.min;
}

/** A request whose header is read; the reader stands at the body. */
export interface RequestFrame {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly header: RequestHeader;
  readonly body: Reader;
}

/** Reads a request's header. Errors: `ApiError` INVALID_REQUEST for an unknown API; the version is not checked. */
export function decodeRequestFrame(bytes: Uint8Array): RequestFrame {
  const body = new Reader(bytes);
  const apiKey = body.int16();
  const apiVersion = body.int16();
  body.position = 0;
  const header = decodeRequestHeader(body, requestHeaderVersion(apiKey, apiVersion));
  return { apiKey, apiVersion, header, body };
}

/** Writes the body of a message at a version. */
export type EncodeBody<M> = (writer: Writer, message: M, version: number) => void;

/** A whole request with its length in front. */
export function encodeRequestFrame<M>(header: RequestHeader, encode: EncodeBody<M>, message: M): RecordsPayload[] {
  const { requestApiKey, requestApiVersion } = header;
  const writer = new Writer();
  writer.int32(0);
  encodeRequestHeader(writer, header, requestHeaderVersion(requestApiKey, requestApiVersion));
  encode(writer, message, requestApiVersion);
  return finish(writer);
}

/** A response whose header is read; the reader stands at the body. */
export interface ResponseFrame {
  readonly header: ResponseHeader;
  readonly body: Reader;
}

/** Reads the header of a response to a request of the given API and version. */
export function decodeResponseFrame(bytes: Uint8Array, apiKey: number, version: number): ResponseFrame {
  const body = new Reader(bytes);
  return { header: decodeResponseHeader(body, responseHeaderVersion(apiKey, version)), body };
}

/** A whole response with its length in front. */
export function encodeResponseFrame<M>(
  correlationId: number,
  apiKey: number,
  version: number,
  encode: EncodeBody<M>,
  message: M,
): RecordsPayload[] {
  const writer = new Writer();
  writer.int32(0);
  encodeResponseHeader(writer, { correlationId }, responseHeaderVersion(apiKey, version));
  encode(writer, message, version);
  return finish(writer);
}

/** Fills in the length, which stands at the start of the first chunk. */
function finish(writer: Writer): RecordsPayload[] {
  const length = writer.size - 4;
  const chunks = writer.chunks();
  (chunks[0] as Buffer).writeInt32BE(length, 0);
  return chunks;
}
