/**
 * The loading of one partition, as the host sees it: batches in, then the end.
 *
 * Only records above the high watermark can still be taken back, so only those are tracked. A load that was overtaken (the partition was
 * resigned, or is loaded again) ignores whatever else it is given. Source: org.apache.kafka.coordinator.common.runtime.CoordinatorLoaderImpl.
 */
import { CorruptDataError, type Logger } from '@skarab/base';
import { ControlRecordType, parseControlRecordType, type RecordBatch } from '@skarab/records';
import type { CoordinatorRecordSerde, CoordinatorShard } from './coordinator-shard.ts';
import type { Timeline } from './timeline.ts';

/** What a load works on. */
export interface PartitionLoadOptions {
  readonly shard: CoordinatorShard<unknown>;
  readonly serde: CoordinatorRecordSerde<unknown>;
  readonly timeline: Timeline;
  readonly logger: Logger;
  readonly onEnded: (isComplete: boolean, nowMs: number) => void;
}

/** One loading of a partition. */
export class PartitionLoad {
  readonly #options: PartitionLoadOptions;
  #isOver = false;

  constructor(options: PartitionLoadOptions) {
    this.#options = options;
  }

  /** Whether nobody waits for this load any more. */
  get isCancelled(): boolean {
    return this.#isOver;
  }

  /**
   * Replays the next batch of the log; `highWatermark` may grow from call to call.
   *
   * Errors: `CorruptDataError` for a record that cannot be read; the host then calls `fail`.
   */
  replay(batch: RecordBatch, highWatermark: number): void {
    if (this.#isOver) return;
    const { timeline } = this.#options;
    timeline.commitTo(highWatermark);
    for (const { offset, key, value } of batch.records()) {
      timeline.advanceTo(offset);
      if (key === null) throw new CorruptDataError(`coordinator record at offset ${offset} has no key`);
      if (batch.isControlBatch) this.#replayControl(key, batch.producerId);
      else this.#replayRecord(key, value, offset, batch);
    }
    timeline.advanceTo(batch.nextOffset);
  }

  #replayRecord(key: Uint8Array, value: Uint8Array | null, offset: number, batch: RecordBatch): void {
    const { serde, shard, logger } = this.#options;
    const record = serde.decode(key, value);
    if (typeof record === 'number') logger.warn({ offset, recordType: record }, 'ignoring a record of an unknown type');
    else shard.replay(record, { offset, producerId: batch.producerId });
  }

  #replayControl(key: Uint8Array, producerId: number): void {
    const type = parseControlRecordType(key);
    if (type === ControlRecordType.ABORT || type === ControlRecordType.COMMIT)
      this.#options.shard.replayEndTransactionMarker(producerId, type === ControlRecordType.COMMIT);
  }

  /** The log ends here: the partition is served from now on, or as soon as all that was read is committed. */
  complete(highWatermark: number, logEndOffset: number, nowMs: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { timeline } = this.#options;
    timeline.advanceTo(logEndOffset);
    timeline.commitTo(Math.min(highWatermark, logEndOffset));
    this.#options.onEnded(true, nowMs);
  }

  /** The log cannot be read: the partition stays unserved until it is elected anew. */
  fail(nowMs: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onEnded(false, nowMs);
  }

  /** For the runtime: nobody waits any more. */
  cancel(): void {
    this.#isOver = true;
  }
}
