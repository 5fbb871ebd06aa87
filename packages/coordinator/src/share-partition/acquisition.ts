/**
 * An acquisition: who wants how much, and what came of it.
 */
import type { AcquiredRecords } from './acquired-records.ts';
import type { FetchedBatch } from './fetched-records.ts';
import type { ShareLedger } from './share-ledger.ts';

/** Who wants how much. */
export interface Acquisition {
  readonly memberId: string;
  /** No more records than `maxRecords`, to the record (KIP-1206); otherwise batches of the log are not split. */
  readonly isRecordLimit: boolean;
  /** How many records a new batch in flight should have at least. */
  readonly batchSize: number;
  readonly maxRecords: number;
  /** Where the fetch began. */
  readonly fetchOffset: number;
}

/** What the member got; the count is that of the offsets. */
export interface Acquired {
  readonly records: readonly AcquiredRecords[];
  readonly count: number;
}

/** Nothing. */
export const nothingAcquired: Acquired = { records: [], count: 0 };

/** One acquisition on its way. */
export interface AcquisitionRun extends Acquisition {
  readonly ledger: ShareLedger;
  readonly batches: readonly FetchedBatch[];
  readonly nowMs: number;
}
