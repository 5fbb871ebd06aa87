/**
 * The topics that a member subscribes to by name, as ids of those that exist; looked up when first needed.
 *
 * Source: org.apache.kafka.coordinator.group.modern.TopicIds.
 */
import type { Uuid } from '@skarab/base';
import type { ClusterImage } from '../metadata/cluster-image.ts';

/** Names, some of which are topics. */
export class SubscribedTopicIds {
  readonly #names: readonly string[];
  readonly #image: ClusterImage;
  #ids: readonly Uuid[] | null = null;
  #idSet: ReadonlySet<Uuid> | null = null;

  constructor(names: readonly string[], image: ClusterImage) {
    this.#names = names;
    this.#image = image;
  }

  /** How many names there are, whether or not they are topics. */
  get nameCount(): number {
    return this.#names.length;
  }

  /** In the order of the names. */
  get ids(): readonly Uuid[] {
    this.#ids ??= this.#names.flatMap((name) => this.#image.topicByName(name)?.id ?? []);
    return this.#ids;
  }

  has(topicId: Uuid): boolean {
    this.#idSet ??= new Set(this.ids);
    return this.#idSet.has(topicId);
  }
}

/** Distinct strings of two sets in the order of Kafka's union of them: the larger one first. */
export function unionInOrder(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const [large, small] = a.length > b.length ? [a, b] : [b, a];
  return [...new Set([...large, ...small])];
}
