/**
 * A member of a group of the consumer protocol (KIP-848) that owns at once whatever it is assigned, and gives up at once what it is not.
 */
import { randomUUID } from 'node:crypto';
import { ErrorCode, errorName, newConsumerGroupHeartbeatRequest } from '@skarab/protocol';
import { consumerGroupHeartbeat } from './api.ts';
import type { WireClient } from './wire-client.ts';

const REBALANCE_TIMEOUT_MS = 60_000;

type Owned = NonNullable<Parameters<typeof newConsumerGroupHeartbeatRequest>[0]>['topicPartitions'];

export class ConsumerMember {
  readonly #client: WireClient;
  readonly #groupId: string;
  readonly #memberId = randomUUID();
  #owned: NonNullable<Owned> = [];
  #hasNews = true;
  epoch = 0;

  constructor(client: WireClient, groupId: string) {
    this.#client = client;
    this.#groupId = groupId;
  }

  get ownedPartitions(): number {
    return this.#owned.reduce((sum, { partitions }) => sum + partitions.length, 0);
  }

  /** Joins, with a topic to subscribe to, or tells that it is there. Errors: rejects with the error's name. */
  async heartbeat(topic?: string): Promise<void> {
    const response = await this.#client.call(
      consumerGroupHeartbeat,
      newConsumerGroupHeartbeatRequest({
        groupId: this.#groupId,
        memberId: this.#memberId,
        memberEpoch: this.epoch,
        rebalanceTimeoutMs: topic === undefined ? -1 : REBALANCE_TIMEOUT_MS,
        subscribedTopicNames: topic === undefined ? null : [topic],
        topicPartitions: this.#hasNews ? this.#owned : null,
      }),
    );
    if (response.errorCode !== ErrorCode.NONE) throw new Error(`heartbeat: ${errorName(response.errorCode)}`);
    this.epoch = response.memberEpoch;
    this.#hasNews = response.assignment !== null;
    if (response.assignment !== null) this.#owned = response.assignment.topicPartitions;
  }
}
