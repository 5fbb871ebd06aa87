/**
 * What one API file provides, and what it gets. The dispatcher knows no API beyond this.
 */
import type { Reader, Writer } from '@skarab/protocol';
import type { RequestContext } from './request-context.ts';

/** Answers one API. Registered under `apiKey`; serves the versions of the generated API table. */
export interface ApiHandler<Request extends object, Response extends object> {
  readonly apiKey: number;
  /** The codec's two halves that a server needs; named here so that a bundle holds no others. */
  decode(reader: Reader, version: number): Request;
  encode(writer: Writer, response: Response, version: number): void;
  /** May start while earlier requests of its kind on the same connection wait (Produce only). */
  readonly overlaps?: boolean;
  /** Keeps no view of the frame once its response is ready, so the frame's buffer may be used again. */
  readonly recyclesFrame?: boolean;
  /** Whether a broker asks, whom no quota holds back, though clients may ask too (Fetch only). */
  isOfBroker?(request: Request): boolean;
  /**
   * Authorizes, translates, calls, translates back. `null`: this request has no response (acks=0).
   * An exception is a bug or a failed promise below: the dispatcher logs it and answers with `failure`, or ends the connection.
   */
  handle(context: RequestContext, request: Request): Response | null | Promise<Response | null>;
  /** The response that carries a top-level error, for APIs that have one. */
  failure?(request: Request, errorCode: number, context: RequestContext, message: string | null): Response | null;
}

/** A handler whose message types are known to the codec table only. */
export type AnyApiHandler = ApiHandler<object, object>;
