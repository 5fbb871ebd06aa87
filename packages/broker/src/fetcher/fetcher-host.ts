/**
 * Runs one fetcher over one channel: asks, waits, brings the answer back, again and again, until it is stopped.
 *
 * Shape: host around `ReplicaFetcher`; one request in flight. Source: kafka.server.ReplicaFetcherThread, RemoteLeaderEndPoint.
 */
import { type Clock, type Logger, StateError, type Timer, TransportError } from '@skarab/base';
import {
  ApiError,
  ErrorCode,
  type FetchResponse,
  newFetchRequest,
  newListOffsetsPartition,
  newListOffsetsRequest,
} from '@skarab/protocol';
import type { NodeChannel } from '../channel/node-channel.ts';
import type { Partition } from '../replica/partition.ts';
import type { SessionRequest } from './fetch-session-handler.ts';
import { fetchApi, listOffsetsApi } from './leader-apis.ts';
import { type LeaderBounds, type OutOfRange, ReplicaFetcher, type ReplicaFetcherOptions } from './replica-fetcher.ts';

/** What a host is made of. */
export interface FetcherHostOptions extends ReplicaFetcherOptions {
  readonly nodeId: number;
  readonly brokerEpoch: () => number;
  readonly channel: NodeChannel;
  /** `replica.fetch.wait.max.ms`, `replica.fetch.min.bytes`, `replica.fetch.response.max.bytes`, `replica.socket.timeout.ms`. */
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LATEST_TIMESTAMP = -1;
const EARLIEST_TIMESTAMP = -2;

export class FetcherHost {
  readonly #options: FetcherHostOptions;
  readonly #fetcher: ReplicaFetcher;
  #isStopped = false;
  #isRunning = false;
  #wake: (() => void) | undefined;

  constructor(options: FetcherHostOptions) {
    this.#options = options;
    this.#fetcher = new ReplicaFetcher(options);
  }

  get size(): number {
    return this.#fetcher.size;
  }

  get maxLag(): number {
    return this.#fetcher.maxLag;
  }

  add(partition: Partition): void {
    this.#fetcher.add(partition);
    this.wake();
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  remove(partition: Partition): void {
    this.#fetcher.remove(partition);
  }

  /** Something changed that the fetcher may have waited for. */
  wake(): void {
    this.#wake?.();
  }

  /** Asks for nothing more; what is on its way is not looked at. */
  stop(): void {
    this.#isStopped = true;
    this.#options.channel.close();
    this.wake();
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    // All partitions that come in one turn go into the first request.
    await new Promise<void>((resolve) => clock.soon(resolve));
    while (!this.#isStopped) {
      const step = this.#fetcher.next(clock.monotonicMs());
      if (step.kind === 'wait') await this.#pause(step.untilMs);
      else await this.#fetch(step.request);
    }
  }

  async #fetch(session: SessionRequest): Promise<void> {
    const { channel, nodeId, brokerEpoch, maxWaitMs, minBytes, maxBytes, requestTimeoutMs, clock, logger } =
      this.#options;
    const request = newFetchRequest({
      replicaState: { replicaId: nodeId, replicaEpoch: BigInt(brokerEpoch()) },
      maxWaitMs,
      minBytes,
      maxBytes,
      ...session,
    });
    // All that is kept of a response is written when the fetcher has seen it.
    const onResponse = (response: FetchResponse) =>
      this.#isStopped ? [] : this.#fetcher.onResponse(response, clock.monotonicMs());
    const outOfRange = await channel
      .exchange(fetchApi, request, requestTimeoutMs, onResponse)
      .catch((error: unknown) => {
        if (!(error instanceof TransportError || error instanceof StateError)) throw error;
        logger.debug({ error: error.message }, 'cannot fetch from a leader');
        return undefined;
      });
    if (this.#isStopped) return;
    if (outOfRange === undefined) this.#fetcher.onFailure(clock.monotonicMs());
    else for (const each of outOfRange) await this.#reset(each);
  }

  async #reset(outOfRange: OutOfRange): Promise<void> {
    const bounds = await this.#bounds(outOfRange).catch((error: unknown) => {
      this.#options.logger.debug({ error: String(error) }, 'cannot ask a leader for its offsets');
      return error instanceof ApiError ? error.errorCode : ErrorCode.NETWORK_EXCEPTION;
    });
    if (!this.#isStopped) this.#fetcher.onLeaderBounds(outOfRange, bounds, this.#options.clock.monotonicMs());
  }

  async #bounds(outOfRange: OutOfRange): Promise<LeaderBounds> {
    const endOffset = await this.#offset(outOfRange, LATEST_TIMESTAMP);
    return { endOffset, startOffset: await this.#offset(outOfRange, EARLIEST_TIMESTAMP) };
  }

  /** An offset of the leader's log. Errors: ApiError as the leader answers, TransportError. */
  async #offset({ partition, leaderEpoch }: OutOfRange, timestamp: number): Promise<number> {
    const { channel, nodeId, requestTimeoutMs } = this.#options;
    const asked = newListOffsetsPartition({
      partitionIndex: partition.index,
      currentLeaderEpoch: leaderEpoch,
      timestamp: BigInt(timestamp),
    });
    const topics = [{ name: partition.topic, partitions: [asked] }];
    const request = newListOffsetsRequest({ replicaId: nodeId, topics });
    const response = await channel.send(listOffsetsApi, request, requestTimeoutMs);
    const answer = response.topics[0]?.partitions[0];
    if (answer === undefined) throw new ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    if (answer.errorCode !== ErrorCode.NONE) throw new ApiError(answer.errorCode as ErrorCode);
    return Number(answer.offset);
  }

  #pause(untilMs: number | undefined): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      this.#wake = () => {
        this.#wake = undefined;
        timer?.cancel();
        resolve();
      };
      if (untilMs !== undefined) timer = clock.after(Math.max(0, untilMs - clock.monotonicMs()), () => this.#wake?.());
    });
  }
}
