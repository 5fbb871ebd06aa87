/**
 * What a share group promises, whatever its members do: from a seed, watched from outside.
 *
 * More worlds: SEEDS=5000.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AcknowledgeType,
  type AcquiredRecords,
  RecordState,
  SharePartition,
  type WriteStateEffect,
} from '../src/index.ts';
import { combineStateBatches } from '../src/share/state/combine-state-batches.ts';
import type { StateBatch } from '../src/share/state/state-batch.ts';
import { LOCK_MS, SharePartitionWorld, type WorldObserver } from './share-partition-world.ts';

/** Checks each delivery, and keeps what was persisted as the share coordinator does. */
class Watcher implements WorldObserver {
  readonly #holders = new Map<number, { readonly memberId: string; readonly untilMs: number }>();
  readonly #deliveries = new Map<number, number>();
  /** Offsets that nobody may get again. */
  readonly done = new Set<number>();
  deliveryCount = 0;
  startOffset = 0n;
  batches: readonly StateBatch[] = [];

  onAcquired(memberId: string, records: readonly AcquiredRecords[], nowMs: number): void {
    for (const { firstOffset, lastOffset, deliveryCount } of records)
      for (let offset = firstOffset; offset <= lastOffset; offset++) {
        const holder = this.#holders.get(offset);
        assert.ok(holder === undefined || holder.untilMs <= nowMs, `offset ${offset} is still ${holder?.memberId}'s`);
        assert.ok(!this.done.has(offset), `offset ${offset} is done with`);
        const before = this.#deliveries.get(offset);
        if (before !== undefined) assert.equal(deliveryCount, before + 1, `deliveries of offset ${offset}`);
        this.#deliveries.set(offset, deliveryCount);
        this.#holders.set(offset, { memberId, untilMs: nowMs + LOCK_MS });
        this.deliveryCount++;
      }
  }

  onAcknowledged(firstOffset: number, types: readonly number[], isPersisted: boolean, askedMs: number): void {
    if (!isPersisted) return;
    for (const [index, type] of types.entries()) {
      const offset = firstOffset + index;
      const holder = this.#holders.get(offset);
      if (type === AcknowledgeType.RELEASE) this.#holders.delete(offset);
      else if (type !== AcknowledgeType.RENEW) this.done.add(offset);
      else if (holder !== undefined) this.#holders.set(offset, { ...holder, untilMs: askedMs + LOCK_MS });
    }
  }

  onReleased(memberId: string, isPersisted: boolean): void {
    if (!isPersisted) return;
    for (const [offset, holder] of this.#holders) if (holder.memberId === memberId) this.#holders.delete(offset);
  }

  onWrite({ startOffset, stateBatches }: WriteStateEffect): void {
    this.startOffset = BigInt(startOffset);
    this.batches = combineStateBatches(this.batches, stateBatches, this.startOffset);
  }
}

/** Offsets at or after `startOffset` that are done with, and the counts of others that were delivered. */
function pictureOf(partition: SharePartition, startOffset: number): string[] {
  const picture: string[] = [];
  for (const { firstOffset, lastOffset, deliveryState, deliveryCount } of partition.inFlight())
    for (let offset = firstOffset; offset <= lastOffset; offset++) {
      if (offset < BigInt(startOffset) || deliveryCount === 0) continue;
      const isDone = deliveryState === RecordState.ACKNOWLEDGED || deliveryState === RecordState.ARCHIVED;
      picture.push(`${offset} ${isDone ? 'done' : `delivered ${deliveryCount}`}`);
    }
  return picture;
}

const orderly = { movesLogStart: false, failsWrites: false, hasHoles: false };
// While the log's start moves, a record that its member gives back may go before that is persisted, as in Kafka.
const everything = { movesLogStart: false, failsWrites: true, hasHoles: true };

test('one member at a time, never again when done, counts that are true, and the same after a load', () => {
  let deliveryCount = 0;
  for (let seed = 1; seed <= Number(process.env['SEEDS'] ?? 300); seed++) {
    const watcher = new Watcher();
    const isOrderly = seed % 2 === 0;
    const world = new SharePartitionWorld(seed, watcher, isOrderly ? orderly : everything);
    watcher.startOffset = BigInt(world.initial.startOffset);
    watcher.batches = world.initial.stateBatches.map((batch) => ({
      ...batch,
      firstOffset: BigInt(batch.firstOffset),
      lastOffset: BigInt(batch.lastOffset),
    }));
    for (let step = 0; step < 200; step++) world.step();
    world.settle();
    deliveryCount += watcher.deliveryCount;
    // What is archived because the log has a hole there is not persisted, nor is what a failed write took back.
    if (!isOrderly) continue;
    const loaded = new SharePartition({ settings: () => world.settings, resetOffset: () => 0 });
    loaded.initialize();
    const stateBatches = watcher.batches.map((batch) => ({
      ...batch,
      firstOffset: Number(batch.firstOffset),
      lastOffset: Number(batch.lastOffset),
    }));
    assert.equal(loaded.onRead({ startOffset: Number(watcher.startOffset), stateEpoch: 3, stateBatches }), null);
    // Gaps between loaded batches can hold the start back until they are read; a load finds them filled.
    assert.ok(loaded.startOffset >= world.partition.startOffset, `start of seed ${seed}`);
    const { startOffset } = loaded;
    assert.deepEqual(pictureOf(loaded, startOffset), pictureOf(world.partition, startOffset), `seed ${seed}`);
  }
  assert.ok(deliveryCount > 1000);
});
