/**
 * What became of the records of a topic in a share group: each is delivered until it is accepted, and not again.
 */
import assert from 'node:assert/strict';

interface RecordOffsets {
  /** When an accept was acknowledged, by offset. */
  readonly acceptedMs: Map<number, number>;
  /** How many accepts were sent and may be persisted, for all that is known, by offset. */
  readonly open: Map<number, number>;
}

export class ShareBook {
  readonly #topic: string;
  readonly #partitions: readonly RecordOffsets[];

  constructor(topic: string, partitions: number) {
    this.#topic = topic;
    this.#partitions = Array.from({ length: partitions }, () => ({ acceptedMs: new Map(), open: new Map() }));
  }

  /** How many accepts were acknowledged. */
  get accepted(): number {
    return this.#partitions.reduce((sum, { acceptedMs }) => sum + acceptedMs.size, 0);
  }

  /** A member was given a record by a fetch that was sent at `sentMs`. Errors: AssertionError when it was accepted before, or is not what was written. */
  deliver(partition: number, offset: number, value: string, sentMs: number): void {
    const { acceptedMs } = this.#partitions[partition]!;
    const name = `${this.#topic}-${partition}-${offset}`;
    assert.equal(value, name);
    const atMs = acceptedMs.get(offset) ?? Number.POSITIVE_INFINITY;
    assert.ok(atMs >= sentMs, `${name} was accepted at ${atMs}, and is delivered to who asked at ${sentMs}`);
  }

  /** An accept is sent. Until it is known what came of it, the record may be delivered again, and need not be. */
  send(partition: number, offset: number): void {
    const { open } = this.#partitions[partition]!;
    open.set(offset, (open.get(offset) ?? 0) + 1);
  }

  /** Nothing came of an accept. */
  refuse(partition: number, offset: number): void {
    const { open } = this.#partitions[partition]!;
    const count = open.get(offset)! - 1;
    if (count === 0) open.delete(offset);
    else open.set(offset, count);
  }

  /** An accept was acknowledged. */
  accept(partition: number, offset: number, nowMs: number): void {
    const { acceptedMs } = this.#partitions[partition]!;
    if (!acceptedMs.has(offset)) acceptedMs.set(offset, nowMs);
  }

  /** The first record before `end` that is neither accepted nor open; undefined when there is none. */
  firstLeft(partition: number, end: number): number | undefined {
    const { acceptedMs, open } = this.#partitions[partition]!;
    for (let offset = 0; offset < end; offset++) if (!acceptedMs.has(offset) && !open.has(offset)) return offset;
    return undefined;
  }
}
