/**
 * Other promises of a broker than records: topics, configurations and committed offsets that it said yes to.
 *
 * `make` makes more of them until the broker is gone; `check` asks a restarted broker for all of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  type CreateTopicsResponse,
  type DescribeConfigsResponse,
  ErrorCode,
  errorName,
  type IncrementalAlterConfigsResponse,
  newCreatableTopic,
  newCreateTopicsRequest,
  newDescribeConfigsRequest,
  newDescribeConfigsResource,
  newIncrementalAlterConfigsRequest,
  newIncrementalAlterConfigsRequestAlterableConfig,
  newIncrementalAlterConfigsRequestAlterConfigsResource,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  type OffsetCommitResponse,
  type OffsetFetchResponse,
} from '@skarab/protocol';
import { waitForTopics } from '../tools/raw-client/brokers.ts';
import { ConnectionClosed, RawClient } from '../tools/raw-client/raw-client.ts';
import type { LoadControl } from './load.ts';

const TOPIC_RESOURCE = 2;
const PATIENCE_MS = 15_000;

/** A value that only grows: the last one that was acknowledged, and the last one that was asked for. */
class Growing {
  acknowledged = -1;
  attempted = -1;

  next(): number {
    this.attempted++;
    return this.attempted;
  }

  expectKept(value: number, what: string): void {
    if (value >= this.acknowledged && value <= this.attempted) return;
    throw new Error(`${what} is ${value}; acknowledged was ${this.acknowledged}, attempted ${this.attempted}`);
  }
}

export class Promises {
  readonly #topic: string;
  readonly #groups: readonly string[];
  readonly #topics = new Set<string>();
  readonly #offsets: ReadonlyMap<string, Growing>;
  readonly #retention = new Growing();
  #sequence = 0;

  /** `topic` exists and has a partition 0. */
  constructor(topic: string, groups: readonly string[]) {
    this.#topic = topic;
    this.#groups = groups;
    this.#offsets = new Map(groups.map((group) => [group, new Growing()]));
  }

  get topicCount(): number {
    return this.#topics.size;
  }

  /** Makes promises until stopped or the broker is gone. */
  async make(port: number, control: LoadControl): Promise<void> {
    const client = await RawClient.connect(port);
    try {
      while (!control.stopped) {
        await this.#createTopic(client);
        await this.#alterRetention(client);
        for (const group of this.#groups) await this.#commit(client, group);
      }
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) throw error;
    } finally {
      client.close();
    }
  }

  /** Errors: rejects with the promise that was broken. */
  async check(client: RawClient): Promise<void> {
    await waitForTopics(client, Object.fromEntries([...this.#topics].map((name) => [name, 1])));
    this.#retention.expectKept(await this.#describeRetention(client), 'retention.ms');
    for (const group of this.#groups) {
      this.#offsets.get(group)?.expectKept(await this.#committed(client, group), `the offset of ${group}`);
    }
  }

  async #createTopic(client: RawClient): Promise<void> {
    const name = `promise-${this.#sequence++}`;
    const request = newCreateTopicsRequest({
      timeoutMs: 10_000,
      topics: [newCreatableTopic({ name, numPartitions: 1, replicationFactor: 1 })],
    });
    const { topics } = await client.call<CreateTopicsResponse>(ApiKey.CREATE_TOPICS, 7, request);
    const errorCode = topics[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR;
    if (errorCode === ErrorCode.NONE) this.#topics.add(name);
    else if (errorCode !== ErrorCode.TOPIC_ALREADY_EXISTS) throw new Error(`create ${name}: ${errorName(errorCode)}`);
  }

  async #alterRetention(client: RawClient): Promise<void> {
    const value = this.#retention.next();
    const config = newIncrementalAlterConfigsRequestAlterableConfig({
      name: 'retention.ms',
      value: String(604_800_000 + value),
    });
    const resource = newIncrementalAlterConfigsRequestAlterConfigsResource({
      resourceType: TOPIC_RESOURCE,
      resourceName: this.#topic,
      configs: [config],
    });
    const request = newIncrementalAlterConfigsRequest({ resources: [resource] });
    const { responses } = await client.call<IncrementalAlterConfigsResponse>(
      ApiKey.INCREMENTAL_ALTER_CONFIGS,
      1,
      request,
    );
    const errorCode = responses[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR;
    if (errorCode !== ErrorCode.NONE) throw new Error(`alter retention.ms: ${errorName(errorCode)}`);
    this.#retention.acknowledged = value;
  }

  async #describeRetention(client: RawClient): Promise<number> {
    const resource = newDescribeConfigsResource({
      resourceType: TOPIC_RESOURCE,
      resourceName: this.#topic,
      configurationKeys: ['retention.ms'],
    });
    const request = newDescribeConfigsRequest({ resources: [resource] });
    const { results } = await client.call<DescribeConfigsResponse>(ApiKey.DESCRIBE_CONFIGS, 4, request);
    return Number(results[0]?.configs[0]?.value) - 604_800_000;
  }

  async #commit(client: RawClient, groupId: string): Promise<void> {
    const growing = this.#offsets.get(groupId)!;
    const offset = growing.next();
    const partition = newOffsetCommitRequestPartition({ partitionIndex: 0, committedOffset: BigInt(offset) });
    const request = newOffsetCommitRequest({
      groupId,
      generationIdOrMemberEpoch: -1,
      topics: [newOffsetCommitRequestTopic({ name: this.#topic, partitions: [partition] })],
    });
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const { topics } = await client.call<OffsetCommitResponse>(ApiKey.OFFSET_COMMIT, 8, request);
      const errorCode = topics[0]?.partitions[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR;
      if (errorCode === ErrorCode.NONE) break;
      if (!isLoading(errorCode) || Date.now() > deadline)
        throw new Error(`commit of ${groupId}: ${errorName(errorCode)}`);
      await sleep(50);
    }
    growing.acknowledged = offset;
  }

  async #committed(client: RawClient, groupId: string): Promise<number> {
    const topics = [newOffsetFetchRequestTopics({ name: this.#topic, partitionIndexes: [0] })];
    const request = newOffsetFetchRequest({ groups: [newOffsetFetchRequestGroup({ groupId, topics })] });
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const { groups } = await client.call<OffsetFetchResponse>(ApiKey.OFFSET_FETCH, 8, request);
      const errorCode = groups[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR;
      if (errorCode === ErrorCode.NONE) return Number(groups[0]?.topics[0]?.partitions[0]?.committedOffset);
      if (!isLoading(errorCode) || Date.now() > deadline)
        throw new Error(`offsets of ${groupId}: ${errorName(errorCode)}`);
      await sleep(50);
    }
  }
}

/** True for what a coordinator says until it has read its log. */
function isLoading(errorCode: number): boolean {
  return (
    errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ||
    errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE ||
    errorCode === ErrorCode.NOT_COORDINATOR
  );
}
