/**
 * The topics that belong to the broker itself. Source: org.apache.kafka.common.internals.Topic.
 */

/** Committed offsets and classic groups. */
export const CONSUMER_OFFSETS_TOPIC = '__consumer_offsets';
/** Transactions. */
export const TRANSACTION_STATE_TOPIC = '__transaction_state';
/** State of share groups. */
export const SHARE_GROUP_STATE_TOPIC = '__share_group_state';

/** True for topics that clients may read but not write. */
export function isInternalTopic(name: string): boolean {
  return name === CONSUMER_OFFSETS_TOPIC || name === TRANSACTION_STATE_TOPIC || name === SHARE_GROUP_STATE_TOPIC;
}
