/**
 * Calls a handler, and is the one place where anything thrown becomes an answer.
 *
 * For the dispatcher, and for requests that come in an envelope. Source: kafka.server.RequestHandlerHelper.handleError.
 */
import { KafkaError, type Logger } from '@skarab/base';
import { ApiError, ErrorCode } from '@skarab/protocol';
import type { AnyApiHandler } from './api-handler.ts';
import type { RequestContext } from './request-context.ts';

/** Gets the answer (`null`: there is none to send), or `undefined` and the error when it cannot be said in an answer. */
export type OnHandled = (message: object | null | undefined, error?: unknown) => void;

/** Calls `onHandled` exactly once, at once or later. */
export function runHandler(
  handler: AnyApiHandler,
  context: RequestContext,
  request: object,
  logger: Logger,
  onHandled: OnHandled,
): void {
  const fail = (error: unknown): void => {
    if (!(error instanceof KafkaError)) {
      const { apiKey, apiVersion } = context;
      logger.error({ apiKey, apiVersion, error: stackOf(error) }, 'handler failed');
    }
    const code = error instanceof ApiError ? error.errorCode : ErrorCode.UNKNOWN_SERVER_ERROR;
    onHandled(handler.failure?.(request, code, context, error instanceof ApiError ? textOf(error) : null), error);
  };
  let result: unknown;
  try {
    result = handler.handle(context, request);
  } catch (error) {
    fail(error);
    return;
  }
  if (result instanceof Promise) result.then((message) => onHandled(message as object | null), fail);
  else onHandled(result as object | null);
}

/** What an ApiError says; null when it only repeats its code. */
function textOf(error: ApiError): string | null {
  return error.message === error.code ? null : error.message;
}

/** An error with its stack, for the log. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
