/**
 * Who leads what, asked of the brokers that answer: the partitions' leaders, their in-sync replicas, the active controller.
 *
 * A leader of an older epoch never replaces a newer one, as in Kafka's clients. Questions take a second at most; who does not answer is
 * passed over.
 */
import {
  ApiKey,
  type CreateTopicsResponse,
  type DescribeQuorumResponse,
  ErrorCode,
  errorName,
  type MetadataResponse,
  newCreatableTopic,
  newCreatableTopicConfig,
  newCreateTopicsRequest,
  newDescribeQuorumRequest,
  newMetadataRequest,
  newMetadataRequestTopic,
} from '@skarab/protocol';
import { RawClient } from '../../tools/raw-client/raw-client.ts';

/** A partition as the newest answer has it. */
export interface PartitionView {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

const ANSWER_MS = 1000;
const QUORUM = { topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }] };

export class ClusterWatch {
  readonly topic: string;
  readonly #ports: ReadonlyMap<number, number>;
  readonly #partitions = new Map<number, PartitionView>();
  #refreshing: Promise<void> | undefined;
  #turn = 0;

  /** `ports` are those of the brokers by id. */
  constructor(topic: string, ports: ReadonlyMap<number, number>) {
    this.topic = topic;
    this.#ports = ports;
  }

  get partitions(): ReadonlyMap<number, PartitionView> {
    return this.#partitions;
  }

  /** Where the leader of a partition listens; undefined while there is none. */
  leaderPort(partition: number): number | undefined {
    return this.#ports.get(this.#partitions.get(partition)?.leaderId ?? -1);
  }

  /** Asks anew; whoever calls meanwhile waits for the same answer. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** True when every partition has a leader and all its replicas in sync. */
  async isInSync(): Promise<boolean> {
    this.#partitions.clear();
    await this.refresh();
    const all = [...this.#partitions.values()];
    return (
      all.length > 0 && all.every(({ leaderId, replicas, isr }) => leaderId >= 0 && isr.length === replicas.length)
    );
  }

  /** The active controller, or undefined when nobody tells. */
  async activeController(): Promise<number | undefined> {
    const request = newDescribeQuorumRequest(QUORUM);
    const answer = await this.#ask<DescribeQuorumResponse>(ApiKey.DESCRIBE_QUORUM, 2, request).catch(() => undefined);
    const leaderId = answer?.topics[0]?.partitions[0]?.leaderId ?? -1;
    return leaderId < 0 ? undefined : leaderId;
  }

  /** Makes the topic. Errors: rejects with what the broker says. */
  async createTopic(partitions: number, replicas: number, configs: Readonly<Record<string, string>>): Promise<void> {
    const topic = newCreatableTopic({
      name: this.topic,
      numPartitions: partitions,
      replicationFactor: replicas,
      configs: Object.entries(configs).map(([name, value]) => newCreatableTopicConfig({ name, value })),
    });
    const request = newCreateTopicsRequest({ timeoutMs: 10_000, topics: [topic] });
    const answer = await this.#ask<CreateTopicsResponse>(ApiKey.CREATE_TOPICS, 7, request, 10_000);
    const { errorCode, errorMessage } = answer.topics[0]!;
    if (errorCode !== ErrorCode.NONE)
      throw new Error(`create ${this.topic}: ${errorName(errorCode)} ${errorMessage ?? ''}`);
  }

  async #refresh(): Promise<void> {
    const topics = [newMetadataRequestTopic({ name: this.topic })];
    const request = newMetadataRequest({ topics, allowAutoTopicCreation: false });
    const answer = await this.#ask<MetadataResponse>(ApiKey.METADATA, 12, request).catch(() => undefined);
    for (const known of answer?.topics[0]?.partitions ?? []) {
      const { partitionIndex, leaderId, leaderEpoch, replicaNodes: replicas, isrNodes: isr } = known;
      if (leaderEpoch < (this.#partitions.get(partitionIndex)?.leaderEpoch ?? -1)) continue;
      this.#partitions.set(partitionIndex, { leaderId, leaderEpoch, replicas, isr });
    }
  }

  /** The answer of the first broker that gives one, beginning with another one each time. Errors: rejects with why the last one gave none. */
  async #ask<Response extends object>(
    apiKey: number,
    version: number,
    request: object,
    timeoutMs = ANSWER_MS,
  ): Promise<Response> {
    const ports = [...this.#ports.values()];
    let failure: unknown;
    const first = this.#turn++;
    for (let i = 0; i < ports.length; i++) {
      let client: RawClient | undefined;
      try {
        client = await RawClient.connect(ports[(first + i) % ports.length]!);
        return await client.call<Response>(apiKey, version, request, timeoutMs);
      } catch (error) {
        failure = error;
      } finally {
        client?.close();
      }
    }
    throw failure;
  }
}
