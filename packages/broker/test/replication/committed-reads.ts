/**
 * What a consumer could have read at any moment from whoever took itself for a leader: that must never change.
 */
import assert from 'node:assert/strict';
import { FileSlice, type PartitionLog } from '@skarab/log';
import { iterateBatches } from '@skarab/records';
import type { BrokerCluster } from '../../src/testing/index.ts';

export class CommittedReads {
  readonly #cluster: BrokerCluster;
  readonly #topic: string;
  /** Value by offset, by partition. */
  readonly #seen = new Map<number, Map<number, string>>();

  constructor(cluster: BrokerCluster, topic: string) {
    this.#cluster = cluster;
    this.#topic = topic;
  }

  /** Reads what every leader shows beyond what was seen before; what was seen must be the same. */
  read(): void {
    for (const broker of this.#cluster.brokers) {
      if (!broker.isRunning) continue;
      for (const partition of broker.server.replicas.ofTopic(this.#topic)) {
        if (!partition.isLeader) continue;
        const seen = this.#seen.get(partition.index) ?? new Map<number, string>();
        this.#seen.set(partition.index, seen);
        const last = Math.max(0, partition.log.highWatermark - 20);
        for (const [offset, value] of valuesOf(partition.log, Math.min(last, seen.size), 'highWatermark')) {
          assert.equal(seen.get(offset) ?? value, value, `offset ${offset} of ${this.#topic}-${partition.index}`);
          seen.set(offset, value);
        }
      }
    }
  }

  /** Everything that was ever shown is in `log`. */
  check(index: number, log: PartitionLog): void {
    const stored = new Map(valuesOf(log, 0, 'logEnd'));
    for (const [offset, value] of this.#seen.get(index) ?? [])
      assert.equal(stored.get(offset), value, `shown at ${offset} of ${this.#topic}-${index}`);
  }
}

/** Offsets and values from an offset on. */
function valuesOf(log: PartitionLog, startOffset: number, upperBound: 'highWatermark' | 'logEnd'): [number, string][] {
  const values: [number, string][] = [];
  const end = upperBound === 'logEnd' ? log.logEndOffset : log.highWatermark;
  let offset = Math.max(startOffset, log.logStartOffset);
  while (offset < end) {
    const before = offset;
    const read = log.read({ startOffset: offset, maxBytes: 1 << 20, minOneMessage: true, upperBound });
    const bytes = read.records instanceof FileSlice ? read.records.toBytes() : read.records;
    for (const batch of iterateBatches(bytes)) {
      for (const record of batch.records()) values.push([record.offset, Buffer.from(record.value!).toString()]);
      offset = batch.nextOffset;
    }
    if (offset === before) break;
  }
  return values;
}
