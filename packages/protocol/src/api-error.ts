/**
 * A protocol error code as an exception, for callers to whom a request's failure is a broken promise (clients, tools).
 */
import { KafkaError } from '@skarab/base';
import { type ErrorCode, errorName, isRetriable } from './generated/errors.ts';

/** A request failed with a protocol error code; `code` is its name, `errorCode` its number. */
export class ApiError extends KafkaError {
  override readonly name = 'ApiError';
  readonly errorCode: ErrorCode;

  constructor(errorCode: ErrorCode, message?: string | null, options: { cause?: unknown } = {}) {
    super(errorName(errorCode), message ?? errorName(errorCode), { ...options, retriable: isRetriable(errorCode) });
    this.errorCode = errorCode;
  }
}
