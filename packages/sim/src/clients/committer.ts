/**
 * A consumer that commits offsets to a group, each greater than the one before, and wants to find the last one again.
 *
 * A commit that was not answered may take effect whenever it arrives, so it may be found as well. The group has no members: the offsets are all there is.
 */
import {
  ApiKey,
  decodeFindCoordinatorResponse,
  decodeOffsetCommitResponse,
  decodeOffsetFetchResponse,
  ErrorCode,
  encodeFindCoordinatorRequest,
  encodeOffsetCommitRequest,
  encodeOffsetFetchRequest,
  newFindCoordinatorRequest,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
} from '@skarab/protocol';
import type { Simulation } from '../cluster/simulation.ts';
import { SimClient } from './sim-client.ts';

const findApi = {
  apiKey: ApiKey.FIND_COORDINATOR,
  encode: encodeFindCoordinatorRequest,
  decode: decodeFindCoordinatorResponse,
};
// The versions that name topics by their names.
const commitApi = {
  apiKey: ApiKey.OFFSET_COMMIT,
  maxVersion: 9,
  encode: encodeOffsetCommitRequest,
  decode: decodeOffsetCommitResponse,
};
const fetchApi = {
  apiKey: ApiKey.OFFSET_FETCH,
  maxVersion: 9,
  encode: encodeOffsetFetchRequest,
  decode: decodeOffsetFetchResponse,
};
const GROUP = 'readers';
const BACKOFF_MS = 100;
const MAX_PAUSE_MS = 200;

export class Committer {
  readonly #client: SimClient;
  readonly #simulation: Simulation;
  readonly #topic: string;
  /** Commits that nobody has answered. */
  readonly #unresolved = new Set<number>();
  #last = 0;
  #isStopped = false;
  #running: Promise<void> | undefined;
  #coordinator: number | undefined;

  constructor(simulation: Simulation, process: number, topic: string) {
    this.#simulation = simulation;
    this.#client = new SimClient(simulation, process);
    this.#topic = topic;
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => this.#simulation.violation(error));
  }

  /** Ends after the commit under way is acknowledged, and looks for it. Errors: Error when something else is found. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    const found = await this.#untilAnswered((port) => this.#fetch(port));
    this.#client.close();
    if (found !== this.#last && !this.#unresolved.has(found))
      throw new Error(`offset ${this.#last} of group ${GROUP} was acknowledged, and ${found} is found`);
  }

  async #run(): Promise<void> {
    for (let offset = 1; !this.#isStopped; offset++) {
      await this.#untilAnswered((port) => this.#commit(port, offset));
      this.#last = offset;
      await this.#client.pause(this.#simulation.random.int(MAX_PAUSE_MS));
    }
  }

  /** Asks the coordinator, whoever that is, until it answers without an error. */
  async #untilAnswered<T>(ask: (port: number) => Promise<T | undefined>): Promise<T> {
    for (;;) {
      this.#coordinator ??= await this.#find().catch(() => undefined);
      const answer = this.#coordinator === undefined ? undefined : await ask(this.#coordinator).catch(() => undefined);
      if (answer !== undefined) return answer;
      this.#coordinator = undefined;
      await this.#client.pause(BACKOFF_MS);
    }
  }

  async #find(): Promise<number | undefined> {
    const request = newFindCoordinatorRequest({ coordinatorKeys: [GROUP] });
    const { coordinators } = await this.#client.call(this.#client.somePort(), findApi, request);
    const found = coordinators[0];
    return found?.errorCode === ErrorCode.NONE ? found.port : undefined;
  }

  async #commit(port: number, offset: number): Promise<true | undefined> {
    const partition = newOffsetCommitRequestPartition({ partitionIndex: 0, committedOffset: BigInt(offset) });
    const topic = newOffsetCommitRequestTopic({ name: this.#topic, partitions: [partition] });
    const request = newOffsetCommitRequest({ groupId: GROUP, generationIdOrMemberEpoch: -1, topics: [topic] });
    const isFirst = !this.#unresolved.has(offset);
    this.#unresolved.add(offset);
    const { topics } = await this.#client.call(port, commitApi, request);
    if (topics[0]?.partitions[0]?.errorCode !== ErrorCode.NONE) return undefined;
    if (isFirst) this.#unresolved.delete(offset);
    return true;
  }

  async #fetch(port: number): Promise<number | undefined> {
    const topics = [newOffsetFetchRequestTopics({ name: this.#topic, partitionIndexes: [0] })];
    const groups = [newOffsetFetchRequestGroup({ groupId: GROUP, topics })];
    const response = await this.#client.call(port, fetchApi, newOffsetFetchRequest({ groups }));
    const group = response.groups[0];
    const found = group?.topics[0]?.partitions[0];
    if (group?.errorCode !== ErrorCode.NONE || found?.errorCode !== ErrorCode.NONE) return undefined;
    return Number(found.committedOffset);
  }
}
