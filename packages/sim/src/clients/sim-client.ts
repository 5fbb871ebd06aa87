/**
 * A client of a simulated cluster: finds leaders by itself, over the network of the simulation, and gets back what brokers say.
 */
import { type ClientApi, ClientConnection, type Dialer } from '@skarab/network';
import {
  ApiKey,
  decodeMetadataResponse,
  encodeMetadataRequest,
  type MetadataResponse,
  newMetadataRequest,
  newMetadataRequestTopic,
} from '@skarab/protocol';
import type { Simulation } from '../cluster/simulation.ts';
import { portOf } from '../world/network.ts';

const metadataApi = { apiKey: ApiKey.METADATA, encode: encodeMetadataRequest, decode: decodeMetadataResponse };
const REQUEST_TIMEOUT_MS = 2000;

/** Where a partition is served. */
export interface LeaderOfPartition {
  readonly topicId: string;
  readonly port: number;
}

export class SimClient {
  readonly simulation: Simulation;
  /** The process that it is on the network. */
  readonly process: number;
  readonly #dialer: Dialer;
  readonly #connections = new Map<number, ClientConnection>();
  /** Of each partition the newest leader epoch heard of: an isolated node tells of an old one, which is not believed. */
  readonly #leaderEpochs = new Map<string, number>();
  #isDead = false;

  constructor(simulation: Simulation, process: number) {
    this.simulation = simulation;
    this.process = process;
    this.#dialer = simulation.network.dialerOf(process);
  }

  /** Asks the node at `port`. Errors: TransportError. Of a dead process, nothing ever comes back. */
  async call<Request, Response>(
    port: number,
    api: ClientApi<Request, Response>,
    request: Request,
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<Response> {
    const connection = await this.#whileAlive(this.#connectTo(port));
    return this.#whileAlive(connection.send(api, request, timeoutMs));
  }

  /** What some node that answers knows of the cluster and of a topic. Errors: TransportError. */
  metadata(topic: string): Promise<MetadataResponse> {
    const request = newMetadataRequest({
      topics: [newMetadataRequestTopic({ name: topic })],
      allowAutoTopicCreation: false,
    });
    return this.call(this.somePort(), metadataApi, request);
  }

  /** Where a partition is served now; undefined when nobody knows. */
  async leaderOf(topic: string, partition: number): Promise<LeaderOfPartition | undefined> {
    const { brokers, topics } = await this.metadata(topic);
    const found = topics[0]?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
    const key = `${topic}-${partition}`;
    if (found === undefined || found.leaderEpoch < (this.#leaderEpochs.get(key) ?? 0)) return undefined;
    this.#leaderEpochs.set(key, found.leaderEpoch);
    const broker = brokers.find(({ nodeId }) => nodeId === found.leaderId);
    return broker === undefined ? undefined : { topicId: topics[0]!.topicId, port: broker.port };
  }

  /** The port of a broker that may be asked first. */
  somePort(): number {
    const { random, nodes } = this.simulation;
    return portOf(1 + random.int(nodes.length), 0);
  }

  pause(ms: number): Promise<void> {
    return this.#whileAlive(new Promise((resolve) => this.simulation.clock.after(ms, resolve)));
  }

  /** The process dies: what it was about to do is never done. What it has sent arrives. */
  kill(): void {
    this.#isDead = true;
    this.simulation.network.kill(this.process);
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
  }

  #whileAlive<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => this.#isDead || resolve(value),
        (error: unknown) => this.#isDead || reject(error),
      );
    });
  }

  async #connectTo(port: number): Promise<ClientConnection> {
    const known = this.#connections.get(port);
    if (known !== undefined && !known.isClosed) return known;
    const connection = await ClientConnection.open(
      { host: '127.0.0.1', port },
      {
        dialer: this.#dialer,
        clientId: `client-${this.process}`,
        software: { name: 'sim', version: '1' },
        maxInFlight: 10,
        maxResponseBytes: 64 << 20,
        setupTimeoutMs: 1000,
        requestTimeoutMs: 1000,
        clock: this.simulation.clock,
      },
    );
    this.#connections.set(port, connection);
    return connection;
  }
}
