/**
 * Streams members that do anything at any time, from a seed, over topics that come, grow and go.
 *
 * Members know what they were told, and mostly go on from there; sometimes they lie.
 */
import { type Random, randomUuid, seededRandom } from '@skarab/base';
import {
  ErrorCode,
  newDeleteGroupsRequest,
  newListGroupsRequest,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newStreamsGroupDescribeRequest,
  newStreamsGroupHeartbeatRequest,
  newStreamsGroupHeartbeatRequestEndpoint,
  newStreamsGroupHeartbeatRequestTaskIds,
  type StreamsGroupHeartbeatResponseTaskIds as TaskIds,
} from '@skarab/protocol';
import { GroupHost } from './group-host.ts';
import { topicIdOf } from './group-script.ts';
import { streamsTopologyOf } from './streams-script.ts';

const groupIds = ['g', 'h'];
const topologies = [
  '0:t1',
  '0:t1,log:c1',
  '0:t1,sink:r1;1:t2,rep:r1,log:c1,co:t2+r1',
  '0:t1+t2,co:t1+t2',
  '0:t1,log:c1;1:t2,log:c2;2:t2',
  '0:t1,sink:r1;1:,rep:r1,sink:r2,log:c1;2:t2,rep:r2,log:c2',
];
const sizes = [3, 3, 3, 3, 3, 5];

/** A member and what it was told last. */
interface Client {
  readonly groupId: string;
  readonly processId: string;
  readonly memberId: string;
  readonly topology: string;
  readonly hasEndpoint: boolean;
  epoch: number;
  endpointEpoch: number;
  active: readonly TaskIds[];
  standby: readonly TaskIds[];
}

/** A coordinator and its streams members. */
export class StreamsWorld {
  readonly random: Random;
  readonly host: GroupHost;
  /** How often members learned tasks. */
  assignedCount = 0;
  readonly #topologies: readonly string[];
  readonly #clients: Client[] = [];
  readonly #topics = new Map<string, { size: number; generation: number }>();

