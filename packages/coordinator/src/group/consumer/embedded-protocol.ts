/**
 * What consumers of the classic protocol say to each other through the coordinator: subscriptions and assignments, each with its version in front.
 *
 * A version above the highest known is read as that one. Source: org.apache.kafka.clients.consumer.internals.ConsumerProtocol.
 */
import { CorruptDataError } from '@skarab/base';
import {
  type ConsumerProtocolAssignment,
  type ConsumerProtocolSubscription,
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  encodeConsumerProtocolAssignment,
  newConsumerProtocolAssignment,
  newConsumerProtocolAssignmentTopicPartition,
  Reader,
  Writer,
} from '@skarab/protocol';
import type { ClusterImage } from '../metadata/cluster-image.ts';
import { type Assignment, assignmentOf, type TopicPartitionList } from './assignment.ts';

const HIGHEST_VERSION = 3;

/** Null when the bytes are no such message. */
function read<M>(bytes: Uint8Array, decode: (reader: Reader, version: number) => M): M | null {
  try {
    const reader = new Reader(bytes);
    const version = reader.int16();
    return version < 0 ? null : decode(reader, Math.min(version, HIGHEST_VERSION));
  } catch (error) {
    if (error instanceof CorruptDataError) return null;
    throw error;
  }
}

/** A member's subscription, or null when it cannot be read. */
export function readSubscription(bytes: Uint8Array): ConsumerProtocolSubscription | null {
  return read(bytes, decodeConsumerProtocolSubscription);
}

/** A member's assignment, or null when it cannot be read. */
export function readAssignment(bytes: Uint8Array): ConsumerProtocolAssignment | null {
  return read(bytes, decodeConsumerProtocolAssignment);
}

/** The version of whatever it is, or null without one. */
export function embeddedVersion(bytes: Uint8Array): number | null {
  return read(bytes, (_reader, version) => version);
}

/** An assignment in the bytes of a version. */
export function writeAssignment(assignment: Assignment, image: ClusterImage, version: number): Uint8Array {
  const assignedPartitions = [...assignment].flatMap(([topicId, partitions]) => {
    const topic = image.topicById(topicId)?.name;
    return topic === undefined
      ? []
      : [newConsumerProtocolAssignmentTopicPartition({ topic, partitions: [...partitions] })];
  });
  const writer = new Writer();
  writer.int16(version);
  encodeConsumerProtocolAssignment(writer, newConsumerProtocolAssignment({ assignedPartitions }), version);
  return writer.toBytes();
}

interface NamedPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** Partitions of the topics that exist, by the topics' ids. */
export function withTopicIds(named: readonly NamedPartitions[], image: ClusterImage): TopicPartitionList[] {
  return named.flatMap(({ topic, partitions }) => {
    const topicId = image.topicByName(topic)?.id;
    return topicId === undefined ? [] : [{ topicId, partitions }];
  });
}

/** What an assignment means for the topics that exist. */
export function assignmentByIds(assignment: ConsumerProtocolAssignment, image: ClusterImage): Assignment {
  return assignmentOf(withTopicIds(assignment.assignedPartitions, image));
}
