/**
 * What the replicas of a partition hold, seen from outside: bytes, records, offsets.
 */
import { FileSlice, type PartitionLog } from '@skarab/log';
import { iterateBatches } from '@skarab/records';
import type { BrokerCluster } from '../../src/testing/index.ts';

/** All bytes of a log from its start. */
export function bytesOf(log: PartitionLog): Buffer {
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

/** The logs of a partition on the brokers that run, by broker. */
export function logsOf(cluster: BrokerCluster, topic: string, index: number): Map<number, PartitionLog> {
  const logs = new Map<number, PartitionLog>();
  for (const broker of cluster.brokers) {
    const partition = broker.isRunning ? broker.server.replicas.get(topic, index) : undefined;
    if (partition !== undefined) logs.set(broker.id, partition.log);
  }
  return logs;
}
