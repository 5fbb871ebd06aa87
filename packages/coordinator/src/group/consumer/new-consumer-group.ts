import { Timeline } from '../../runtime/timeline.ts';
import { ConsumerGroup } from './consumer-group.ts';

/** A group to decide about, apart from the shard's timeline: replay makes the lasting one. */
export function newConsumerGroup(groupId: string): ConsumerGroup {
  return new ConsumerGroup(groupId, new Timeline());
}
