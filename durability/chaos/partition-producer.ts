/**
 * One idempotent producer with acks=all for one partition, that follows the leadership: after any error it looks for the leader, and sends
 * again what was not acknowledged, in order and with the same sequence numbers, before it goes on. As Kafka's producer does.
 *
 * The partition has no other producer, so a sequence number is an offset; the ledger finds records that are acknowledged elsewhere.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@skarab/base';
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
import { AnswerTimeout, ConnectionClosed, RawClient } from '../../tools/raw-client/raw-client.ts';
import type { PartitionLedger, SentBatch } from '../ledger.ts';
import { fetchPartition } from '../verify.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import { Violation } from './violation.ts';
import type { Acknowledged, LoadControl } from './writer.ts';

/** What producers share. */
export interface ProducerOptions {
  readonly watch: ClusterWatch;
  readonly random: Random;
  readonly onAcknowledged: (records: Acknowledged) => void;
  readonly onError: (name: string) => void;
}

const PRODUCE_VERSION = 12;
const IN_FLIGHT = 4;
const MAX_BATCH_RECORDS = 10;
const PRODUCE_TIMEOUT_MS = 1500;
const ANSWER_MS = 2000;
const PAUSE_BETWEEN_BATCHES_MS = 4;
/** As long a refusal may be explained by a leader that does not know yet how far everything is replicated. */
const SUSPICION_MS = 15_000;

/** The batch is to be sent again, perhaps to another leader. */
class SendAgain extends Error {}

export class PartitionProducer {
  readonly #ledger: PartitionLedger;
  readonly #options: ProducerOptions;
  #producer = { producerId: -1, producerEpoch: -1 };

  constructor(ledger: PartitionLedger, options: ProducerOptions) {
    this.#ledger = ledger;
    this.#options = options;
  }

  /** Produces until stopped, then until everything is acknowledged. Errors: rejects with Violation when a promise is broken. */
  async run(control: LoadControl): Promise<void> {
    const { watch, onError } = this.#options;
    while (!control.abandoned.aborted && !(control.stopped.aborted && this.#ledger.pending.length === 0)) {
      const port = watch.leaderPort(this.#ledger.partition);
      let client: RawClient | undefined;
      try {
        if (port === undefined) throw new SendAgain('no leader');
        client = await RawClient.connect(port);
        await this.#initialize(client);
        await this.#resend(client, control);
        await Promise.all(Array.from({ length: IN_FLIGHT }, () => this.#sendOn(client!, control)));
      } catch (error) {
        if (error instanceof Violation) throw error;
        onError(error instanceof SendAgain ? error.message : nameOf(error));
        await sleep(10 + this.#options.random.int(20));
        await watch.refresh();
      } finally {
        client?.close();
      }
    }
  }

  async #initialize(client: RawClient): Promise<void> {
    if (this.#producer.producerId >= 0) return;
    const request = newInitProducerIdRequest({ transactionalId: null, transactionTimeoutMs: 60_000 });
    const answer = await client.call<InitProducerIdResponse>(ApiKey.INIT_PRODUCER_ID, 4, request, ANSWER_MS);
    if (answer.errorCode !== ErrorCode.NONE) throw new SendAgain(errorName(answer.errorCode));
    this.#producer = { producerId: Number(answer.producerId), producerEpoch: answer.producerEpoch };
  }

  /** One batch after the other, so that none overtakes another that is refused. */
  async #resend(client: RawClient, control: LoadControl): Promise<void> {
    let suspiciousSinceMs: number | undefined;
    while (this.#ledger.pending.length > 0 && !control.abandoned.aborted) {
      const oldest = this.#ledger.pending[0]!;
      const errorCode = await this.#send(client, oldest);
      if (errorCode === ErrorCode.NONE) suspiciousSinceMs = undefined;
      else if (errorCode !== ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER) throw new SendAgain(errorName(errorCode));
      else {
        suspiciousSinceMs ??= Date.now();
        await this.#explain(client, oldest, suspiciousSinceMs);
      }
    }
  }

  /**
   * The next batch in order is refused as out of order. Either the log has it, and the leader no longer knows it as a duplicate; or records
   * in front of it are gone.
   */
  async #explain(client: RawClient, batch: SentBatch, sinceMs: number): Promise<void> {
    const { topic, partition } = this.#ledger;
    const { highWatermark } = await fetchPartition(client, topic, partition, 0);
    if (highWatermark >= batch.baseSequence + batch.count) {
      this.#acknowledge(batch, batch.baseSequence);
      this.#options.onError(`duplicate no longer known in partition ${partition}`);
      return;
    }
    if (Date.now() - sinceMs > SUSPICION_MS) {
      throw new Violation(
        `${topic}-${partition}: sequence ${batch.baseSequence} is out of order for a leader whose high watermark is ${highWatermark}`,
      );
    }
    throw new SendAgain(errorName(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER));
  }

  async #sendOn(client: RawClient, control: LoadControl): Promise<void> {
    while (!control.stopped.aborted && !client.isClosed) {
      const batch = this.#ledger.nextBatch(1 + this.#options.random.int(MAX_BATCH_RECORDS), this.#producer);
      const errorCode = await this.#send(client, batch);
      if (errorCode !== ErrorCode.NONE) throw new SendAgain(errorName(errorCode));
      await sleep(PAUSE_BETWEEN_BATCHES_MS);
    }
  }

  /** Sends a batch and enters what comes of it; returns the error. */
  async #send(client: RawClient, batch: SentBatch): Promise<number> {
    const { topic, partition } = this.#ledger;
    const partitionData = [newPartitionProduceData({ index: partition, records: batch.bytes })];
    const request = newProduceRequest({
      acks: -1,
      timeoutMs: PRODUCE_TIMEOUT_MS,
      transactionalId: null,
      topicData: [newTopicProduceData({ name: topic, partitionData })],
    });
    const response = await client.call<ProduceResponse>(ApiKey.PRODUCE, PRODUCE_VERSION, request, ANSWER_MS);
    const answer = response.responses[0]?.partitionResponses[0];
    if (answer === undefined) throw new Violation(`${topic}-${partition}: not answered`);
    if (answer.errorCode === ErrorCode.NONE) this.#acknowledge(batch, Number(answer.baseOffset));
    return answer.errorCode;
  }

  #acknowledge(batch: SentBatch, offset: number): void {
    try {
      this.#ledger.acknowledge(batch, offset);
    } catch (error) {
      throw new Violation((error as Error).message);
    }
    const { baseSequence: number, count } = batch;
    this.#options.onAcknowledged({ partition: this.#ledger.partition, number, count, offset });
  }
}

function nameOf(error: unknown): string {
  if (error instanceof ConnectionClosed) return 'connection closed';
  if (error instanceof AnswerTimeout) return 'no answer';
  return (error as { code?: string }).code ?? String(error);
}
