/**
 * What the transaction coordinator asks its host to do, beyond what the runtime asks.
 */
import type { ErrorCode } from '@skarab/protocol';
import type { RuntimeEffect, TransactionEnd } from '../runtime/effects.ts';
import type { TopicPartition } from './partition-set.ts';
import type { TransactionRequestKind, TransactionResponse } from './transaction-requests.ts';

/**
 * Write the markers that end a transaction into these partitions, wherever their leaders are, then say `onMarkersWritten` with a result for each.
 * The decision is committed; a marker that is written twice does no harm.
 */
export interface WriteMarkersEffect {
  readonly type: 'writeMarkers';
  /** Partition of `__transaction_state`. */
  readonly partition: number;
  readonly transactionalId: string;
  /** Tells this attempt from earlier ones. */
  readonly attempt: number;
  readonly end: TransactionEnd;
  readonly partitions: readonly TopicPartition[];
}

/** How the marker of one partition fared; NONE as well where the partition does not exist any more. */
export interface MarkerResult extends TopicPartition {
  readonly errorCode: ErrorCode;
}

/** Send the response of the request with this token. */
export type TransactionRespondEffect = {
  [K in TransactionRequestKind]: {
    readonly type: 'respond';
    readonly kind: K;
    readonly token: number;
    readonly response: TransactionResponse<K>;
  };
}[TransactionRequestKind];

/** Everything that the host must do for the transaction coordinator. */
export type TransactionCoordinatorEffect = RuntimeEffect | WriteMarkersEffect | TransactionRespondEffect;
