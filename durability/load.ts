/**
 * A load of idempotent producers with acks=all, that survives its broker: after each `run` on a new broker it first sends again what was
 * not acknowledged, with the same sequence numbers, as Kafka's producer does.
 *
 * A producer is one connection with a producer id of its own; each request carries a batch for some of its partitions, and a few
 * requests are in flight. Any answer but success, or an error that a starting broker may give, fails the run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '@skarab/base';
import {
  ApiKey,
  ErrorCode,
  errorName,
  type InitProducerIdResponse,
  newInitProducerIdRequest,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import { AnswerTimeout, ConnectionClosed, RawClient } from '../tools/raw-client/raw-client.ts';
import type { PartitionLedger, SentBatch } from './ledger.ts';

const PRODUCE_VERSION = 12;
const IN_FLIGHT = 4;
const MAX_BATCH_RECORDS = 20;
const STARTING = new Set<number>([
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
]);

/** Who else may end a load: the test, by setting `stopped`. */
export interface LoadControl {
  stopped: boolean;
}

type Entry = readonly [PartitionLedger, SentBatch];

export class LoadingProducer {
  readonly #ledgers: readonly PartitionLedger[];
  readonly #random: Random;
  #producerId = -1n;
  #producerEpoch = -1;

  constructor(ledgers: readonly PartitionLedger[], seed: number) {
    this.#ledgers = ledgers;
    this.#random = seededRandom(seed);
  }

  /** Produces until stopped or the broker is gone. Errors: rejects when the broker breaks a promise. */
  async run(port: number, control: LoadControl): Promise<void> {
    const client = await RawClient.connect(port);
    try {
      await this.#initialize(client);
      await this.#resend(client);
      const senders = Array.from({ length: IN_FLIGHT }, () => this.#sendOn(client, control));
      await Promise.all(senders);
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) throw error;
    } finally {
      client.close();
    }
  }

  async #initialize(client: RawClient): Promise<void> {
    const request = newInitProducerIdRequest({ transactionalId: null, transactionTimeoutMs: 60_000 });
    while (this.#producerId < 0n) {
      const answer = await client.call<InitProducerIdResponse>(ApiKey.INIT_PRODUCER_ID, 4, request);
      if (answer.errorCode !== ErrorCode.NONE) await sleep(50);
      else [this.#producerId, this.#producerEpoch] = [answer.producerId, answer.producerEpoch];
    }
  }

  /** One batch after the other, so that none overtakes another that is refused while the broker starts. */
  async #resend(client: RawClient): Promise<void> {
    for (const ledger of this.#ledgers) {
      for (const batch of [...ledger.pending]) {
        while (ledger.pending.includes(batch)) {
          await this.#send(client, [[ledger, batch]], 'again');
          if (ledger.pending.includes(batch)) await sleep(50);
        }
      }
    }
  }

  async #sendOn(client: RawClient, control: LoadControl): Promise<void> {
    const producer = { producerId: Number(this.#producerId), producerEpoch: this.#producerEpoch };
    while (!control.stopped) {
      const chosen = this.#ledgers.filter(() => this.#random.next() < 0.5);
      const entries = chosen.map(
        (ledger): Entry => [ledger, ledger.nextBatch(1 + this.#random.int(MAX_BATCH_RECORDS), producer)],
      );
      if (entries.length > 0) await this.#send(client, entries, 'first');
      else await sleep(1);
    }
  }

  async #send(client: RawClient, entries: readonly Entry[], time: 'first' | 'again'): Promise<void> {
    const topics = Map.groupBy(entries, ([ledger]) => ledger.topic);
    const request = newProduceRequest({
      acks: -1,
      timeoutMs: 10_000,
      transactionalId: null,
      topicData: [...topics].map(([name, of]) =>
        newTopicProduceData({
          name,
          partitionData: of.map(([ledger, batch]) =>
            newPartitionProduceData({ index: ledger.partition, records: batch.bytes }),
          ),
        }),
      ),
    });
    const response = await client.call<ProduceResponse>(ApiKey.PRODUCE, PRODUCE_VERSION, request).catch((error) => {
      throw error instanceof AnswerTimeout ? new Error('an acks=all produce was never answered') : error;
    });
    for (const [ledger, batch] of entries) {
      const answer = response.responses
        .filter(({ name }) => name === ledger.topic)
        .flatMap(({ partitionResponses }) => partitionResponses)
        .find(({ index }) => index === ledger.partition);
      const where = `${ledger.topic}-${ledger.partition}, sequence ${batch.baseSequence}`;
      if (answer === undefined) throw new Error(`${where}: not answered`);
      if (answer.errorCode === ErrorCode.NONE) ledger.acknowledge(batch, Number(answer.baseOffset));
      else if (time === 'first' || !mayPass(answer.errorCode, ledger, batch)) {
        throw new Error(`${where}: ${errorName(answer.errorCode)} ${answer.errorMessage ?? ''}`);
      }
    }
  }
}

/** Whether an error of a batch sent again is no broken promise. */
function mayPass(errorCode: number, ledger: PartitionLedger, batch: SentBatch): boolean {
  if (errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER) return ledger.isForgotten(batch);
  return STARTING.has(errorCode);
}
