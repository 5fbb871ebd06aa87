/**
 * A partition as share consumers name it: by the id of its topic, whose name may not be known here.
 */
import type { Uuid } from '@skarab/base';

export interface TopicIdPartition {
  readonly topicId: Uuid;
  /** Null when no topic has this id. */
  readonly topic: string | null;
  readonly partition: number;
}

/** A key for maps; equal for equal ids and numbers. */
export function textOf({ topicId, partition }: Pick<TopicIdPartition, 'topicId' | 'partition'>): string {
  return `${topicId}:${partition}`;
}
