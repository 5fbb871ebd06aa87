/**
 * Hands the listener what is committed, from a snapshot if the log does not reach back far enough, a piece at a time.
 *
 * `nextOffset` is what the listener has; what a leading listener appends moves it too. Source: KafkaRaftClient (updateListenersProgress).
 */
import { finishNow, type Logger, type Turns } from '@skarab/base';
import { iterateBatches } from '@skarab/records';
import { type CommittedBatch, committedBatch } from '../core/committed-batch.ts';
import {
  BOOTSTRAP_SNAPSHOT_ID,
  compareOffsetAndEpoch,
  type OffsetAndEpoch,
  snapshotName,
} from '../core/offset-and-epoch.ts';
import type { RaftLog } from '../ports.ts';
import type { RaftListener } from './listener.ts';
import type { SnapshotFiles } from './snapshot-files.ts';

/** Bytes read from the log at a time: some hundred records, or one batch. */
const PIECE_SIZE = 64 * 1024;

/** Delivers a log to a listener. */
export class LogDelivery {
  readonly #log: RaftLog;
  readonly #snapshots: SnapshotFiles;
  readonly #listener: RaftListener;
  readonly #logger: Logger;
  #nextOffset = 0;

  constructor(log: RaftLog, snapshots: SnapshotFiles, listener: RaftListener, logger: Logger) {
    this.#log = log;
    this.#snapshots = snapshots;
    this.#listener = listener;
    this.#logger = logger;
  }

  /** The first offset that the listener does not have. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** Delivers the newest snapshot, where there is one. */
  *deliverSnapshot(): Turns<void> {
    const id = this.#snapshots.latest;
    if (id === null || compareOffsetAndEpoch(id, BOOTSTRAP_SNAPSHOT_ID) === 0) return;
    this.#logger.info({ snapshot: snapshotName(id) }, 'loading metadata snapshot');
    yield* this.#listener.handleSnapshot({
      id,
      lastContainedLogTimestampMs: this.#snapshots.timestampOf(id),
      batches: batchesOf(this.#snapshots, id),
    });
    this.#nextOffset = id.offset;
  }

  /** Delivers what is before the offset that `end` tells, which may grow; gives way after each piece. */
  *deliverTo(end: () => number): Turns<void> {
    for (let offset = end(); this.#nextOffset < offset; offset = end()) {
      if (this.#nextOffset < this.#log.startOffset) {
        yield* this.deliverSnapshot();
        yield;
        continue;
      }
      const bytes = this.#log.read(this.#nextOffset, PIECE_SIZE);
      const batches: CommittedBatch[] = [];
      for (const batch of iterateBatches(bytes)) {
        if (batch.lastOffset < this.#nextOffset) continue;
        if (batch.baseOffset >= offset) break;
        batches.push(committedBatch(batch));
      }
      yield* this.#deliver(batches);
      yield;
    }
  }

  /** Delivers batches without values, which follow on what the listener has. */
  deliverControl(batch: CommittedBatch): void {
    finishNow(this.#deliver([batch]));
  }

  *#deliver(batches: readonly CommittedBatch[]): Turns<void> {
    const last = batches.at(-1);
    if (last === undefined) return;
    yield* this.#listener.handleBatches(batches);
    this.#nextOffset = last.lastOffset + 1;
  }

  /** The listener has appended up to `offset` itself. */
  skipTo(offset: number): void {
    this.#nextOffset = offset;
  }
}

function* batchesOf(snapshots: SnapshotFiles, id: OffsetAndEpoch): Generator<CommittedBatch> {
  for (const batch of snapshots.batches(id)) yield committedBatch(batch);
}
