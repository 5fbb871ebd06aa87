/** The brokers of the scenarios, with the epochs they were given. */
import {
  ApiKey,
  type BrokerRegistrationResponse,
  newBrokerHeartbeatRequest,
  newCreatableTopic,
  newCreateTopicsRequest,
} from '@skarab/protocol';
import type { MetadataImage } from '../../src/core/image/metadata-image.ts';
import { registration } from '../test-node.ts';
import type { ComparedControllers } from './compared-controllers.ts';

/** Some requests that belong together. */
export interface Scenario {
  readonly name: string;
  readonly run: (cluster: Cluster) => Promise<void>;
}

/** What scenarios work with. */
export class Cluster {
  readonly epochs = new Map<number, bigint>();
  readonly call: ComparedControllers['call'];
  readonly #controllers: ComparedControllers;

  constructor(controllers: ComparedControllers) {
    this.#controllers = controllers;
    this.call = controllers.call.bind(controllers);
  }

  get image(): MetadataImage {
    return this.#controllers.image;
  }

  async register(id: number, incarnation: string, changes = {}, version = 4): Promise<void> {
    const request = { ...registration(id, incarnation), ...changes };
    const response = await this.call<BrokerRegistrationResponse>(ApiKey.BROKER_REGISTRATION, version, () => request);
    if (!(response instanceof Error)) this.epochs.set(id, response.brokerEpoch);
  }

  beat(id: number, changes = {}): Promise<unknown> {
    return this.call(ApiKey.BROKER_HEARTBEAT, 2, () =>
      newBrokerHeartbeatRequest({
        brokerId: id,
        brokerEpoch: this.epochs.get(id) ?? -1n,
        currentMetadataOffset: BigInt(this.#controllers.logEndOffset),
        ...changes,
      }),
    );
  }

  createTopics(topics: Parameters<typeof newCreatableTopic>[0][], validateOnly = false): Promise<unknown> {
    return this.call(ApiKey.CREATE_TOPICS, 7, () =>
      newCreateTopicsRequest({
        topics: topics.map((topic) => newCreatableTopic({ replicationFactor: -1, numPartitions: -1, ...topic })),
        validateOnly,
      }),
    );
  }
}
