/**
 * The one record of `__transaction_state`: all that is known of a transactional id, or that it is forgotten.
 */
import type { TransactionMetadata } from '../transaction-metadata.ts';

/** A state to be written, or one that was read. */
export interface TransactionRecord {
  readonly transactionalId: string;
  /** Null: a tombstone. */
  readonly metadata: TransactionMetadata | null;
  readonly valueVersion: number;
}

/** The version of values that a level of the feature transaction.version asks for. */
export function valueVersionFor(transactionVersion: number): number {
  return transactionVersion >= 1 ? 1 : 0;
}
