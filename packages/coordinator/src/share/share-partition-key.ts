/**
 * The name of what a share group keeps about one partition of a topic, and where its state is kept.
 *
 * Its text, `groupId:topicId:partition`, is what FindCoordinator is asked for, and what is hashed.
 * Source: org.apache.kafka.server.share.SharePartitionKey.
 */
import { isUuid, type Uuid } from '@skarab/base';
import { partitionForGroup } from '../group/java-string.ts';

/** One partition as one share group sees it. */
export interface SharePartitionKey {
  readonly groupId: string;
  readonly topicId: Uuid;
  readonly partition: number;
}

/** The key as text; equal texts are equal keys. */
export function sharePartitionKeyText({ groupId, topicId, partition }: SharePartitionKey): string {
  return `${groupId}:${topicId}:${partition}`;
}

/** The key that a text names; null when it names none. Read from the right: a group id may hold colons. */
export function parseSharePartitionKey(text: string): SharePartitionKey | null {
  // Java's split drops empty parts at the end.
  const parts = text.replace(/:+$/, '').split(':');
  if (parts.length < 3) return null;
  const [topicId, partition] = parts.slice(-2) as [string, string];
  const groupId = parts.slice(0, -2).join(':');
  if (groupId.trim() === '' || !isUuid(topicId) || !/^[-+]?\d{1,10}$/.test(partition)) return null;
  const number = Number(partition);
  return number > 0x7fffffff || number < -0x80000000 ? null : { groupId, topicId, partition: number };
}

/** The partition of `__share_group_state` that keeps a key's state. */
export function partitionForSharePartition(key: SharePartitionKey, partitionCount: number): number {
  return partitionForGroup(sharePartitionKeyText(key), partitionCount);
}
