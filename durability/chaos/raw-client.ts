/**
 * Our own raw client as one that writes, in this process: a producer and a connection for each partition.
 */
import { seededRandom } from '@skarab/base';
import { PartitionLedger } from '../ledger.ts';
import { PartitionProducer } from './partition-producer.ts';
import type { Client } from './writer.ts';

export const rawClient: Client = {
  name: 'raw',
  async write(task) {
    const producing = task.partitions.map((partition) => {
      const random = seededRandom(task.seed + 1 + partition);
      return new PartitionProducer(new PartitionLedger(task.topic, partition, 'none'), { ...task, random }).run(task);
    });
    await Promise.all(producing);
  },
};
