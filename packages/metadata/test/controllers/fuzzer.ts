/**
 * Random requests of a small cluster's life: brokers come, fail, stop and leave, in-sync replicas change, leaders are elected, replicas
 * and directories move, configurations that matter to all that change.
 */
import type { Random } from '@skarab/base';
import {
  ApiKey,
  type BrokerRegistrationResponse,
  newAlterPartitionReassignmentsRequest,
  newAlterPartitionRequest,
  newAlterPartitionRequestPartitionData,
  newAssignReplicasToDirsRequest,
  newBrokerHeartbeatRequest,
  newCreatableTopic,
  newCreatePartitionsRequest,
  newCreateTopicsRequest,
  newDeleteTopicsRequest,
  newElectLeadersRequest,
  newIncrementalAlterConfigsRequest,
} from '@skarab/protocol';
import type { TopicImage } from '../../src/core/image/topics-image.ts';
import { directoryOf, registration } from '../test-node.ts';
import type { ComparedControllers } from './compared-controllers.ts';

const BROKERS = [11, 12, 13, 14, 15];
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

/** A run: half of the steps, a restart of the controllers, the other half. */
export async function runFuzzer(controllers: ComparedControllers, random: Random, steps: number): Promise<void> {
  const fuzzer = new Fuzzer(controllers, random);
  await fuzzer.begin();
  for (let i = 0; i < steps / 2; i++) await fuzzer.step();
  await controllers.restart();
  await fuzzer.registerFenced();
  for (let i = 0; i < steps / 2; i++) await fuzzer.step();
}

class Fuzzer {
  readonly #controllers: ComparedControllers;
  readonly #random: Random;
  readonly #epochs = new Map<number, bigint>();
  #incarnations = 0;
  #topics = 0;
  #hasDeleted = false;

  constructor(controllers: ComparedControllers, random: Random) {
    this.#controllers = controllers;
    this.#random = random;
  }

  async begin(): Promise<void> {
    for (const id of BROKERS) await this.#register(id);
    for (const id of BROKERS) await this.#beat(id);
    for (const id of BROKERS) await this.#beat(id);
    for (let i = 0; i < 4; i++) await this.#createTopic();
  }

