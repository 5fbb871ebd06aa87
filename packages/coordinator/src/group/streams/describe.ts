/**
 * Answers StreamsGroupDescribe for one group, as of the last commit.
 *
 * Source: StreamsGroup.asDescribedGroup, StreamsGroupMember.asStreamsGroupDescribeMember, ConfiguredTopology, StreamsTopology.
 */
import {
  type StreamsGroupDescribeResponseDescribedGroup as DescribedGroup,
  type StreamsGroupDescribeResponseMember as DescribedMember,
  type StreamsGroupDescribeResponseTopology as DescribedTopology,
  ErrorCode,
  newStreamsGroupDescribeResponseAssignment as newAssignment,
  newStreamsGroupDescribeResponseDescribedGroup as newDescribedGroup,
  newStreamsGroupDescribeResponseMember as newDescribedMember,
  newStreamsGroupDescribeResponseEndpoint as newEndpoint,
  newStreamsGroupDescribeResponseKeyValue as newKeyValue,
  newStreamsGroupDescribeResponseSubtopology as newSubtopology,
  newStreamsGroupDescribeResponseTaskIds as newTaskIds,
  newStreamsGroupDescribeResponseTopicInfo as newTopicInfo,
  newStreamsGroupDescribeResponseTopology as newTopology,
} from '@skarab/protocol';
import { inHashOrder } from '../java-string.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { ConfiguredSubtopology } from './configured-topology.ts';
import { StreamsGroup } from './streams-group.ts';
import type { StreamsMember } from './streams-member.ts';
import { sortedTaskIds, type TaskSet, type Tasks, withoutEpochs } from './tasks.ts';
import type { Subtopology, TopicInfo, Topology } from './topology.ts';

/** One group of a StreamsGroupDescribe. */
export function describeStreamsGroup({ registry }: ShardParts, groupId: string): DescribedGroup {
  const group = registry.getCommitted(groupId);
  if (!(group instanceof StreamsGroup)) {
    const errorMessage = `Group ${groupId} ${group === undefined ? 'not found' : 'is not a streams group'}.`;
    return newDescribedGroup({ groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND, errorMessage });
  }
  const topology = group.topology.getCommitted();
  if (topology === null) return newDescribedGroup({ groupId, errorCode: ErrorCode.UNKNOWN_SERVER_ERROR });
  return newDescribedGroup({
    groupId,
    groupState: group.stateName,
    groupEpoch: group.epoch.getCommitted().epoch,
    assignmentEpoch: group.target.getCommitted().epoch,
    topology: describeTopology(group, topology),
    members: [...group.members.committedEntries()].map(([memberId, member]) =>
      describeMember(member, group.targets.getCommitted(memberId)),
    ),
  });
}

/** With the sizes of internal topics once they are known and right. */
function describeTopology({ configured }: StreamsGroup, { epoch, subtopologies }: Topology): DescribedTopology {
  const sized = configured?.problem === null ? configured.subtopologies : null;
  return newTopology({
    epoch,
    subtopologies: [...subtopologies.keys()]
      .sort()
      .map((id) => describeSubtopology(subtopologies.get(id)!, sized?.get(id) ?? subtopologies.get(id)!)),
  });
}

function describeSubtopology(
  { subtopologyId, sourceTopics, repartitionSinkTopics }: Subtopology,
  internal: Pick<ConfiguredSubtopology, 'repartitionSourceTopics' | 'stateChangelogTopics'>,
) {
  return newSubtopology({
    subtopologyId,
    sourceTopics: [...new Set(sourceTopics)].sort(),
    repartitionSinkTopics: [...new Set(repartitionSinkTopics)].sort(),
    repartitionSourceTopics: describeTopics(internal.repartitionSourceTopics),
    stateChangelogTopics: describeTopics(internal.stateChangelogTopics),
  });
}

function describeTopics(topics: readonly TopicInfo[]) {
  const byName = (a: TopicInfo, b: TopicInfo): number => (a.name < b.name ? -1 : Number(a.name > b.name));
  return [...topics].sort(byName).map(({ name, partitions, replicationFactor, topicConfigs }) =>
    newTopicInfo({
      name,
      partitions,
      replicationFactor,
      topicConfigs: topicConfigs.map((config) => newKeyValue(config)),
    }),
  );
}

function describeMember(member: StreamsMember, target: Tasks | undefined): DescribedMember {
  const { memberId, memberEpoch, instanceId, rackId, clientId, clientHost, processId, topologyEpoch } = member;
  const { assigned, userEndpoint, clientTags } = member;
  return newDescribedMember({
    ...{ memberId, memberEpoch, instanceId, rackId, clientId, clientHost, processId, topologyEpoch },
    userEndpoint: userEndpoint && newEndpoint({ ...userEndpoint }),
    clientTags: inHashOrder([...clientTags.keys()]).map((key) => newKeyValue({ key, value: clientTags.get(key)! })),
    assignment: describeTasks({ ...assigned, active: withoutEpochs(assigned.active) }),
    targetAssignment: target === undefined ? newAssignment() : describeTasks(target),
  });
}

function describeTasks({ active, standby, warmup }: Tasks) {
  const described = (tasks: TaskSet) => sortedTaskIds(tasks).map((taskIds) => newTaskIds(taskIds));
  return newAssignment({
    activeTasks: described(active),
    standbyTasks: described(standby),
    warmupTasks: described(warmup),
  });
}
