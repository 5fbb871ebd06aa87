/**
 * Where the markers that end a transaction are written: a port of the transaction coordinator's host.
 */
import type { MarkerResult, TopicPartition, TransactionEnd } from '@skarab/coordinator';

export interface TransactionMarkers {
  /** Writes the end of a transaction into partitions; resolves with a result for each once they are committed or cannot be. */
  write(end: TransactionEnd, partitions: readonly TopicPartition[]): Promise<MarkerResult[]>;
}
