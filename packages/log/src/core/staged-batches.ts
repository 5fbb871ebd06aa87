/**
 * Batches that have their offsets and wait to be written to the active segment, all together.
 */

/** What the segment and the epochs must be told of a batch once it is written. */
export interface StagedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
  readonly sizeInBytes: number;
  readonly leaderEpoch: number;
}

export class StagedBatches {
  #chunks: Uint8Array[] = [];
  #batches: StagedBatch[] = [];
  sizeInBytes = 0;

  get isEmpty(): boolean {
    return this.sizeInBytes === 0;
  }

  get chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }

  get batches(): readonly StagedBatch[] {
    return this.#batches;
  }

  /** Adds a batch; bytes that follow the last ones in the same buffer make one chunk with them. */
  add(bytes: Uint8Array, batch: StagedBatch): void {
    const last = this.#chunks.at(-1);
    if (last?.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset) {
      this.#chunks[this.#chunks.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + bytes.length);
    } else {
      this.#chunks.push(bytes);
    }
    this.#batches.push(batch);
    this.sizeInBytes += bytes.length;
  }

  clear(): void {
    this.#chunks = [];
    this.#batches = [];
    this.sizeInBytes = 0;
  }
}
