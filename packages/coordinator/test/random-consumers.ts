/**
 * Consumers of both protocols that do anything at any time, from a seed, over topics that come, grow and go.
 *
 * Members know what they were told, and mostly go on from there; sometimes they lie. Classic members are there only in worlds with migrations, failed
 * writes only in those without: after them the JVM keeps timers of groups that never were.
 */
import { type Random, randomUuid, seededRandom, type Uuid } from '@skarab/base';
import {
  ErrorCode,
  encodeConsumerProtocolSubscription,
  newConsumerGroupDescribeRequest,
  newConsumerGroupHeartbeatRequest,
  newConsumerGroupHeartbeatRequestTopicPartitions,
  newConsumerProtocolSubscription,
  newConsumerProtocolSubscriptionTopicPartition,
  newDeleteGroupsRequest,
  newHeartbeatRequest,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newLeaveGroupRequest,
  newListGroupsRequest,
  newMemberIdentity,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newSyncGroupRequest,
  Writer,
} from '@skarab/protocol';
import { GroupHost, type TestTopic } from './group-host.ts';

const groupIds = ['g', 'h'];
const topicNames = ['t1', 't2', 'u1', 'u2'];
const regexes = ['t.*', 'u[12]', '.*1', ''];
const writeErrors = [ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.MESSAGE_TOO_LARGE];

/** A consumer and what it was told last. */
interface Client {
  readonly groupId: string;
  readonly protocol: 'consumer' | 'classic';
  readonly instanceId: string | null;
  memberId: string;
  epoch: number;
  owned: readonly { readonly topicId: Uuid; readonly partitions: readonly number[] }[];
  topics: readonly string[];
}

/** How a world is run. */
export interface ConsumerWorldOptions {
  readonly random: Random;
  readonly hasMigrations: boolean;
  readonly assignors?: readonly string[];
}

/** A coordinator and its consumers. */
export class ConsumerWorld {
  readonly random: Random;
  readonly host: GroupHost;
  readonly tokens: number[] = [];
  /** How often members learned an assignment that was not empty. */
  assignedCount = 0;
  readonly #hasMigrations: boolean;
  readonly #clients: Client[] = [];

