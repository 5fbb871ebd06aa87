/**
 * The topics that the members of a consumer-protocol group subscribe to, read from what they say to each other.
 *
 * Every version of the subscription begins with version 0, which is all that is read. Source: ClassicGroup.computeSubscribedTopics.
 */
import { CorruptDataError } from '@skarab/base';
import { decodeConsumerProtocolSubscription, Reader } from '@skarab/protocol';

/** The protocol type of consumers. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer';

/** The union of the subscriptions, or null when one cannot be read. */
export function subscribedTopicsOf(subscriptions: Iterable<Uint8Array>): Set<string> | null {
  const topics = new Set<string>();
  try {
    for (const bytes of subscriptions) {
      const reader = new Reader(bytes);
      reader.int16();
      for (const topic of decodeConsumerProtocolSubscription(reader, 0).topics) topics.add(topic);
    }
  } catch (error) {
    if (error instanceof CorruptDataError) return null;
    throw error;
  }
  return topics;
}
