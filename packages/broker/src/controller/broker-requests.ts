/**
 * What a broker asks of the controller for itself: to be known, topics that it needs, ids for producers.
 *
 * Source: kafka.server.BrokerServer, kafka.coordinator.transaction.RPCProducerIdManager; KIP-631.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiError,
  type AssignReplicasToDirsRequest,
  type AssignReplicasToDirsResponse,
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponse,
  type BrokerRegistrationRequest,
  type BrokerRegistrationResponse,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  ErrorCode,
} from '@skarab/protocol';

/** Versions of the APIs that are used; nodes of other versions are asked in theirs. */
const VERSIONS = { registerBroker: 4, heartbeat: 2, createTopics: 7 } as const;

export class BrokerRequests {
  readonly #controller: ControllerApi;
  readonly #brokerId: number;
  readonly #brokerEpoch: () => number;

  /** `brokerEpoch` is -1 before the registration. */
  constructor(controller: ControllerApi, brokerId: number, brokerEpoch: () => number) {
    this.#controller = controller;
    this.#brokerId = brokerId;
    this.#brokerEpoch = brokerEpoch;
  }

  registerBroker(request: BrokerRegistrationRequest): Promise<BrokerRegistrationResponse> {
    return this.#controller.registerBroker({ requestVersion: VERSIONS.registerBroker }, request);
  }

  heartbeat(request: BrokerHeartbeatRequest): Promise<BrokerHeartbeatResponse> {
    return this.#controller.processBrokerHeartbeat({ requestVersion: VERSIONS.heartbeat }, request);
  }

  assignReplicasToDirs(request: AssignReplicasToDirsRequest): Promise<AssignReplicasToDirsResponse> {
    return this.#controller.assignReplicasToDirs({ requestVersion: 0 }, request);
  }

  /** Creates topics that the broker itself wants; whoever may have them was asked before. */
  createTopics(request: CreateTopicsRequest): Promise<CreateTopicsResponse> {
    const access = { mayCreate: () => true, mayDescribeConfigs: () => true };
    return this.#controller.createTopics({ requestVersion: VERSIONS.createTopics }, request, access);
  }

  /** A block of producer ids. Errors: ApiError. */
  async allocateProducerIds(): Promise<{ first: number; length: number }> {
    const request = { brokerId: this.#brokerId, brokerEpoch: BigInt(this.#brokerEpoch()) };
    const response = await this.#controller.allocateProducerIds({ requestVersion: 0 }, request);
    if (response.errorCode !== ErrorCode.NONE) throw new ApiError(response.errorCode as ErrorCode);
    return { first: Number(response.producerIdStart), length: response.producerIdLen };
  }
}
