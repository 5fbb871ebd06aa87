/**
 * What members of the classic protocol say to each other through the coordinator: what they subscribe to, and what the one who leads assigns.
 */
import {
  decodeConsumerProtocolAssignment,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
  newConsumerProtocolAssignment,
  newConsumerProtocolSubscription,
  Reader,
  Writer,
} from '@skarab/protocol';

const VERSION = 3;

/** Everything is given up before one joins, so nothing is owned. */
export function subscriptionTo(topic: string): Uint8Array {
  const writer = new Writer();
  writer.int16(VERSION);
  encodeConsumerProtocolSubscription(writer, newConsumerProtocolSubscription({ topics: [topic] }), VERSION);
  return writer.toBytes();
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
