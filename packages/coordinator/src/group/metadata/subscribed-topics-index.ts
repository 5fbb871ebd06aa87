/**
 * What one shard knows of the cluster: the image, the hashes of topics, and which groups subscribe to which topic.
 *
 * Who subscribes is hard state, on the timeline; the rest can always be computed again. Source: GroupMetadataManager (metadataImage,
 * topicHashCache, groupsByTopics, onMetadataUpdate).
 */
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';
import { type ClusterChange, type ClusterImage, EMPTY_CLUSTER } from './cluster-image.ts';
import { groupHash, topicHash } from './topic-hash.ts';

/** The topics of one shard's groups. */
export class SubscribedTopicsIndex {
  readonly #timeline: Timeline;
  readonly #groupsByTopic: TimelineMap<string, TimelineMap<string, true>>;
  readonly #hashes = new Map<string, bigint>();
  #image = EMPTY_CLUSTER;
  #lastVersionWithNewTopics = -1;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#groupsByTopic = new TimelineMap(timeline);
  }

  get image(): ClusterImage {
    return this.#image;
  }

  /** The newest version in which a topic was created, as far as this shard has seen. */
  get lastVersionWithNewTopics(): number {
    return this.#lastVersionWithNewTopics;
  }

  /** Takes a newer image in; returns the groups that subscribe to something that has changed. */
  update(image: ClusterImage, { hasCreatedTopics, changedTopics, deletedTopics }: ClusterChange): Set<string> {
    this.#image = image;
    if (this.#lastVersionWithNewTopics === -1 || hasCreatedTopics) this.#lastVersionWithNewTopics = image.version;
    const groups = new Set<string>();
    for (const topics of [changedTopics, deletedTopics])
      for (const topic of topics) {
        this.#hashes.delete(topic);
        for (const groupId of this.#groupsByTopic.get(topic)?.keys() ?? []) groups.add(groupId);
      }
    return groups;
  }

  /** A group's subscription has changed from some topics to others. */
  onSubscriptionChanged(groupId: string, before: ReadonlySet<string>, after: ReadonlySet<string>): void {
    for (const topic of before) if (!after.has(topic)) this.#unsubscribe(groupId, topic);
    for (const topic of after) if (!before.has(topic)) this.#subscribe(groupId, topic);
  }

  #subscribe(groupId: string, topic: string): void {
    let groups = this.#groupsByTopic.get(topic);
    if (groups === undefined) {
      groups = new TimelineMap(this.#timeline);
      this.#groupsByTopic.set(topic, groups);
    }
    groups.set(groupId, true);
  }

  #unsubscribe(groupId: string, topic: string): void {
    const groups = this.#groupsByTopic.get(topic);
    if (groups === undefined || !groups.delete(groupId) || groups.size > 0) return;
    this.#groupsByTopic.delete(topic);
    this.#hashes.delete(topic);
  }

  /** The hash of those of the topics that exist. */
  hashOf(topics: Iterable<string>): bigint {
    const hashes = new Map<string, bigint>();
    for (const name of topics) {
      const topic = this.#image.topicByName(name);
      if (topic === undefined) continue;
      const hash = this.#hashes.get(name) ?? topicHash(topic);
      this.#hashes.set(name, hash);
      hashes.set(name, hash);
    }
    return groupHash(hashes);
  }
}
