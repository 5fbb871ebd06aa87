/**
 * One record to each partition of a topic, through whichever node leads it, again until all have taken it.
 */
import { ErrorCode, newMetadataRequest, newMetadataRequestTopic } from '@skarab/protocol';
import { now, pause } from '../process/time.ts';
import { metadata } from './api.ts';
import { append, type TopicName } from './topics.ts';
import type { WireClient } from './wire-client.ts';

const TIMEOUT_MS = 300_000;
/** Of a request: as many as a client would have in one, and few enough for an answer in time. */
const MAX_PARTITIONS_A_REQUEST = 250;

/** Nodes that serve, by id. */
export type Clients = ReadonlyMap<number, WireClient>;

/** Resolves when each partition has acknowledged a record. Errors: rejects when that takes too long, with how many are missing. */
export async function appendOneEach(clients: Clients, name: string, partitions: number, pollMs: number): Promise<void> {
  const deadline = now() + TIMEOUT_MS;
  const missing = new Set(Array.from({ length: partitions }, (_, index) => index));
  while (missing.size > 0) {
    if (now() > deadline) throw new Error(`${missing.size} of ${partitions} partitions take no record`);
    const { topic, led } = await leaders(clients, name, missing);
    const rounds = [...led].map(async ([nodeId, all]) => {
      const client = clients.get(nodeId);
      if (client === undefined || topic === undefined) return;
      for (let i = 0; i < all.length; i += MAX_PARTITIONS_A_REQUEST) {
        const some = all.slice(i, i + MAX_PARTITIONS_A_REQUEST);
        for (const index of await append(client, topic, some)) missing.delete(index);
      }
    });
    await Promise.all(rounds).catch((error: unknown) => {
      throw new Error(`${missing.size} of ${partitions} partitions of ${name} have taken no record yet`, {
        cause: error,
      });
    });
    if (missing.size > 0) await pause(pollMs);
  }
}

/** The topic, and by leader which of the partitions it leads, as the first node knows it. */
async function leaders(
  clients: Clients,
  name: string,
  partitions: ReadonlySet<number>,
): Promise<{ topic: TopicName | undefined; led: Map<number, number[]> }> {
  const topics = [newMetadataRequestTopic({ name })];
  const [client] = clients.values();
  const response = await client!.call(metadata, newMetadataRequest({ topics, allowAutoTopicCreation: false }));
  const found = response.topics[0];
  const led = new Map<number, number[]>();
  if (found?.errorCode !== ErrorCode.NONE) return { topic: undefined, led };
  for (const { partitionIndex, leaderId } of found.partitions) {
    if (!partitions.has(partitionIndex) || leaderId < 0) continue;
    const own = led.get(leaderId) ?? [];
    own.push(partitionIndex);
    led.set(leaderId, own);
  }
  return { topic: { name, topicId: found.topicId }, led };
}
