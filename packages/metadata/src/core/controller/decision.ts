/**
 * What a decider returns: records to write with the response they justify, or why the whole request fails.
 *
 * Deciders change nothing; the records do, when they are replayed. Source: org.apache.kafka.controller.ControllerResult.
 */
import { ErrorCode, errorName } from '@skarab/protocol';
import type { MetadataRecord } from '../record/metadata-record.ts';

/** An expected failure: a code of the protocol with a text for humans, null where the code says it all. */
export interface ErrorValue {
  readonly code: ErrorCode;
  readonly message: string | null;
}

/** The outcome of a decision. */
export type Decision<T> =
  | {
      readonly ok: true;
      readonly records: readonly MetadataRecord[];
      /** True when the records must be written as one batch. */
      readonly atomic: boolean;
      readonly response: T;
    }
  | { readonly ok: false; readonly error: ErrorValue };

/** Records that may be split over several batches. */
export function decide<T>(records: readonly MetadataRecord[], response: T): Decision<T> {
  return { ok: true, records, atomic: false, response };
}

/** Records that must be written together. */
export function decideAtomically<T>(records: readonly MetadataRecord[], response: T): Decision<T> {
  return { ok: true, records, atomic: true, response };
}

/** The same decision without its records, as a dry run wants it. */
export function withoutRecords<T>(decision: Decision<T>): Decision<T> {
  return decision.ok ? { ...decision, records: [] } : decision;
}

/** The whole request fails. */
export function refuse(
  code: ErrorCode,
  message: string | null = null,
): { readonly ok: false; readonly error: ErrorValue } {
  return { ok: false, error: { code, message } };
}

/** An error value. */
export function failure(code: ErrorCode, message: string | null = null): ErrorValue {
  return { code, message };
}

/** Kafka's own text of an error code, where a response repeats it; the name for codes that are never asked for. */
export function defaultMessage(code: ErrorCode): string {
  return DEFAULT_MESSAGES.get(code) ?? errorName(code);
}

const DEFAULT_MESSAGES: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.'],
  [ErrorCode.TOPIC_AUTHORIZATION_FAILED, 'Topic authorization failed.'],
  [ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, 'The preferred leader was not available.'],
  [ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, 'Eligible topic partition leaders are not available.'],
  [ErrorCode.ELECTION_NOT_NEEDED, 'Leader election not needed for topic partition.'],
  [ErrorCode.UNKNOWN_TOPIC_ID, 'This server does not host this topic ID.'],
]);
