/**
 * Answers DescribeGroups, which knows classic groups only, from the groups that exist as of the last commit.
 *
 * Source: GroupMetadataManager.describeGroups.
 */
import {
  type DescribeGroupsResponseDescribedGroup as DescribedGroup,
  ErrorCode,
  newDescribeGroupsResponseDescribedGroup as newDescribedGroup,
} from '@skarab/protocol';
import type { ShardParts } from '../shard-parts.ts';
import { ClassicGroup } from './classic-group.ts';

/** The version from which an unknown group is an error; before, it is a dead one. */
const GROUP_ID_NOT_FOUND_MIN_VERSION = 6;

/** One group of a DescribeGroups. */
export function describeGroup(parts: ShardParts, groupId: string, apiVersion: number): DescribedGroup {
  const group = parts.registry.getCommitted(groupId);
  if (!(group instanceof ClassicGroup)) {
    if (apiVersion < GROUP_ID_NOT_FOUND_MIN_VERSION) return newDescribedGroup({ groupId, groupState: 'Dead' });
    const errorMessage = `Group ${groupId} ${group === undefined ? 'not found' : 'is not a classic group'}.`;
    return newDescribedGroup({
      groupId,
      groupState: 'Dead',
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage,
    });
  }
  const protocolName = group.isIn('Stable') ? group.protocolName : null;
  return newDescribedGroup({
    groupId,
    groupState: group.stateName,
    protocolType: group.protocolType ?? '',
    protocolData: protocolName ?? '',
    members: [...group.members.values()].map((member) => member.describe(protocolName)),
  });
}