  constructor(seed: number, random: Random) {
    this.random = seededRandom(seed);
    this.host = new GroupHost({
      random,
      config: {
        ...{ appendLingerMs: 0, offsetsRetentionMinutes: 1, offsetsRetentionCheckIntervalMs: 30_000 },
        ...{ streamsMaxSize: 6, streamsNumStandbyReplicas: this.random.int(3) },
        streamsInitialRebalanceDelayMs: this.random.int(3) * 1000,
        streamsAssignmentIntervalMs: this.random.int(3) * 1000,
      },
    });
    this.host.elect();
    this.#topologies = groupIds.map(() => this.#pick(topologies));
    for (const name of ['t1', 't2', 'c1', 'c2', 'r1', 'r2'])
      if (name.startsWith('t') || this.random.int(8) > 0) this.#topics.set(name, { size: 3, generation: 0 });
    this.#announceTopics();
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.random.int(items.length)]!;
  }

  step(): void {
    const dice = this.random.int(100);
    if (dice < 12) this.#join();
    else if (dice < 72) this.#act();
    else if (dice < 76) this.#commit();
    else if (dice < 78) this.#changeTopics();
    else if (dice < 92) this.host.advance(this.random.int(this.random.int(10) === 0 ? 50_000 : 3000));
    else if (dice < 98) this.#look();
    else if (this.random.int(2) === 0) this.host.restart();
    else this.host.ask('deleteGroups', newDeleteGroupsRequest({ groupsNames: [this.#pick(groupIds)] }));
  }

  #join(): void {
    if (this.#clients.length > 9) this.#clients.splice(this.random.int(this.#clients.length), 1);
    const index = this.random.int(groupIds.length);
    const topology = this.random.int(20) === 0 ? this.#pick(topologies) : this.#topologies[index]!;
    const client: Client = {
      groupId: groupIds[index]!,
      processId: this.#pick(['p1', 'p2', 'p3']),
      memberId: randomUuid(this.random.bytes),
      topology,
      hasEndpoint: this.random.int(2) === 0,
      ...{ epoch: 0, endpointEpoch: 0, active: [], standby: [] },
    };
    this.#clients.push(client);
    this.#beat(client);
  }

  #act(): void {
    if (this.#clients.length === 0) this.#join();
    else this.#beat(this.#pick(this.#clients));
  }

  #beat(client: Client): void {
    const { groupId, memberId, processId, topology, hasEndpoint, endpointEpoch } = client;
    const dice = this.random.int(40);
    const memberEpoch = dice === 0 ? -1 : Math.max(client.epoch - Number(dice === 1), 0);
    const isJoining = memberEpoch === 0;
    const isSaying = isJoining || this.random.int(3) > 0;
    const owned = (tasks: readonly TaskIds[]) =>
      isJoining ? [] : tasks.map((taskIds) => newStreamsGroupHeartbeatRequestTaskIds(taskIds));
    const { response } = this.host.ask(
      'streamsGroupHeartbeat',
      newStreamsGroupHeartbeatRequest({
        ...{ groupId, memberId, memberEpoch, endpointInformationEpoch: endpointEpoch },
        rebalanceTimeoutMs: isJoining ? 5000 + this.random.int(3) * 5000 : -1,
        topology: isJoining ? streamsTopologyOf(topology, this.random.int(20) === 0 ? 1 : 0) : null,
        activeTasks: isSaying ? owned(client.active) : null,
        standbyTasks: isSaying ? owned(client.standby) : null,
        warmupTasks: isSaying ? [] : null,
        processId: isJoining ? processId : null,
        userEndpoint:
          isJoining && hasEndpoint ? newStreamsGroupHeartbeatRequestEndpoint({ host: memberId, port: 1 }) : null,
        shutdownApplication: this.random.int(60) === 0,
      }),
      { clientId: this.#pick(['x', 'x', 'x', 'y']) },
    );
    if (response.errorCode === ErrorCode.NONE) {
      client.epoch = memberEpoch === -1 ? 0 : response.memberEpoch;
      client.endpointEpoch = response.endpointInformationEpoch;
      client.active = response.activeTasks ?? client.active;
      client.standby = response.standbyTasks ?? client.standby;
      if ((response.activeTasks ?? []).length > 0) this.assignedCount++;
    }
    const isLost = response.errorCode !== ErrorCode.NONE || memberEpoch === -1;
    if (isLost) Object.assign(client, { epoch: 0, active: [], standby: [] });
  }

  #commit(): void {
    if (this.#clients.length === 0) return;
    const { groupId, memberId, epoch } = this.#pick(this.#clients);
    const name = this.#pick(['t1', 't2']);
    const partitions = [newOffsetCommitRequestPartition({ partitionIndex: this.random.int(4) })];
    const request = newOffsetCommitRequest({
      ...{ groupId, memberId, generationIdOrMemberEpoch: Math.max(epoch - this.random.int(3), 0) },
      topics: [newOffsetCommitRequestTopic({ name, topicId: topicIdOf(name), partitions })],
    });
    this.host.ask('offsetCommit', request, { apiVersion: 9 });
  }

  #changeTopics(): void {
    const name = this.#pick(['t1', 't2', 'c1', 'c2', 'r1', 'r2']);
    const topic = this.#topics.get(name);
    if (topic === undefined) this.#topics.set(name, { size: this.#pick(sizes), generation: this.random.int(1000) });
    else if (topic.size !== 3 || this.random.int(3) > 0) this.#topics.delete(name);
    else topic.size++;
    this.#announceTopics();
  }

  #announceTopics(): void {
    this.host.setTopics(
      [...this.#topics].map(([name, { size, generation }]) => ({
        id: topicIdOf(`${name}#${generation}`),
        name,
        partitionCount: size,
        racks: [],
      })),
    );
  }

  #look(): void {
    if (this.random.int(2) === 0) this.host.ask('listGroups', newListGroupsRequest({ statesFilter: this.#states() }));
    else this.host.ask('streamsGroupDescribe', newStreamsGroupDescribeRequest({ groupIds: [...groupIds] }));
  }

  #states(): string[] {
    return this.random.int(2) === 0 ? [] : [this.#pick(['Stable', 'not_ready', 'NotReady', 'Assigning'])];
  }
}
