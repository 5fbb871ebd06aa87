/**
 * Writes a snapshot once enough log or time has gone by since the last one, a piece at a time, so that nobody waits for it.
 *
 * Source: org.apache.kafka.image.publisher.SnapshotGenerator, org.apache.kafka.image.publisher.SnapshotEmitter.
 */
import type { Clock, Logger } from '@skarab/base';
import type { SnapshotBuilder } from '@skarab/raft';
import { imageRecords, type MetadataImage } from '../core/image/metadata-image.ts';
import { encodeMetadataRecord } from '../core/record/serde.ts';

/** When to write a snapshot. */
export interface SnapshotLimits {
  /** `metadata.log.max.record.bytes.between.snapshots`. */
  readonly maxBytes: number;
  /** `metadata.log.max.snapshot.interval.ms`; 0 for never because of time. */
  readonly maxIntervalMs: number;
}

/** Begins a snapshot up to an offset, or returns null when it exists. */
export type BeginSnapshot = (
  id: { readonly offset: number; readonly epoch: number },
  lastContainedLogTimestampMs: number,
) => SnapshotBuilder | null;

const RECORDS_PER_BATCH = 1024;

/** Keeps count and writes. */
export class SnapshotGenerator {
  readonly #limits: SnapshotLimits;
  readonly #begin: BeginSnapshot;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #bytes = 0;
  #lastMs: number;
  #writing: Promise<void> | null = null;
  #isStopped = false;

  constructor(limits: SnapshotLimits, begin: BeginSnapshot, clock: Clock, logger: Logger) {
    this.#limits = limits;
    this.#begin = begin;
    this.#clock = clock;
    this.#logger = logger;
    this.#lastMs = clock.monotonicMs();
  }

  /** A snapshot was loaded, so that none is needed. */
  onSnapshotLoaded(): void {
    this.#reset();
  }

  /** The log has moved on by `sizeInBytes` to `image`, all of it committed; writes a snapshot when it is time. */
  onProgress(image: MetadataImage, sizeInBytes: number): void {
    this.#bytes += sizeInBytes;
    const reason = this.#reason();
    if (reason === null || this.#writing !== null || this.#isStopped || !image.provenance.isOffsetBatchAligned) return;
    if (image.features.metadataVersion === null) return;
    this.#reset();
    this.#logger.info({ offset: image.provenance.lastContainedOffset, reason }, 'writing metadata snapshot');
    this.#writing = this.#write(image).finally(() => {
      this.#writing = null;
    });
  }

  /** Gives up what is being written; resolves when nothing is. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#writing;
  }

  async #write(image: MetadataImage): Promise<void> {
    const { lastContainedOffset, lastContainedEpoch, lastContainedLogTimeMs } = image.provenance;
    let builder: SnapshotBuilder | null = null;
    try {
      builder = this.#begin({ offset: lastContainedOffset + 1, epoch: lastContainedEpoch }, lastContainedLogTimeMs);
      if (builder === null) return;
      for (const values of chunks(image)) {
        builder.append(values);
        await new Promise<void>((resolve) => this.#clock.soon(resolve));
        if (this.#isStopped) {
          builder.abort();
          return;
        }
      }
      await builder.freeze();
    } catch (error) {
      this.#logger.error({ error }, 'cannot write metadata snapshot');
      builder?.abort();
    }
  }

  #reason(): string | null {
    const { maxBytes, maxIntervalMs } = this.#limits;
    if (this.#bytes >= maxBytes) return `we have replayed at least ${maxBytes} bytes`;
    const isDue = maxIntervalMs > 0 && this.#clock.monotonicMs() - this.#lastMs >= maxIntervalMs;
    return isDue ? `we have waited at least ${Math.floor(maxIntervalMs / 60_000)} minute(s)` : null;
  }

  #reset(): void {
    this.#bytes = 0;
    this.#lastMs = this.#clock.monotonicMs();
  }
}

function* chunks(image: MetadataImage): Generator<Uint8Array[]> {
  let values: Uint8Array[] = [];
  for (const record of imageRecords(image)) {
    values.push(encodeMetadataRecord(record));
    if (values.length < RECORDS_PER_BATCH) continue;
    yield values;
    values = [];
  }
  if (values.length > 0) yield values;
}
