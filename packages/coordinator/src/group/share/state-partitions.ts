/**
 * Which partitions of which topics have a state at the share coordinator: being initialized, initialized, or being deleted.
 *
 * Only initialized partitions are assigned to members. Source: ShareGroup.ShareGroupStatePartitionMetadataInfo, GroupMetadataManager
 * (subscribedTopicsChangeMap, initializeShareGroupState, uninitializeShareGroupState, combineInitMaps).
 */
import type { Uuid } from '@skarab/base';
import type { ClusterImage } from '../metadata/cluster-image.ts';

/** Partitions of one topic. */
export interface StatePartitions {
  readonly name: string;
  readonly partitions: ReadonlySet<number>;
}

type ByTopic = ReadonlyMap<Uuid, StatePartitions>;

/** All of a group's. Replaced, never changed. */
export interface ShareStatePartitions {
  readonly initializing: ByTopic;
  readonly initialized: ByTopic;
  readonly deleting: ReadonlySet<Uuid>;
}

export const NO_STATES: ShareStatePartitions = { initializing: new Map(), initialized: new Map(), deleting: new Set() };

/** Partitions by topic, as the share coordinator is asked for them. */
export type TopicPartitions = ReadonlyMap<Uuid, ReadonlySet<number>>;

/** The union, topic by topic; the name of the later one. */
export function combined(a: ByTopic, b: ByTopic): ByTopic {
  const union = new Map(a);
  for (const [topicId, added] of b) {
    const known = union.get(topicId);
    const partitions = new Set([...(known?.partitions ?? []), ...added.partitions]);
    union.set(topicId, { ...added, partitions });
  }
  return union;
}

/** The partitions that are subscribed to and have no state; those being initialized count as missing once that takes too long. */
export function missingStates(
  states: ShareStatePartitions,
  topicNames: Iterable<string>,
  image: ClusterImage,
  isTakingTooLong: boolean,
): ByTopic {
  const present = isTakingTooLong ? states.initialized : combined(states.initialized, states.initializing);
  const missing = new Map<Uuid, StatePartitions>();
  for (const name of topicNames) {
    const topic = image.topicByName(name);
    if (topic === undefined) continue;
    const known = present.get(topic.id)?.partitions;
    if (known !== undefined && known.size >= topic.partitionCount) continue;
    const partitions = new Set<number>();
    for (let partition = 0; partition < topic.partitionCount; partition++)
      if (known?.has(partition) !== true) partitions.add(partition);
    missing.set(topic.id, { name, partitions });
  }
  return missing;
}

/** The states when the initialization of more has begun. */
export function withInitializing(states: ShareStatePartitions, begun: ByTopic): ShareStatePartitions {
  const deleting = new Set([...states.deleting].filter((topicId) => !begun.has(topicId)));
  return { ...states, initializing: combined(states.initializing, begun), deleting };
}

/** The states when an initialization has ended. */
export function withoutInitializing(states: ShareStatePartitions, ended: TopicPartitions): ShareStatePartitions {
  const initializing = new Map<Uuid, StatePartitions>();
  for (const [topicId, known] of states.initializing) {
    const partitions = new Set(
      [...known.partitions].filter((partition) => ended.get(topicId)?.has(partition) !== true),
    );
    if (partitions.size > 0) initializing.set(topicId, { ...known, partitions });
  }
  return { ...states, initializing };
}

/** The states when an initialization has succeeded. */
export function withInitialized(
  states: ShareStatePartitions,
  done: TopicPartitions,
  image: ClusterImage,
): ShareStatePartitions {
  const fresh = new Map<Uuid, StatePartitions>();
  for (const [topicId, partitions] of done)
    fresh.set(topicId, { name: image.topicById(topicId)?.name ?? '<UNKNOWN>', partitions });
  return { ...withoutInitializing(states, done), initialized: combined(states.initialized, fresh) };
}
