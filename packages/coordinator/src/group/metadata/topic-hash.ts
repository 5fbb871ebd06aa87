/**
 * The hashes that tell whether the topics of a group have changed.
 *
 * Shape of a topic's: magic 0 | id as two longs | name | partition count | per partition its index and its racks, sorted, each with its length.
 * Numbers are little-endian; a string is its UTF-16 units and then their count. A group's: the topics' hashes, by topic name; 0 for none.
 * Source: org.apache.kafka.coordinator.group.Utils.computeTopicHash, computeGroupHash.
 */
import { Buffer } from 'node:buffer';
import { uuidToBytes } from '@skarab/base';
import type { TopicMetadata } from './cluster-image.ts';
import { xxh3 } from './xxh3.ts';

/** The hash of a topic that exists. */
export function topicHash(topic: TopicMetadata): bigint {
  const parts: Buffer[] = [Buffer.of(0), idBytes(topic), textBytes(topic.name), intBytes(topic.partitionCount)];
  for (let partition = 0; partition < topic.partitionCount; partition++) {
    parts.push(intBytes(partition));
    for (const rack of [...topic.racksOf(partition)].sort()) parts.push(intBytes(rack.length), textBytes(rack));
  }
  return xxh3(Buffer.concat(parts));
}

/** The hash of a group from its topics' hashes by name. */
export function groupHash(topicHashes: ReadonlyMap<string, bigint>): bigint {
  if (topicHashes.size === 0) return 0n;
  const bytes = Buffer.alloc(8 * topicHashes.size);
  for (const [index, name] of [...topicHashes.keys()].sort().entries())
    bytes.writeBigInt64LE(topicHashes.get(name)!, 8 * index);
  return xxh3(bytes);
}

/** Java has the id as two big-endian longs; each is hashed little-endian. */
function idBytes({ id }: TopicMetadata): Buffer {
  const bytes = Buffer.alloc(16);
  uuidToBytes(id, bytes);
  return bytes.swap64();
}

function intBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function textBytes(text: string): Buffer {
  return Buffer.concat([Buffer.from(text, 'utf16le'), intBytes(text.length)]);
}
