/**
 * Which partitions are where: what members tell each other for interactive queries.
 *
 * Source: org.apache.kafka.coordinator.group.streams.topics.EndpointToPartitionsManager.
 */
import {
  type EndpointToPartitions,
  newEndpointToPartitions,
  newStreamsGroupHeartbeatResponseEndpoint,
  newStreamsGroupHeartbeatResponseTopicPartition,
  type StreamsGroupHeartbeatResponseTopicPartition,
} from '@skarab/protocol';
import { grownCapacity, hashOrder, intHashCode } from '../java-hash-order.ts';
import { inHashOrder } from '../java-string.ts';
import type { ClusterImage } from '../metadata/cluster-image.ts';
import type { ConfiguredTopology } from './configured-topology.ts';
import type { StreamsGroup } from './streams-group.ts';
import type { StreamsMember } from './streams-member.ts';
import { type TaskSet, withoutEpochs } from './tasks.ts';
import { sourcesOf } from './topology.ts';

/** The partitions of every member with an endpoint, the given member as it is now and last; null: a topic is not there any more. */
export function partitionsByEndpoint(
  group: StreamsGroup,
  member: StreamsMember,
  topology: ConfiguredTopology,
  image: ClusterImage,
): EndpointToPartitions[] | null {
  const others = group.orderedMembers().filter(({ memberId }) => memberId !== member.memberId);
  const endpoints: EndpointToPartitions[] = [];
  for (const { userEndpoint, assigned } of [...others, member]) {
    if (userEndpoint === null) continue;
    const activePartitions = partitionsOf(withoutEpochs(assigned.active), topology, image);
    const standbyPartitions = partitionsOf(assigned.standby, topology, image);
    if (activePartitions === null || standbyPartitions === null) return null;
    const endpoint = newStreamsGroupHeartbeatResponseEndpoint({ ...userEndpoint });
    endpoints.push(newEndpointToPartitions({ userEndpoint: endpoint, activePartitions, standbyPartitions }));
  }
  return endpoints;
}

function partitionsOf(
  tasks: TaskSet,
  { subtopologies }: ConfiguredTopology,
  image: ClusterImage,
): StreamsGroupHeartbeatResponseTopicPartition[] | null {
  if (subtopologies === null) return null;
  const all: StreamsGroupHeartbeatResponseTopicPartition[] = [];
  for (const [subtopologyId, partitionSet] of tasks) {
    const configured = subtopologies.get(subtopologyId);
    if (configured === undefined) return null;
    for (const topic of inHashOrder([...new Set(sourcesOf(configured.subtopology))])) {
      const count = image.topicByName(topic)?.partitionCount;
      if (count === undefined) return null;
      const partitions = hashOrder([...partitionSet], intHashCode, grownCapacity(partitionSet.size));
      if (count < partitions.length) partitions.sort((a, b) => a - b).splice(count);
      all.push(newStreamsGroupHeartbeatResponseTopicPartition({ topic, partitions }));
    }
  }
  return all;
}