  constructor(seed: number, { random, hasMigrations, assignors = ['uniform', 'range'] }: ConsumerWorldOptions) {
    this.random = seededRandom(seed);
    this.#hasMigrations = hasMigrations;
    const config = {
      ...{ initialRebalanceDelayMs: 500, maxSize: 4, offsetsRetentionMinutes: 1, appendLingerMs: 0 },
      ...{ consumerMaxSize: 5, consumerAssignors: assignors, consumerRegexRefreshIntervalMs: 20_000 },
      consumerAssignmentIntervalMs: this.random.int(3) * 1000,
      consumerMigrationPolicy: hasMigrations ? this.#pick(['bidirectional', 'bidirectional', 'upgrade']) : 'disabled',
      offsetsRetentionCheckIntervalMs: 30_000,
    };
    this.host = new GroupHost({ config, random });
    this.host.elect();
    this.#changeTopics();
    this.#changeTopics();
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.random.int(items.length)]!;
  }

  #some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.random.int(2) === 0);
  }

  step(): void {
    const dice = this.random.int(100);
    if (dice < 12) this.#newClient();
    else if (dice < 70) this.#act();
    else if (dice < 75) this.#commit();
    else if (dice < 80) this.#changeTopics();
    else if (dice < 92) this.#pass();
    else if (dice < 97) this.#look();
    else this.#trouble();
  }

  /** Not while a write is to fail: timers that are due at once are decided together here, one by one on the JVM. */
  #pass(): void {
    if (this.host.pendingFailureCount > 0) return;
    this.host.advance(this.random.int(this.random.int(8) === 0 ? 50_000 : 3000));
  }

  #newClient(): void {
    if (this.#clients.length > 8) this.#clients.splice(this.random.int(this.#clients.length), 1);
    const protocol = this.#hasMigrations && this.random.int(2) === 0 ? 'classic' : 'consumer';
    const memberId = protocol === 'classic' ? '' : randomUuid(this.random.bytes);
    const instanceId = this.random.int(4) === 0 ? this.#pick(['i1', 'i2']) : null;
    const topics = this.random.int(3) === 0 ? this.#some(topicNames) : ['t1', 't2'];
    const groupId = this.#pick(groupIds);
    this.#clients.push({ groupId, protocol, instanceId, memberId, epoch: 0, owned: [], topics });
    this.#actAs(this.#clients.at(-1)!);
  }

  #act(): void {
    if (this.#clients.length === 0) this.#newClient();
    else this.#actAs(this.#pick(this.#clients));
  }

  #actAs(client: Client): void {
    if (client.protocol === 'consumer') this.#beat(client);
    else this.#actAsClassic(client);
  }

  #beat(client: Client): void {
    const dice = this.random.int(40);
    const { groupId, memberId, instanceId } = client;
    const isLeaving = dice === 0;
    const epoch = isLeaving ? (instanceId === null ? -1 : -1 - this.random.int(2)) : client.epoch - Number(dice === 1);
    const isJoining = epoch === 0;
    const isChanging = isJoining || this.random.int(8) === 0;
    if (isChanging && this.random.int(3) === 0) client.topics = this.#some(topicNames);
    const usesRegex = isChanging && this.random.int(4) === 0;
    const owned = client.owned.map((topic) => newConsumerGroupHeartbeatRequestTopicPartitions(copyOf(topic)));
    const isFull = this.random.int(3) > 0;
    const request = newConsumerGroupHeartbeatRequest({
      groupId,
      memberId,
      memberEpoch: Math.max(epoch, -2),
      instanceId,
      rackId: isJoining && this.random.int(3) === 0 ? 'r1' : null,
      rebalanceTimeoutMs: isChanging ? 5000 + this.random.int(3) * 5000 : -1,
      subscribedTopicNames: isChanging ? [...client.topics] : null,
      subscribedTopicRegex: usesRegex ? this.#pick(regexes) : null,
      serverAssignor: this.random.int(6) === 0 ? this.#pick([...this.host.config.consumerAssignors]) : null,
      topicPartitions: isJoining ? [] : isFull ? owned : null,
    });
    const token = this.host.send('consumerGroupHeartbeat', request, { clientId: this.#pick(['x', 'x', 'y']) });
    this.tokens.push(token);
    const response = this.host.response('consumerGroupHeartbeat', token);
    if (response === null) return;
    if (response.errorCode !== ErrorCode.NONE || epoch < 0) {
      client.epoch = 0;
      client.owned = [];
      return;
    }
    client.epoch = response.memberEpoch;
    if (response.assignment !== null) client.owned = response.assignment.topicPartitions;
    if (client.owned.length > 0) this.assignedCount++;
  }

  #actAsClassic(client: Client): void {
    const dice = this.random.int(10);
    if (client.memberId === '' || client.epoch === 0 || dice < 3) this.#join(client);
    else if (dice < 6) this.#sync(client);
    else if (dice < 9) this.#heartbeat(client);
    else this.#leave(client);
  }

  /** A group that is made by a JoinGroup whose member is known to nobody is where ours differs on purpose. */
  #isEmptyConsumerGroup(groupId: string): boolean {
    const { groups } = this.host.ask('listGroups', newListGroupsRequest());
    const group = groups.find((listed) => listed.groupId === groupId);
    return group?.groupType === 'consumer' && group.groupState === 'Empty';
  }

  #join(client: Client): void {
    const { groupId, instanceId } = client;
    if (client.memberId !== '' && this.#isEmptyConsumerGroup(groupId)) client.memberId = '';
    const names = this.#pick([['range'], ['range', 'sticky'], ['sticky', 'range']]);
    const metadata = this.#subscription(client);
    const request = newJoinGroupRequest({
      groupId,
      memberId: client.memberId,
      groupInstanceId: instanceId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 5000 + this.random.int(5000),
      protocolType: 'consumer',
      protocols: names.map((name) => newJoinGroupRequestProtocol({ name, metadata })),
    });
    const token = this.host.send('joinGroup', request, { apiVersion: this.#pick([3, 9]), clientId: 'k' });
    this.tokens.push(token);
    const response = this.host.response('joinGroup', token);
    if (response === null) {
      this.host.advance(this.random.int(4000));
      const later = this.host.response('joinGroup', token);
      if (later !== null) this.#onJoined(client, later);
    } else this.#onJoined(client, response);
  }

  #onJoined(client: Client, response: { errorCode: number; memberId: string; generationId: number }): void {
    client.epoch = response.errorCode === ErrorCode.NONE ? response.generationId : 0;
    if (response.errorCode === ErrorCode.NONE || response.errorCode === ErrorCode.MEMBER_ID_REQUIRED)
      client.memberId = response.memberId;
    else if (response.errorCode !== ErrorCode.REBALANCE_IN_PROGRESS) client.memberId = '';
  }

  #subscription({ topics }: Client): Uint8Array {
    const writer = new Writer();
    writer.int16(3);
    const ownedPartitions = this.#some(topicNames).map((topic) =>
      newConsumerProtocolSubscriptionTopicPartition({ topic, partitions: [this.random.int(3)] }),
    );
    const owned = this.random.int(3) === 0 ? ownedPartitions : [];
    const subscription = newConsumerProtocolSubscription({ topics: [...topics], ownedPartitions: owned, rackId: null });
    encodeConsumerProtocolSubscription(writer, subscription, 3);
    return writer.toBytes();
  }

  #sync({ groupId, memberId, instanceId, epoch }: Client): void {
    const identity = { groupId, memberId, groupInstanceId: instanceId, generationId: epoch };
    const request = newSyncGroupRequest({ ...identity, protocolType: 'consumer', protocolName: null });
    this.tokens.push(this.host.send('syncGroup', request, { apiVersion: 4 }));
  }

  #heartbeat(client: Client): void {
    const { groupId, memberId, instanceId, epoch } = client;
    const request = newHeartbeatRequest({ groupId, memberId, groupInstanceId: instanceId, generationId: epoch });
    const token = this.host.send('heartbeat', request);
    this.tokens.push(token);
    const errorCode = this.host.response('heartbeat', token)?.errorCode;
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) client.epoch = 0;
  }

  #leave(client: Client): void {
    const { groupId, memberId, instanceId } = client;
    const members = [newMemberIdentity({ memberId, groupInstanceId: instanceId })];
    const request = newLeaveGroupRequest({ groupId, members });
    this.tokens.push(this.host.send('leaveGroup', request, { apiVersion: 5 }));
    client.memberId = '';
    client.epoch = 0;
  }

  #commit(): void {
    if (this.#clients.length === 0 || this.host.topics.length === 0) return;
    const { groupId, memberId, instanceId, epoch } = this.#pick(this.#clients);
    const topic = this.#pick(this.host.topics);
    const partitions = [newOffsetCommitRequestPartition({ partitionIndex: this.random.int(3), committedOffset: 7n })];
    const request = newOffsetCommitRequest({
      groupId,
      memberId,
      groupInstanceId: instanceId,
      generationIdOrMemberEpoch: epoch - this.random.int(3),
      topics: [newOffsetCommitRequestTopic({ name: topic.name, topicId: topic.id, partitions })],
    });
    this.tokens.push(this.host.send('offsetCommit', request));
  }

  #changeTopics(): void {
    const name = this.#pick(topicNames);
    const old = this.host.topics.find((topic) => topic.name === name);
    const others = this.host.topics.filter((topic) => topic !== old);
    if (old !== undefined && this.random.int(4) === 0) this.host.setTopics(others);
    else this.host.setTopics([...others, this.#grown(name, old)]);
  }

  #grown(name: string, old: TestTopic | undefined): TestTopic {
    if (old !== undefined) return { ...old, partitionCount: old.partitionCount + this.random.int(3) };
    const id = randomUuid(this.random.bytes);
    return { id, name, partitionCount: 1 + this.random.int(20), racks: this.#some(['r1', 'r2']) };
  }

  #look(): void {
    if (this.random.int(4) === 0) {
      this.tokens.push(this.host.send('deleteGroups', newDeleteGroupsRequest({ groupsNames: [this.#pick(groupIds)] })));
      return;
    }
    this.host.ask('consumerGroupDescribe', newConsumerGroupDescribeRequest({ groupIds }));
  }

  #trouble(): void {
    const dice = this.random.int(3);
    if (dice === 0 && !this.#hasMigrations) this.host.failNextAppend(this.#pick(writeErrors));
    else if (dice === 1) this.host.restart();
    else {
      this.host.resign();
      this.host.elect();
    }
  }
}

function copyOf({ topicId, partitions }: { topicId: Uuid; partitions: readonly number[] }) {
  return { topicId, partitions: [...partitions] };
}
