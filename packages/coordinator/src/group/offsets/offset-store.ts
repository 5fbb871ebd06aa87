/**
 * All committed offsets of a shard, and those of transactions that have not ended.
 *
 * Hard state: only replay changes it. Transactional commits wait per producer until the marker of their transaction is replayed; an open
 * count per partition says whether any do. Source: org.apache.kafka.coordinator.group.OffsetMetadataManager (its storage half).
 */
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';
import type { OffsetAndMetadata } from './offset-and-metadata.ts';
import { PartitionTable } from './partition-table.ts';

/** Committed and pending offsets. */
export class OffsetStore {
  readonly #timeline: Timeline;
  readonly committed: PartitionTable<OffsetAndMetadata>;
  /** Offsets of open transactions by producer id. */
  readonly #pending: TimelineMap<number, PartitionTable<OffsetAndMetadata>>;
  /** How many producers have an open transaction over a partition. */
  readonly #openCounts: PartitionTable<number>;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.committed = new PartitionTable(timeline);
    this.#pending = new TimelineMap(timeline);
    this.#openCounts = new PartitionTable(timeline);
  }

  hasPending(groupId: string, topic: string, partition: number): boolean {
    return this.#openCounts.get(groupId, topic, partition) !== undefined;
  }

  hasPendingInGroup(groupId: string): boolean {
    return this.#openCounts.hasGroup(groupId);
  }

  /** Partitions of a group with an offset of an open transaction. */
  *pendingPartitions(groupId: string): Generator<[topic: string, partition: number]> {
    for (const [topic, partitions] of this.#openCounts.ofGroup(groupId) ?? [])
      for (const partition of partitions.keys()) yield [topic, partition];
  }

  /** Every pending offset of every open transaction. */
  *pendingEntries(): Generator<{ groupId: string; topic: string; partition: number; value: OffsetAndMetadata }> {
    for (const table of this.#pending.values()) yield* table.entries();
  }

  put(groupId: string, topic: string, partition: number, offset: OffsetAndMetadata): void {
    this.committed.set(groupId, topic, partition, offset);
  }

  putPending(groupId: string, topic: string, partition: number, offset: OffsetAndMetadata, producerId: number): void {
    let table = this.#pending.get(producerId);
    if (table === undefined) {
      table = new PartitionTable(this.#timeline);
      this.#pending.set(producerId, table);
    }
    if (table.get(groupId, topic, partition) === undefined) this.#addOpen(groupId, topic, partition, 1);
    table.set(groupId, topic, partition, offset);
  }

  /** A tombstone takes away the committed offset and every pending one. */
  delete(groupId: string, topic: string, partition: number): void {
    this.committed.delete(groupId, topic, partition);
    if (!this.#openCounts.delete(groupId, topic, partition)) return;
    for (const table of this.#pending.values()) table.delete(groupId, topic, partition);
  }

  /** The producer's transaction has ended: its offsets become committed, except where a later commit came first, or vanish. */
  endTransaction(producerId: number, isCommit: boolean): void {
    const table = this.#pending.get(producerId);
    if (table === undefined) return;
    this.#pending.delete(producerId);
    for (const { groupId, topic, partition, value } of table.entries()) {
      this.#addOpen(groupId, topic, partition, -1);
      const existing = this.committed.get(groupId, topic, partition);
      if (isCommit && (existing === undefined || value.recordOffset > existing.recordOffset))
        this.committed.set(groupId, topic, partition, value);
    }
  }

  #addOpen(groupId: string, topic: string, partition: number, change: 1 | -1): void {
    const count = (this.#openCounts.get(groupId, topic, partition) ?? 0) + change;
    if (count === 0) this.#openCounts.delete(groupId, topic, partition);
    else this.#openCounts.set(groupId, topic, partition, count);
  }
}
