/**
 * What chaos knows of those who write: each client numbers the records of its partitions from 0 on, one after the other, writes them with one
 * idempotent producer and acks=all, tries again until they are acknowledged, and tells at which offsets that is. Which client it is, and
 * whether it runs in this process, chaos does not know.
 */
import type { ClusterWatch } from './cluster-watch.ts';

/** The records `number` to `number + count - 1` of a partition are acknowledged, at `offset` and the offsets behind it. */
export interface Acknowledged {
  readonly partition: number;
  readonly number: number;
  readonly count: number;
  readonly offset: number;
}

/** Ends a load. */
export interface LoadControl {
  /** No new records are begun, what is pending is still sent. */
  readonly stopped: AbortSignal;
  /** Also what is pending is given up. */
  readonly abandoned: AbortSignal;
}

/** What one client is to write. A record's value is `recordValue` of ../ledger.ts. */
export interface WriterTask extends LoadControl {
  readonly topic: string;
  /** In a row, and nobody else's. */
  readonly partitions: readonly number[];
  readonly bootstrapServers: string;
  readonly watch: ClusterWatch;
  readonly seed: number;
  readonly onAcknowledged: (records: Acknowledged) => void;
  /** Something went wrong and is tried again. */
  readonly onError: (what: string) => void;
  /** Something is not tried again: a record that may be there or not, or all that was to come. */
  readonly onGivenUp: (what: string) => void;
}

export interface Client {
  readonly name: string;
  /** Writes until stopped and everything is acknowledged, or given up. Errors: rejects with Violation when a promise is broken. */
  write(task: WriterTask): Promise<void>;
}
