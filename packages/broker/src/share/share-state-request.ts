/**
 * Requests to the share coordinator about one share partition.
 */
import type { Uuid } from '@skarab/base';
import type { SharePartitionRequest, ShareStateRequest, ShareStateRequestKind } from '@skarab/coordinator';

/** Whose state it is; its partition is in what is asked. */
export interface ShareStateKey {
  readonly groupId: string;
  readonly topicId: Uuid;
}

/** The request that asks about one share partition. */
export function shareStateRequestOf<K extends ShareStateRequestKind>(
  { groupId, topicId }: ShareStateKey,
  asked: SharePartitionRequest<K>,
): ShareStateRequest<K> {
  return { groupId, topics: [{ topicId, partitions: [asked] }] } as unknown as ShareStateRequest<K>;
}
