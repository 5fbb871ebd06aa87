/**
 * Answers ShareGroupDescribe for one group, as of the last commit.
 *
 * Source: GroupMetadataManager.shareGroupDescribe, ShareGroup.asDescribedGroup, ShareGroupMember.asShareGroupDescribeMember.
 */
import {
  type ShareGroupDescribeResponseDescribedGroup as DescribedGroup,
  type ShareGroupDescribeResponseMember as DescribedMember,
  ErrorCode,
  newShareGroupDescribeResponseDescribedGroup as newDescribedGroup,
  newShareGroupDescribeResponseMember as newDescribedMember,
} from '@skarab/protocol';
import type { ClusterImage } from '../metadata/cluster-image.ts';
import type { ShardParts } from '../shard-parts.ts';
import { ShareGroup } from './share-group.ts';
import type { ShareMember } from './share-member.ts';

const ASSIGNOR = 'simple';

/** One group of a ShareGroupDescribe. */
export function describeShareGroup({ registry, topics }: ShardParts, groupId: string): DescribedGroup {
  const group = registry.getCommitted(groupId);
  if (!(group instanceof ShareGroup)) {
    const errorMessage = `Group ${groupId} ${group === undefined ? 'not found' : 'is not a share group'}.`;
    return newDescribedGroup({ groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND, errorMessage });
  }
  return newDescribedGroup({
    groupId,
    groupState: group.stateName,
    groupEpoch: group.epoch.getCommitted().groupEpoch,
    assignmentEpoch: group.target.getCommitted().epoch,
    assignorName: ASSIGNOR,
    members: [...group.members.committedEntries()].map(([, member]) => describeMember(member, topics.image)),
  });
}

function describeMember(member: ShareMember, image: ClusterImage): DescribedMember {
  const { memberId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames, assignedPartitions } = member;
  const topicPartitions = [...assignedPartitions].flatMap(([topicId, partitions]) => {
    const topic = image.topicById(topicId);
    return topic === undefined ? [] : [{ topicId, topicName: topic.name, partitions: [...partitions] }];
  });
  return newDescribedMember({
    ...{ memberId, rackId, memberEpoch, clientId, clientHost },
    subscribedTopicNames: [...subscribedTopicNames],
    assignment: { topicPartitions },
  });
}
