/**
 * Answers ConsumerGroupDescribe for one group, as of the last commit.
 *
 * Source: GroupMetadataManager.consumerGroupDescribe, ConsumerGroup.asDescribedGroup, ConsumerGroupMember.asConsumerGroupDescribeMember.
 */
import type { Uuid } from '@skarab/base';
import {
  type ConsumerGroupDescribeResponseAssignment as DescribedAssignment,
  type ConsumerGroupDescribeResponseDescribedGroup as DescribedGroup,
  type ConsumerGroupDescribeResponseMember as DescribedMember,
  ErrorCode,
  newConsumerGroupDescribeResponseAssignment as newDescribedAssignment,
  newConsumerGroupDescribeResponseDescribedGroup as newDescribedGroup,
  newConsumerGroupDescribeResponseMember as newDescribedMember,
  newConsumerGroupDescribeResponseTopicPartitions as newDescribedTopicPartitions,
} from '@skarab/protocol';
import type { ClusterImage } from '../metadata/cluster-image.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { Assignment } from './assignment.ts';
import { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { committedPreferredAssignor } from './preferred-assignor.ts';

const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;

/** One group of a ConsumerGroupDescribe. */
export function describeConsumerGroup({ registry, topics, assignors }: ShardParts, groupId: string): DescribedGroup {
  const group = registry.getCommitted(groupId);
  if (!(group instanceof ConsumerGroup)) {
    const errorMessage = `Group ${groupId} ${group === undefined ? 'not found' : 'is not a consumer group'}.`;
    return newDescribedGroup({ groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND, errorMessage });
  }
  const [defaultAssignor] = assignors.keys();
  return newDescribedGroup({
    groupId,
    groupState: group.stateName,
    ...group.committedEpochs(),
    assignorName: committedPreferredAssignor(group) ?? defaultAssignor ?? '',
    members: [...group.members.committedEntries()].map(([memberId, member]) =>
      describeMember(member, group.targets.getCommitted(memberId), topics.image),
    ),
  });
}

function describeMember(member: ConsumerMember, target: Assignment, image: ClusterImage): DescribedMember {
  const { memberId, instanceId, rackId, memberEpoch, clientId, clientHost, subscribedTopicRegex } = member;
  return newDescribedMember({
    ...{ memberId, instanceId, rackId, memberEpoch, clientId, clientHost, subscribedTopicRegex },
    subscribedTopicNames: [...member.subscribedTopicNames],
    assignment: describeAssignment(responsibility(member), image),
    targetAssignment: describeAssignment(target, image),
    memberType: member.classic === null ? CONSUMER_MEMBER : CLASSIC_MEMBER,
  });
}

/** A member is responsible for what it gives up until it has. */
function responsibility({ assignedPartitions, partitionsPendingRevocation }: ConsumerMember): Assignment {
  const partitions = new Map<Uuid, number[]>();
  for (const assignment of [assignedPartitions, partitionsPendingRevocation])
    for (const [topicId, epochs] of assignment)
      partitions.set(topicId, [...(partitions.get(topicId) ?? []), ...epochs.keys()]);
  return partitions;
}

/** Topics that do not exist any more are not shown. */
function describeAssignment(assignment: Assignment, image: ClusterImage): DescribedAssignment {
  return newDescribedAssignment({
    topicPartitions: [...assignment].flatMap(([topicId, partitions]) => {
      const topic = image.topicById(topicId);
      if (topic === undefined) return [];
      return [newDescribedTopicPartitions({ topicId, topicName: topic.name, partitions: [...partitions] })];
    }),
  });
}
