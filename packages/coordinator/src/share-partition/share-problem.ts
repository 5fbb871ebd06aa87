/**
 * Why something could not be done with a share partition, as it is told to the member.
 */
import { ErrorCode } from '@skarab/protocol';

/** An error with its text. */
export interface ShareProblem {
  readonly error: ErrorCode;
  readonly message: string;
}

/** The records are not in a state in which this could be done. */
export function invalidState(message: string): ShareProblem {
  return { error: ErrorCode.INVALID_RECORD_STATE, message };
}

/** The request makes no sense. */
export function invalidRequest(message: string): ShareProblem {
  return { error: ErrorCode.INVALID_REQUEST, message };
}
