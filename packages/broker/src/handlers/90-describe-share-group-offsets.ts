/**
 * DescribeShareGroupOffsets (90), versions 0-1: where share groups begin in partitions, and how far they are behind (KIP-932).
 *
 * v1 lag (KIP-1226). ACLs: DESCRIBE on the group and on each topic.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  type DescribeShareGroupOffsetsRequestGroup as AskedGroup,
  type DescribeShareGroupOffsetsResponseGroup as DescribedGroup,
  type DescribeShareGroupOffsetsResponsePartition as DescribedPartition,
  type DescribeShareGroupOffsetsRequest,
  type DescribeShareGroupOffsetsResponse,
  decodeDescribeShareGroupOffsetsRequest,
  ErrorCode,
  encodeDescribeShareGroupOffsetsResponse,
  newDescribeShareGroupOffsetsResponseGroup as newDescribedGroup,
  newDescribeShareGroupOffsetsResponsePartition as newDescribedPartition,
  newDescribeShareGroupOffsetsResponseTopic as newDescribedTopic,
  newDescribeShareGroupOffsetsResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import type { EndOffsets } from '../share/end-offsets.ts';
import type { ShareConsumers } from '../share/share-consumers.ts';
import type { SharePersister } from '../share/share-persister.ts';

/** What the handler works with. */
export interface ShareOffsetsParts {
  readonly groups: GroupRequestsPort;
  readonly consumers: ShareConsumers;
  readonly persister: SharePersister;
  readonly endOffsets: EndOffsets;
}

/** A topic of which offsets are wanted. */
interface WantedTopic {
  readonly topicName: string;
  readonly topicId: string;
  readonly partitions: readonly number[];
}

const UNKNOWN = { startOffset: -1n, lag: -1n };

export function describeShareGroupOffsetsHandler(
  parts: ShareOffsetsParts,
): ApiHandler<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse> {
  const failed = (groupId: string, errorCode: number): DescribedGroup => newDescribedGroup({ groupId, errorCode });
  return {
    apiKey: ApiKey.DESCRIBE_SHARE_GROUP_OFFSETS,
    decode: decodeDescribeShareGroupOffsetsRequest,
    encode: encodeDescribeShareGroupOffsetsResponse,
    handle: async (context, request) => {
      const groups = await Promise.all(
        request.groups.map((group) => {
          if (!parts.consumers.isEnabled) return failed(group.groupId, ErrorCode.UNSUPPORTED_VERSION);
          if (!context.mayDo('DESCRIBE', 'GROUP', group.groupId))
            return failed(group.groupId, ErrorCode.GROUP_AUTHORIZATION_FAILED);
          return group.topics === null ? describeAll(parts, context, group) : describeSome(parts, context, group);
        }),
      );
      return newDescribeShareGroupOffsetsResponse({ groups });
    },
    failure: ({ groups }, errorCode) =>
      newDescribeShareGroupOffsetsResponse({ groups: groups.map(({ groupId }) => failed(groupId, errorCode)) }),
  };
}

/** Every partition that has a state, of topics that the peer may know. */
async function describeAll(
  { groups, consumers, ...parts }: ShareOffsetsParts,
  context: RequestContext,
  { groupId }: AskedGroup,
): Promise<DescribedGroup> {
  const { errorCode, states } = await groups.shareGroupStates(groupId);
  if (errorCode !== ErrorCode.NONE)
    return newDescribedGroup({ groupId, errorCode, errorMessage: defaultErrorMessage(errorCode) });
  const wanted = states.flatMap(({ topicId, partitions }): WantedTopic[] => {
    const topicName = consumers.metadata.topicById(topicId)?.name;
    const isShown = topicName !== undefined && context.mayDo('DESCRIBE', 'TOPIC', topicName);
    return isShown ? [{ topicName, topicId, partitions }] : [];
  });
  const topics = await Promise.all(wanted.map((topic) => describeTopic(parts, groupId, topic)));
  return newDescribedGroup({ groupId, topics });
}

async function describeSome(
  { consumers, ...parts }: ShareOffsetsParts,
  context: RequestContext,
  { groupId, topics }: AskedGroup,
): Promise<DescribedGroup> {
  const known: WantedTopic[] = [];
  const unknown = [];
  const forbidden = [];
  for (const { topicName, partitions } of topics ?? []) {
    const topicId = consumers.metadata.topic(topicName)?.id;
    const nowhere = (fields: object) =>
      newDescribedTopic({
        topicName,
        topicId: ZERO_UUID,
        partitions: partitions.map((partitionIndex) =>
          newDescribedPartition({ partitionIndex, ...UNKNOWN, ...fields }),
        ),
      });
    const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED;
    if (!context.mayDo('DESCRIBE', 'TOPIC', topicName))
      forbidden.push(nowhere({ errorCode, errorMessage: defaultErrorMessage(errorCode) }));
    else if (topicId === undefined) unknown.push(nowhere({}));
    else known.push({ topicName, topicId, partitions });
  }
  const described = await Promise.all(known.map((topic) => describeTopic(parts, groupId, topic)));
  return newDescribedGroup({ groupId, topics: [...described, ...unknown, ...forbidden] });
}

async function describeTopic(
  parts: Pick<ShareOffsetsParts, 'persister' | 'endOffsets'>,
  groupId: string,
  { topicName, topicId, partitions }: WantedTopic,
) {
  const described = partitions.map((partition) => describePartition(parts, groupId, topicName, topicId, partition));
  return newDescribedTopic({ topicName, topicId, partitions: await Promise.all(described) });
}

async function describePartition(
  { persister, endOffsets }: Pick<ShareOffsetsParts, 'persister' | 'endOffsets'>,
  groupId: string,
  topicName: string,
  topicId: string,
  partition: number,
): Promise<DescribedPartition> {
  const summary = await persister.readSummary({ groupId, topicId, partition });
  const partitionIndex = partition;
  if (summary.errorCode !== ErrorCode.NONE) return newDescribedPartition({ partitionIndex, ...UNKNOWN });
  const { startOffset, leaderEpoch, deliveryCompleteCount } = summary;
  if (startOffset === -1n || deliveryCompleteCount === -1)
    return newDescribedPartition({ partitionIndex, startOffset, leaderEpoch, lag: -1n });
  const end = await endOffsets.of({ topic: topicName, partition });
  if ('errorCode' in end) {
    const { errorCode } = end;
    return newDescribedPartition({ partitionIndex, errorCode, errorMessage: defaultErrorMessage(errorCode) });
  }
  const lag = BigInt(end.offset) - startOffset - BigInt(deliveryCompleteCount);
  return newDescribedPartition({ partitionIndex, startOffset, leaderEpoch, lag });
}
