/**
 * What the deciders of a transaction shard work on.
 */
import type { Logger } from '@skarab/base';
import type { ShardTimers } from '../runtime/coordinator-shard.ts';
import type { PendingMarkers } from './pending-markers.ts';
import { type TransactionRecord, valueVersionFor } from './records/transaction-record.ts';
import type { TransactionCoordinatorConfig } from './transaction-coordinator-config.ts';
import type { TransactionMetadata } from './transaction-metadata.ts';
import type { TransactionStore } from './transaction-store.ts';

/** Lent to every decider. */
export interface TransactionParts {
  readonly store: TransactionStore;
  readonly markers: PendingMarkers;
  readonly timers: ShardTimers<TransactionRecord>;
  readonly config: TransactionCoordinatorConfig;
  /** A producer id that nobody had, or null when none is at hand: whoever asked is told to come again. */
  readonly takeProducerId: () => number | null;
  /** The finalized level of the feature transaction.version. */
  readonly transactionVersion: () => number;
  readonly logger: Logger;
}

/** The record of a new state, or of no state any more. */
export function recordOf(
  parts: TransactionParts,
  transactionalId: string,
  metadata: TransactionMetadata | null,
): TransactionRecord {
  return { transactionalId, metadata, valueVersion: valueVersionFor(parts.transactionVersion()) };
}