  /** After a restart of the controllers fenced brokers may register anew: nobody has heard of them. */
  async registerFenced(): Promise<void> {
    for (const { id, fenced } of [...this.#controllers.image.cluster.brokers.values()]) {
      if (fenced) await this.#register(id, this.#chance(0.5));
    }
  }

  async step(): Promise<void> {
    const actions: [number, () => Promise<unknown>][] = [
      [30, () => this.#beat(this.#broker(), this.#beatChanges())],
      [30, () => this.#alterPartition()],
      [8, () => this.#electLeaders()],
      [10, () => this.#reassign()],
      [5, () => this.#assignDirectories()],
      [6, () => this.#alterConfigs()],
      [4, () => this.#createTopic()],
      [2, () => this.#deleteTopic()],
      [2, () => this.#createPartitions()],
      [1, () => this.#leave(this.#broker())],
      [2, () => this.#register(this.#broker())],
      [1, () => this.#allocateProducerIds(this.#broker())],
    ];
    let left = this.#random.int(actions.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, action] of actions) {
      left -= weight;
      if (left < 0) {
        await action();
        return;
      }
    }
  }

  async #register(id: number, isClean = false): Promise<void> {
    const incarnation = `INCARNATION${String(id * 10_000 + this.#incarnations++).padStart(10, '0')}A`;
    const request = {
      ...registration(id, incarnation),
      logDirs: [directoryOf(id), directoryOf(id * 100)],
      previousBrokerEpoch: isClean ? (this.#epochs.get(id) ?? -1n) : -1n,
    };
    const response = await this.#controllers.call<BrokerRegistrationResponse>(
      ApiKey.BROKER_REGISTRATION,
      4,
      () => request,
    );
    if (!(response instanceof Error)) this.#epochs.set(id, response.brokerEpoch);
  }

  #beat(id: number, changes = {}) {
    return this.#controllers.call(ApiKey.BROKER_HEARTBEAT, 2, () =>
      newBrokerHeartbeatRequest({
        ...this.#identity(id),
        currentMetadataOffset: BigInt(this.#controllers.logEndOffset),
        ...changes,
      }),
    );
  }

  #beatChanges() {
    const kind = this.#random.int(14);
    const id = this.#broker();
    if (kind < 2) return { wantFence: true };
    if (kind < 4) return { wantShutDown: true };
    if (kind === 4) return { currentMetadataOffset: BigInt(this.#random.int(this.#controllers.logEndOffset)) };
    // Once a topic has been deleted, the JVM cannot take the failure of its directories any more.
    if (kind === 5 && !this.#hasDeleted)
      return { brokerId: id, brokerEpoch: this.#epochs.get(id), offlineLogDirs: [directoryOf(id)] };
    if (kind === 6) {
      return {
        brokerId: id,
        brokerEpoch: this.#epochs.get(id),
        cordonedLogDirs: this.#subset([directoryOf(id), directoryOf(id * 100)]),
      };
    }
    return {};
  }

  #alterPartition() {
    const topic = this.#topic();
    if (topic === undefined) return Promise.resolve();
    const partitionIndex = this.#random.int(topic.partitions.length);
    const partition = topic.partitions[partitionIndex]!;
    const brokerId = this.#chance(0.9) ? partition.leader : this.#broker();
    const isr = this.#subset(partition.replicas);
    const newIsr = isr.includes(brokerId) || this.#chance(0.1) ? isr : [brokerId, ...isr];
    return this.#controllers.call(ApiKey.ALTER_PARTITION, 3, (idOf) =>
      newAlterPartitionRequest({
        ...this.#identity(brokerId),
        topics: [
          {
            topicId: idOf(topic.name),
            partitions: [
              newAlterPartitionRequestPartitionData({
                partitionIndex,
                leaderEpoch: partition.leaderEpoch,
                partitionEpoch: partition.partitionEpoch,
                leaderRecoveryState: newIsr.length === 1 ? partition.leaderRecoveryState : 0,
                newIsrWithEpochs: newIsr.map((id) => ({ brokerId: id, brokerEpoch: this.#epochs.get(id) ?? -1n })),
              }),
            ],
          },
        ],
      }),
    );
  }

  #electLeaders() {
    const topicPartitions = this.#chance(0.2)
      ? null
      : [...this.#controllers.image.topics.byName.values()].map(({ name, partitions }) => ({
          topic: name,
          partitions: this.#subset([...partitions.keys()]),
        }));
    const electionType = this.#random.int(2);
    return this.#controllers.call(ApiKey.ELECT_LEADERS, 2, () =>
      newElectLeadersRequest({ electionType, topicPartitions, timeoutMs: 10_000 }),
    );
  }

  #reassign() {
    const topic = this.#topic();
    if (topic === undefined) return Promise.resolve();
    const partitions = this.#subset([...topic.partitions.keys()]).map((partitionIndex) => ({
      partitionIndex,
      replicas: this.#chance(0.3) ? null : this.#replicas(),
    }));
    const allowReplicationFactorChange = this.#chance(0.8);
    return this.#controllers.call(ApiKey.ALTER_PARTITION_REASSIGNMENTS, 1, () =>
      newAlterPartitionReassignmentsRequest({
        timeoutMs: 10_000,
        allowReplicationFactorChange,
        topics: [{ name: topic.name, partitions }],
      }),
    );
  }

  #assignDirectories() {
    const topic = this.#topic();
    if (topic === undefined) return Promise.resolve();
    const brokerId = this.#broker();
    const id = this.#chance(0.1)
      ? 'AAAAAAAAAAAAAAAAAAAAAQ'
      : directoryOf(this.#chance(0.5) ? brokerId : brokerId * 100);
    const partitions = this.#subset([...topic.partitions.keys()]).map((partitionIndex) => ({ partitionIndex }));
    return this.#controllers.call(ApiKey.ASSIGN_REPLICAS_TO_DIRS, 0, (idOf) =>
      newAssignReplicasToDirsRequest({
        ...this.#identity(brokerId),
        directories: [{ id, topics: [{ topicId: idOf(topic.name), partitions }] }],
      }),
    );
  }

  #alterConfigs() {
    const topic = this.#topic();
    const isTopic = topic !== undefined && this.#chance(0.7);
    // When a change of the minimum clears eligible replicas, the JVM goes on as if they were eligible until its next start.
    const hasElr = [...this.#controllers.image.topics.byName.values()].some((other) =>
      other.partitions.some(({ elr }) => elr.length > 0),
    );
    const isUnclean = hasElr || this.#chance(0.4);
    const configs = isUnclean
      ? [{ name: 'unclean.leader.election.enable', configOperation: 0, value: this.#chance(0.4) ? 'true' : 'false' }]
      : [{ name: 'min.insync.replicas', configOperation: 0, value: String(1 + this.#random.int(3)) }];
    return this.#controllers.call(ApiKey.INCREMENTAL_ALTER_CONFIGS, 1, () =>
      newIncrementalAlterConfigsRequest({
        resources: [{ resourceType: isTopic ? 2 : 4, resourceName: isTopic ? topic.name : '', configs }],
      }),
    );
  }

  #createTopic() {
    const name = `topic-${this.#topics++}`;
    const replicationFactor = 1 + this.#random.int(4);
    const assignments = Array.from({ length: 1 + this.#random.int(4) }, (_, partitionIndex) => ({
      partitionIndex,
      brokerIds: this.#replicas(replicationFactor),
    }));
    const configs = this.#chance(0.5) ? [{ name: 'min.insync.replicas', value: String(1 + this.#random.int(3)) }] : [];
    return this.#controllers.call(ApiKey.CREATE_TOPICS, 7, () =>
      newCreateTopicsRequest({
        timeoutMs: 10_000,
        topics: [newCreatableTopic({ name, numPartitions: -1, replicationFactor: -1, assignments, configs })],
      }),
    );
  }

  #deleteTopic() {
    this.#hasDeleted = true;
    const name = this.#topic()?.name ?? 'nowhere';
    return this.#controllers.call(ApiKey.DELETE_TOPICS, 6, () =>
      newDeleteTopicsRequest({ timeoutMs: 10_000, topics: [{ name, topicId: NO_ID }] }),
    );
  }

  #createPartitions() {
    const topic = this.#topic();
    if (topic === undefined) return Promise.resolve();
    const { length } = topic.partitions[0]!.replicas;
    // Which partition the JVM looks at for the number of replicas is up to a hash table.
    if (topic.partitions.some(({ replicas }) => replicas.length !== length)) return Promise.resolve();
    const assignments = [{ brokerIds: this.#replicas(length) }];
    return this.#controllers.call(ApiKey.CREATE_PARTITIONS, 3, () =>
      newCreatePartitionsRequest({
        timeoutMs: 10_000,
        topics: [{ name: topic.name, count: topic.partitions.length + 1, assignments }],
      }),
    );
  }

  async #leave(brokerId: number): Promise<void> {
    await this.#controllers.call(ApiKey.UNREGISTER_BROKER, 0, () => ({ brokerId }));
    await this.#register(brokerId);
    await this.#beat(brokerId);
  }

  #allocateProducerIds(brokerId: number) {
    return this.#controllers.call(ApiKey.ALLOCATE_PRODUCER_IDS, 0, () => this.#identity(brokerId));
  }

  #identity(brokerId: number) {
    return { brokerId, brokerEpoch: this.#epochs.get(brokerId) ?? -1n };
  }

  #broker(): number {
    return this.#pick(BROKERS);
  }

  #topic(): TopicImage | undefined {
    const topics = [...this.#controllers.image.topics.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return topics.length === 0 ? undefined : this.#pick(topics);
  }

  #replicas(count = 1 + this.#random.int(4)): number[] {
    const left = [...BROKERS];
    return Array.from({ length: count }, () => left.splice(this.#random.int(left.length), 1)[0]!);
  }

  #subset<T>(items: readonly T[]): T[] {
    return items.filter(() => this.#chance(0.6));
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.int(items.length)]!;
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability;
  }
}
