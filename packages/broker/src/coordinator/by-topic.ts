/**
 * Partitions as requests name them: by topic.
 */
import type { TopicPartition } from '@skarab/coordinator';

/** Topics in the order of their first partition, each with its partitions. */
export function byTopic(partitions: readonly TopicPartition[]): (readonly [topic: string, partitions: number[]])[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const known = topics.get(topic);
    if (known === undefined) topics.set(topic, [partition]);
    else known.push(partition);
  }
  return [...topics];
}
