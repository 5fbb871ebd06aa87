/**
 * An idempotent producer of one partition that knows what was acknowledged, and where.
 *
 * One batch in flight; a batch is sent again, to whoever leads then, until it is acknowledged. So every acknowledged value is in the log exactly once.
 */
import type { Clock } from '@skarab/base';
import type { ClientConnection, Dialer } from '@skarab/network';
import { ErrorCode, errorName } from '@skarab/protocol';
import type { BrokerCluster } from '../../src/testing/index.ts';
import { connect, produce } from './test-producer.ts';

/** One acknowledged value. */
export interface AcknowledgedValue {
  readonly offset: number;
  readonly value: string;
}

const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.FENCED_LEADER_EPOCH,
]);

export class LedgerProducer {
  readonly acknowledged: AcknowledgedValue[] = [];
  readonly #cluster: BrokerCluster;
  readonly #dialer: Dialer;
  readonly #clock: Clock;
  readonly #topic: string;
  readonly #partition: number;
  readonly #batchSize: () => number;
  #sequence = 0;
  #isStopped = false;
  #connection: { readonly to: number; readonly connection: ClientConnection } | undefined;
  #running: Promise<void> | undefined;
  /** An answer that must not be. */
  failure: unknown;

  constructor(
    cluster: BrokerCluster,
    where: { readonly topic: string; readonly partition: number },
    means: { readonly dialer: Dialer; readonly clock: Clock; readonly batchSize: () => number },
  ) {
    this.#cluster = cluster;
    this.#topic = where.topic;
    this.#partition = where.partition;
    this.#dialer = means.dialer;
    this.#clock = means.clock;
    this.#batchSize = means.batchSize;
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** Ends after the batch in flight is acknowledged. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    this.#connection?.connection.close();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const size = this.#batchSize();
      const values = Array.from({ length: size }, (_, i) => `${this.#topic}-${this.#partition}-${this.#sequence + i}`);
      const offset = await this.#sendUntilAcknowledged(values);
      for (const [i, value] of values.entries()) this.acknowledged.push({ offset: offset + i, value });
      this.#sequence += size;
      await this.#pause(this.#sequence % 20);
    }
  }

  async #sendUntilAcknowledged(values: readonly string[]): Promise<number> {
    const topicId = this.#cluster.controller.image.topics.byName.get(this.#topic)!.id;
    const producer = { producerId: 1000 + this.#partition, producerEpoch: 0, baseSequence: this.#sequence };
    for (;;) {
      const leader = this.#cluster.registration(this.#topic, this.#partition)!.leader;
      const answer = await this.#connectTo(leader)
        .then((connection) =>
          produce(connection, {
            topicId,
            partition: this.#partition,
            values,
            producer,
            timeoutMs: 1000,
            nowMs: this.#clock.nowMs(),
          }),
        )
        .catch(() => undefined);
      if (answer?.errorCode === ErrorCode.NONE) return Number(answer.baseOffset);
      if (answer !== undefined && !RETRIABLE.has(answer.errorCode))
        throw new Error(`${values[0]}: broker ${leader} answers ${errorName(answer.errorCode)} ${answer.errorMessage}`);
      await this.#pause(20);
    }
  }

  async #connectTo(leader: number): Promise<ClientConnection> {
    if (this.#connection?.to === leader && !this.#connection.connection.isClosed) return this.#connection.connection;
    this.#connection?.connection.close();
    this.#connection = undefined;
    if (leader < 0) throw new Error('no leader');
    const address = { host: '127.0.0.1', port: this.#cluster.broker(leader).port };
    const connection = await connect(address, this.#dialer, this.#clock);
    this.#connection = { to: leader, connection };
    return connection;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}
