/**
 * What must hold at the end of a run, when everything works again and nobody writes any more.
 *
 * Replicas are equal byte by byte; every acknowledged value is where it was acknowledged; every value is there once, in the order in which it was
 * sent; what a consumer was shown is what there is.
 */
import assert from 'node:assert/strict';
import { FileSlice, type PartitionLog } from '@skarab/log';
import { iterateBatches } from '@skarab/records';
import type { Producer } from '../clients/producer.ts';
import type { Reader } from '../clients/reader.ts';
import type { Simulation } from './simulation.ts';

/** After everything is mended, all replicas are equal within this time. */
const CATCH_UP_MS = 60_000;

/** The logs of a partition on the nodes that serve and keep it, by node. */
export function logsOf(simulation: Simulation, topic: string, index: number): Map<number, PartitionLog> {
  const logs = new Map<number, PartitionLog>();
  for (const { id, kafka } of simulation.nodes) {
    const partition = kafka?.broker?.replicas.get(topic, index);
    if (partition !== undefined && !partition.isOffline) logs.set(id, partition.log);
  }
  return logs;
}

/** All replicas of a topic have everything within the time that is allowed for it. Errors: Error. */
export async function allEqual(
  simulation: Simulation,
  topic: string,
  partitions: number,
  replicationFactor: number,
): Promise<void> {
  const indexes = Array.from({ length: partitions }, (_, i) => i);
  const isEqual = (): boolean => indexes.every((i) => areEqual(simulation, topic, i, replicationFactor));
  await simulation.until('all replicas are equal', isEqual, CATCH_UP_MS).catch((error: unknown) => {
    throw new Error(`${error}: ${indexes.map((i) => endsOf(simulation, topic, i)).join(', ')}`, { cause: error });
  });
}

/** No replica of any partition knows of a transaction that is not decided. */
export function areAllDecided({ nodes }: Simulation): boolean {
  return nodes.every(({ kafka }) =>
    [...(kafka?.broker?.replicas.all() ?? [])].every(({ log }) => log.lastStableOffset === log.highWatermark),
  );
}

/** Where a partition ends, as far as the node knows that has most of it. */
export function endOf(simulation: Simulation, topic: string, index: number): number {
  return Math.max(...[...logsOf(simulation, topic, index).values()].map(({ logEndOffset }) => logEndOffset));
}

/** All replicas have everything, and their high watermarks say so. */
function areEqual(simulation: Simulation, topic: string, index: number, replicationFactor: number): boolean {
  const logs = [...logsOf(simulation, topic, index).values()];
  const ends = new Set(logs.flatMap(({ logEndOffset, highWatermark }) => [logEndOffset, highWatermark]));
  return logs.length === replicationFactor && ends.size === 1;
}

/** Where the logs of a partition end on each node, and how far the nodes know them to be replicated; for messages. */
function endsOf(simulation: Simulation, topic: string, index: number): string {
  const ends: string[] = [];
  for (const [id, log] of logsOf(simulation, topic, index)) {
    const partition = simulation.node(id).kafka!.broker!.replicas.get(topic, index)!;
    const { leader, leaderEpoch, isr } = partition.registration;
    ends.push(`${id}: ${log.highWatermark}..${log.logEndOffset}, led by ${leader} in ${leaderEpoch}, isr ${isr}`);
  }
  return `${topic}-${index} [${ends.join('; ')}]`;
}

/** Errors: AssertionError. */
export function validate(simulation: Simulation, producer: Producer, reader: Reader): void {
  const { topic, partition } = producer;
  const name = `${topic}-${partition}`;
  const logs = [...logsOf(simulation, topic, partition)];
  const [first, ...others] = logs.map(([id, log]) => ({ id, bytes: bytesOf(log) }));
  for (const { id, bytes } of others)
    assert.ok(first!.bytes.equals(bytes), `replicas of ${name} on ${first!.id} and ${id} differ`);
  const stored: string[] = [];
  for (const batch of iterateBatches(first!.bytes))
    for (const { offset, value } of batch.records()) stored[offset] = Buffer.from(value!).toString();
  for (const { offset, value } of producer.acknowledged)
    assert.equal(stored[offset], value, `acknowledged at ${offset} of ${name}`);
  for (const [offset, value] of reader.seen.entries())
    assert.equal(stored[offset], value, `shown to a consumer at ${offset} of ${name}`);
  for (const [offset, value] of stored.entries()) assert.equal(value, `${name}-${offset}`, `order of ${name}`);
}

/** All bytes of a log from its start. */
function bytesOf(log: PartitionLog): Buffer {
  const parts: Uint8Array[] = [];
  let offset = log.logStartOffset;
  while (offset < log.logEndOffset) {
    const read = log.read({ startOffset: offset, maxBytes: 1 << 20, minOneMessage: true, upperBound: 'logEnd' });
    const bytes = read.records instanceof FileSlice ? read.records.toBytes() : read.records;
    for (const batch of iterateBatches(bytes)) {
      parts.push(bytes.slice(batch.view.byteOffset - bytes.byteOffset).subarray(0, batch.sizeInBytes));
      offset = batch.nextOffset;
    }
  }
  return Buffer.concat(parts);
}
