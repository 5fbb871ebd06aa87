/**
 * The port through which the translation of requests sees the cluster's topics.
 */
import type { Uuid } from '@skarab/base';

/** Topics as the broker knows them now; null for what it does not know. */
export interface TopicsView {
  topicId(name: string): Uuid | null;
  topicName(id: Uuid): string | null;
  /** A topic's partitions are numbered from 0. */
  partitionCount(name: string): number | null;
}

/** Whether the requester may do with a topic what the request does. */
export type TopicPermission = (topic: string) => boolean;
