/**
 * What an operator asks of a simulated cluster, through its front door, again and again until it is done.
 */
import {
  ApiKey,
  decodeAddRaftVoterResponse,
  decodeAlterPartitionReassignmentsResponse,
  decodeCreateTopicsResponse,
  decodeIncrementalAlterConfigsResponse,
  decodeRemoveRaftVoterResponse,
  ErrorCode,
  encodeAddRaftVoterRequest,
  encodeAlterPartitionReassignmentsRequest,
  encodeCreateTopicsRequest,
  encodeIncrementalAlterConfigsRequest,
  encodeRemoveRaftVoterRequest,
  newAddRaftVoterRequest,
  newAddRaftVoterRequestListener,
  newAlterPartitionReassignmentsRequest,
  newCreatableTopic,
  newCreatableTopicConfig,
  newCreateTopicsRequest,
  newIncrementalAlterConfigsRequest,
  newIncrementalAlterConfigsRequestAlterableConfig,
  newIncrementalAlterConfigsRequestAlterConfigsResource,
  newReassignablePartition,
  newReassignableTopic,
  newRemoveRaftVoterRequest,
} from '@skarab/protocol';
import type { Simulation } from '../cluster/simulation.ts';
import { portOf } from '../world/network.ts';
import { SimClient } from './sim-client.ts';

const createTopicsApi = {
  apiKey: ApiKey.CREATE_TOPICS,
  encode: encodeCreateTopicsRequest,
  decode: decodeCreateTopicsResponse,
};
const reassignApi = {
  apiKey: ApiKey.ALTER_PARTITION_REASSIGNMENTS,
  encode: encodeAlterPartitionReassignmentsRequest,
  decode: decodeAlterPartitionReassignmentsResponse,
};
const addVoterApi = {
  apiKey: ApiKey.ADD_RAFT_VOTER,
  encode: encodeAddRaftVoterRequest,
  decode: decodeAddRaftVoterResponse,
};
const removeVoterApi = {
  apiKey: ApiKey.REMOVE_RAFT_VOTER,
  encode: encodeRemoveRaftVoterRequest,
  decode: decodeRemoveRaftVoterResponse,
};
const alterConfigsApi = {
  apiKey: ApiKey.INCREMENTAL_ALTER_CONFIGS,
  encode: encodeIncrementalAlterConfigsRequest,
  decode: decodeIncrementalAlterConfigsResponse,
};
/** ConfigResource.Type and AlterConfigOp.OpType of Kafka. */
const GROUP_RESOURCE = 32;
const SET = 0;
const BACKOFF_MS = 100;
const TIMEOUT_MS = 5000;

export class Admin {
  readonly #client: SimClient;
  readonly #simulation: Simulation;

  constructor(simulation: Simulation, process: number) {
    this.#simulation = simulation;
    this.#client = new SimClient(simulation, process);
  }

  /** Makes a topic. */
  async createTopic(
    name: string,
    shape: { readonly partitions: number; readonly replicationFactor: number },
    configs: Readonly<Record<string, string>>,
  ): Promise<void> {
    const topic = newCreatableTopic({
      name,
      numPartitions: shape.partitions,
      replicationFactor: shape.replicationFactor,
      configs: Object.entries(configs).map(([key, value]) => newCreatableTopicConfig({ name: key, value })),
    });
    const request = newCreateTopicsRequest({ timeoutMs: TIMEOUT_MS, topics: [topic] });
    await this.#untilDone(async () => {
      const response = await this.#client.call(this.#client.somePort(), createTopicsApi, request, 2 * TIMEOUT_MS);
      const code = response.topics[0]!.errorCode;
      return code === ErrorCode.NONE || code === ErrorCode.TOPIC_ALREADY_EXISTS;
    });
  }

  /** Sets configurations of a group. */
  async configureGroup(resourceName: string, configs: Readonly<Record<string, string>>): Promise<void> {
    const resource = newIncrementalAlterConfigsRequestAlterConfigsResource({
      resourceType: GROUP_RESOURCE,
      resourceName,
      configs: Object.entries(configs).map(([name, value]) =>
        newIncrementalAlterConfigsRequestAlterableConfig({ name, value, configOperation: SET }),
      ),
    });
    const request = newIncrementalAlterConfigsRequest({ resources: [resource] });
    await this.#untilDone(async () => {
      const response = await this.#client.call(this.#client.somePort(), alterConfigsApi, request, 2 * TIMEOUT_MS);
      return response.responses[0]?.errorCode === ErrorCode.NONE;
    });
  }

  /** Asks for other replicas of a partition; does not wait until they are there. */
  async reassign(name: string, partitionIndex: number, replicas: number[]): Promise<void> {
    const partitions = [newReassignablePartition({ partitionIndex, replicas })];
    const request = newAlterPartitionReassignmentsRequest({
      timeoutMs: TIMEOUT_MS,
      topics: [newReassignableTopic({ name, partitions })],
    });
    await this.#untilDone(async () => {
      const response = await this.#client.call(this.#client.somePort(), reassignApi, request, 2 * TIMEOUT_MS);
      return response.errorCode === ErrorCode.NONE && response.responses[0]?.partitions[0]?.errorCode === 0;
    });
  }

  /** Resolves when a controller votes. */
  async addVoter(voterId: number, voterDirectoryId: string): Promise<void> {
    const listener = newAddRaftVoterRequestListener({
      name: 'CONTROLLER',
      host: '127.0.0.1',
      port: portOf(voterId, 1),
    });
    const request = newAddRaftVoterRequest({
      clusterId: null,
      timeoutMs: TIMEOUT_MS,
      voterId,
      voterDirectoryId,
      listeners: [listener],
    });
    await this.#untilDone(async () => {
      const { errorCode } = await this.#client.call(this.#controllerPort(), addVoterApi, request, 2 * TIMEOUT_MS);
      return errorCode === ErrorCode.NONE || errorCode === ErrorCode.DUPLICATE_VOTER;
    });
  }

  /** Resolves when a controller votes no more. */
  async removeVoter(voterId: number, voterDirectoryId: string): Promise<void> {
    const request = newRemoveRaftVoterRequest({ clusterId: null, voterId, voterDirectoryId });
    await this.#untilDone(async () => {
      const { errorCode } = await this.#client.call(this.#controllerPort(), removeVoterApi, request, 2 * TIMEOUT_MS);
      return errorCode === ErrorCode.NONE || errorCode === ErrorCode.VOTER_NOT_FOUND;
    });
  }

  close(): void {
    this.#client.close();
  }

  #controllerPort(): number {
    const { activeController, nodes, random } = this.#simulation;
    return portOf(activeController?.id ?? 1 + random.int(nodes.length), 1);
  }

  async #untilDone(attempt: () => Promise<boolean>): Promise<void> {
    while (!(await attempt().catch(() => false))) await this.#client.pause(BACKOFF_MS);
  }
}
