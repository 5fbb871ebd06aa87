/**
 * The cluster's topics in the form in which the coordinators' plans look them up.
 */
import type { TopicsView } from '@skarab/coordinator';
import type { MetadataCache } from './metadata-cache.ts';

/** A view that always shows the current image. */
export function cacheTopicsView(metadata: MetadataCache): TopicsView {
  return {
    topicId: (name) => metadata.topic(name)?.id ?? null,
    topicName: (id) => metadata.topicById(id)?.name ?? null,
    partitionCount: (name) => metadata.topic(name)?.partitions.length ?? null,
  };
}
