/**
 * DescribeProducers (61), version 0: the producers that wrote to partitions lately (KIP-664). ACLs: READ on each topic.
 */
import { reasonInvalidTopicName } from '@skarab/metadata';
import {
  ApiKey,
  type DescribeProducersRequest,
  type DescribeProducersResponse,
  decodeDescribeProducersRequest,
  ErrorCode,
  encodeDescribeProducersResponse,
  newDescribeProducersResponse,
  newPartitionResponse,
  type PartitionResponse,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';

export function describeProducersHandler(
  metadata: MetadataCache,
  replicas: ReplicaSet,
): ApiHandler<DescribeProducersRequest, DescribeProducersResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_PRODUCERS,
    decode: decodeDescribeProducersRequest,
    encode: encodeDescribeProducersResponse,
    handle: (context, request) =>
      newDescribeProducersResponse({
        topics: request.topics.map(({ name, partitionIndexes }) => {
          const invalid = reasonInvalidTopicName(name);
          const topicError =
            invalid !== null
              ? ErrorCode.INVALID_TOPIC_EXCEPTION
              : !context.mayDo('READ', 'TOPIC', name)
                ? ErrorCode.TOPIC_AUTHORIZATION_FAILED
                : metadata.topic(name) === undefined
                  ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                  : ErrorCode.NONE;
          const partitions = partitionIndexes.map((index) =>
            topicError === ErrorCode.NONE
              ? describe(metadata, replicas, name, index)
              : failed(index, topicError, invalid ?? defaultErrorMessage(topicError)),
          );
          return { name, partitions };
        }),
      }),
    failure: (request, errorCode) =>
      newDescribeProducersResponse({
        topics: request.topics.map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((index) => failed(index, errorCode, null)),
        })),
      }),
  };
}

function failed(partitionIndex: number, errorCode: number, errorMessage: string | null): PartitionResponse {
  return newPartitionResponse({ partitionIndex, errorCode, errorMessage });
}

function describe(metadata: MetadataCache, replicas: ReplicaSet, topic: string, index: number): PartitionResponse {
  const partition = replicas.get(topic, index);
  if (partition === undefined) {
    const isKnown = metadata.topic(topic)?.partitions[index] !== undefined;
    return failed(index, isKnown ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null);
  }
  const errorCode = partition.checkLeaderEpoch(-1);
  if (errorCode !== ErrorCode.NONE) return failed(index, errorCode, null);
  return newPartitionResponse({
    partitionIndex: index,
    activeProducers: partition.log.activeProducers().map((producer) => ({
      producerId: BigInt(producer.producerId),
      producerEpoch: producer.producerEpoch,
      lastSequence: producer.lastSequence,
      lastTimestamp: BigInt(producer.lastTimestamp),
      coordinatorEpoch: producer.coordinatorEpoch,
      currentTxnStartOffset: BigInt(producer.currentTxnStartOffset),
    })),
  });
}
