/**
 * A member of a share group on one partition: joins, acquires what it may, and tells what it was given; accepts, releases and rejects some.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  ErrorCode,
  errorName,
  newAcknowledgePartition,
  newAcknowledgeTopic,
  newShareAcknowledgeRequest,
  newShareFetchRequest,
  newShareFetchRequestFetchPartition,
  newShareFetchRequestFetchTopic,
  newShareGroupHeartbeatRequest,
  type ShareAcknowledgeResponse,
  type ShareFetchResponse,
  type ShareGroupHeartbeatResponse,
} from '@skarab/protocol';
import type { RawClient } from '../tools/raw-client/raw-client.ts';

const TIMEOUT_MS = 30_000;
const POLL_MS = 100;
const MAX_BYTES = 1 << 20;

/** What becomes of a record that was acquired. */
export const Acknowledge = { ACCEPT: 1, RELEASE: 2, REJECT: 3 } as const;

/** Records that were acquired together: the first and last offset, and how often they were delivered. */
export type Acquired = readonly [first: number, last: number, deliveries: number];

export class ShareReader {
  readonly #client: RawClient;
  readonly #group: string;
  readonly #memberId = randomUUID();
  #topicId = '';
  #sessionEpoch = 0;

  constructor(client: RawClient, group: string) {
    this.#client = client;
    this.#group = group;
  }

  /** Joins the group and waits for partition 0 of the topic. Errors: rejects when it is not given it in time. */
  async join(topic: string): Promise<void> {
    let memberEpoch = 0;
    for (const deadlineMs = Date.now() + TIMEOUT_MS; Date.now() < deadlineMs; await sleep(POLL_MS)) {
      const request = newShareGroupHeartbeatRequest({
        groupId: this.#group,
        memberId: this.#memberId,
        memberEpoch,
        subscribedTopicNames: memberEpoch === 0 ? [topic] : null,
      });
      const response = await this.#client.call<ShareGroupHeartbeatResponse>(ApiKey.SHARE_GROUP_HEARTBEAT, 1, request);
      if (response.errorCode !== ErrorCode.NONE) continue;
      memberEpoch = response.memberEpoch;
      const assigned = response.assignment?.topicPartitions[0];
      if (assigned === undefined) continue;
      this.#topicId = assigned.topicId;
      return;
    }
    throw new Error('the member was assigned nothing');
  }

  /** Fetches until `count` records are acquired, which are all there are. Errors: rejects when they do not come in time. */
  async acquire(count: number): Promise<Acquired[]> {
    const all: Acquired[] = [];
    let total = 0;
    for (const deadlineMs = Date.now() + TIMEOUT_MS; Date.now() < deadlineMs; ) {
      for (const [first, last, deliveries] of await this.#fetch()) {
        all.push([first, last, deliveries]);
        total += last - first + 1;
      }
      if (total >= count) return all.sort(([a], [b]) => a - b);
      await sleep(POLL_MS);
    }
    throw new Error(`only ${total} of ${count} records were acquired`);
  }

  /** Errors: rejects with the error's name. */
  async acknowledge(offset: number, type: number): Promise<void> {
    const batch = { firstOffset: BigInt(offset), lastOffset: BigInt(offset), acknowledgeTypes: [type] };
    const partition = newAcknowledgePartition({ partitionIndex: 0, acknowledgementBatches: [batch] });
    const request = newShareAcknowledgeRequest({
      groupId: this.#group,
      memberId: this.#memberId,
      shareSessionEpoch: this.#nextEpoch(),
      topics: [newAcknowledgeTopic({ topicId: this.#topicId, partitions: [partition] })],
    });
    const response = await this.#client.call<ShareAcknowledgeResponse>(ApiKey.SHARE_ACKNOWLEDGE, 1, request);
    const errorCode = response.errorCode || (response.responses[0]?.partitions[0]?.errorCode ?? ErrorCode.NONE);
    if (errorCode !== ErrorCode.NONE) throw new Error(`acknowledge ${offset}: ${errorName(errorCode)}`);
  }

  async #fetch(): Promise<Acquired[]> {
    const isFirst = this.#sessionEpoch === 0;
    const partitions = [newShareFetchRequestFetchPartition({ partitionIndex: 0 })];
    const request = newShareFetchRequest({
      groupId: this.#group,
      memberId: this.#memberId,
      shareSessionEpoch: this.#nextEpoch(),
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      maxRecords: 500,
      batchSize: 500,
      topics: isFirst ? [newShareFetchRequestFetchTopic({ topicId: this.#topicId, partitions })] : [],
    });
    const { errorCode, responses } = await this.#client.call<ShareFetchResponse>(ApiKey.SHARE_FETCH, 1, request);
    if (errorCode !== ErrorCode.NONE) throw new Error(`share fetch: ${errorName(errorCode)}`);
    const acquired = responses[0]?.partitions[0]?.acquiredRecords ?? [];
    return acquired.map(({ firstOffset, lastOffset, deliveryCount }): Acquired => {
      return [Number(firstOffset), Number(lastOffset), deliveryCount];
    });
  }

  #nextEpoch(): number {
    return this.#sessionEpoch++;
  }
}
