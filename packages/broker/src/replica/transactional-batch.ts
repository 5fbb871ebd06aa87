/**
 * Whether a produce request writes within a transaction. Source: org.apache.kafka.common.requests.RequestUtils.hasTransactionalRecords.
 */
import type { TopicProduceData } from '@skarab/protocol';
import { MAGIC_V2, RECORD_BATCH_OVERHEAD, RecordBatch } from '@skarab/records';

/** True when any batch belongs to a transaction. */
export function hasTransactionalBatch(topics: readonly TopicProduceData[]): boolean {
  for (const topic of topics) {
    for (const { records } of topic.partitionData) {
      if (!(records instanceof Uint8Array) || records.length < RECORD_BATCH_OVERHEAD) continue;
      const batch = new RecordBatch(records, 0);
      if (batch.magic === MAGIC_V2 && batch.isTransactional) return true;
    }
  }
  return false;
}
