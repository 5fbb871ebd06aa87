/**
 * What members of the classic protocol say to each other through the coordinator: what they subscribe to, and what the one who leads assigns.
 *
 * Source: org.apache.kafka.clients.consumer.internals.ConsumerProtocol.
 */
import {
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
  newConsumerProtocolAssignment,
  newConsumerProtocolSubscription,
  Reader,
  Writer,
} from '@skarab/protocol';

const VERSION = 3;

/** What a member says it owns, of the one topic that there is, and since which generation. */
export interface Claim {
  readonly owned: readonly number[];
  readonly generationId: number;
}

export function subscriptionTo(topic: string, { owned, generationId }: Claim): Uint8Array {
  const writer = new Writer();
  writer.int16(VERSION);
  const ownedPartitions = owned.length === 0 ? [] : [{ topic, partitions: [...owned] }];
  const subscription = newConsumerProtocolSubscription({ topics: [topic], ownedPartitions, generationId });
  encodeConsumerProtocolSubscription(writer, subscription, VERSION);
  return writer.toBytes();
}

export function claimIn(subscription: Uint8Array): Claim {
  const reader = new Reader(subscription);
  const { ownedPartitions, generationId } = decodeConsumerProtocolSubscription(reader, reader.int16());
  return { owned: ownedPartitions.flatMap(({ partitions }) => partitions), generationId };
}

export function assignmentOf(topic: string, partitions: number[]): Uint8Array {
  const writer = new Writer();
  writer.int16(VERSION);
  const assignedPartitions = [{ topic, partitions }];
  encodeConsumerProtocolAssignment(writer, newConsumerProtocolAssignment({ assignedPartitions }), VERSION);
  return writer.toBytes();
}

/** The partitions of the one topic that there is. */
export function partitionsIn(assignment: Uint8Array): number[] {
  if (assignment.length === 0) return [];
  const reader = new Reader(assignment);
  const { assignedPartitions } = decodeConsumerProtocolAssignment(reader, reader.int16());
  return assignedPartitions.flatMap(({ partitions }) => partitions);
}
