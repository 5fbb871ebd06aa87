/**
 * AlterShareGroupOffsets (91), version 0: where an empty share group begins in partitions (KIP-932).
 *
 * UNSUPPORTED_VERSION while share.version is 0. ACLs: READ on the group and on each topic.
 */
import { ZERO_UUID } from '@skarab/base';
import type { AlteredOffsets } from '@skarab/coordinator';
import {
  type AlterShareGroupOffsetsRequestTopic as AlteredTopic,
  type AlterShareGroupOffsetsRequest,
  type AlterShareGroupOffsetsResponse,
  ApiKey,
  decodeAlterShareGroupOffsetsRequest,
  ErrorCode,
  encodeAlterShareGroupOffsetsResponse,
  newAlterShareGroupOffsetsResponsePartition as newAlteredPartition,
  newAlterShareGroupOffsetsResponseTopic as newAlteredTopic,
  newAlterShareGroupOffsetsResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import type { ShareConsumers } from '../share/share-consumers.ts';
import type { SharePersister } from '../share/share-persister.ts';

/** What the handler works with. */
export interface AlterShareOffsetsParts {
  readonly groups: GroupRequestsPort;
  readonly consumers: ShareConsumers;
  readonly persister: SharePersister;
}

type TopicResponse = AlteredOffsets['topics'][number];

export function alterShareGroupOffsetsHandler(
  parts: AlterShareOffsetsParts,
): ApiHandler<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse> {
  const { groups, consumers } = parts;
  const refusal = (errorCode: number, errorMessage = defaultErrorMessage(errorCode)): AlterShareGroupOffsetsResponse =>
    newAlterShareGroupOffsetsResponse({ errorCode, errorMessage });
  return {
    apiKey: ApiKey.ALTER_SHARE_GROUP_OFFSETS,
    decode: decodeAlterShareGroupOffsetsRequest,
    encode: encodeAlterShareGroupOffsetsResponse,
    handle: async (context, request) => {
      if (!consumers.isEnabled) return refusal(ErrorCode.UNSUPPORTED_VERSION);
      if (!context.mayDo('READ', 'GROUP', request.groupId)) return refusal(ErrorCode.GROUP_AUTHORIZATION_FAILED);
      const problems = new Map(request.topics.map((topic) => [topic, problemOf(consumers, context, topic)]));
      const topics = request.topics.filter((topic) => problems.get(topic) === ErrorCode.NONE);
      const altered = await groups.alterShareOffsets({ ...request, topics });
      if (altered.errorCode !== ErrorCode.NONE) return refusal(altered.errorCode, altered.errorMessage ?? undefined);
      const responses = await begin(parts, altered);
      const failed = request.topics.flatMap((topic) => {
        const errorCode = problems.get(topic)!;
        return errorCode === ErrorCode.NONE ? [] : [failedTopic(consumers, topic, errorCode)];
      });
      return newAlterShareGroupOffsetsResponse({ responses: [...failed, ...responses.map(withMessages)] });
    },
    failure: (_request, errorCode) => refusal(errorCode),
  };
}

function problemOf(consumers: ShareConsumers, context: RequestContext, { topicName }: AlteredTopic): ErrorCode {
  if (!context.mayDo('READ', 'TOPIC', topicName)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
  return consumers.metadata.topic(topicName) === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE;
}

function failedTopic(
  consumers: ShareConsumers,
  { topicName, partitions }: AlteredTopic,
  errorCode: ErrorCode,
): TopicResponse {
  const topicId = consumers.metadata.topic(topicName)?.id ?? ZERO_UUID;
  const failed = partitions.map(({ partitionIndex }) => newAlteredPartition({ partitionIndex, errorCode }));
  return withMessages(newAlteredTopic({ topicName, topicId, partitions: failed }));
}

function withMessages(topic: TopicResponse): TopicResponse {
  const partitions = topic.partitions.map((partition) => ({
    ...partition,
    errorMessage: partition.errorMessage ?? defaultErrorMessage(partition.errorCode),
  }));
  return { ...topic, partitions };
}

/** Has the share coordinator begin the states; the group learns of it only when all of them have begun. */
async function begin(
  { groups, persister }: AlterShareOffsetsParts,
  { topics, states }: AlteredOffsets,
): Promise<readonly TopicResponse[]> {
  if (states === null) return topics;
  const { groupId, stateEpoch } = states;
  const results = await Promise.all(
    states.topics.flatMap(({ topicId, partitions }) =>
      partitions.map(async ({ partition, startOffset }) => {
        const result = await persister.initialize({ groupId, topicId, partition }, stateEpoch, Number(startOffset));
        return { key: `${topicId}:${partition}`, ...result };
      }),
    ),
  );
  const problems = new Map(
    results.filter(({ errorCode }) => errorCode !== ErrorCode.NONE).map((result) => [result.key, result]),
  );
  if (problems.size === 0) {
    const begun = states.topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition }) => partition),
    }));
    groups.onShareStatesBegun({ groupId, stateEpoch, topics: begun });
    return topics;
  }
  return topics.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((partition) => {
      const problem = problems.get(`${topic.topicId}:${partition.partitionIndex}`);
      if (partition.errorCode !== ErrorCode.NONE || problem === undefined) return partition;
      return { ...partition, errorCode: problem.errorCode, errorMessage: problem.errorMessage };
    }),
  }));
}
