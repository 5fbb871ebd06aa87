/**
 * What a member of a share group has begun with one broker: fetches that acquire records, and acknowledgements of them.
 *
 * Begins anew after whatever was not answered. Source: org.apache.kafka.clients.consumer.internals.ShareSessionHandler (KIP-932).
 */
import {
  ApiKey,
  decodeShareAcknowledgeResponse,
  decodeShareFetchResponse,
  ErrorCode,
  encodeShareAcknowledgeRequest,
  encodeShareFetchRequest,
  newAcknowledgePartition,
  newAcknowledgeTopic,
  newShareAcknowledgeRequest,
  newShareAcknowledgeRequestAcknowledgementBatch,
  newShareFetchRequest,
  newShareFetchRequestAcknowledgementBatch,
  newShareFetchRequestFetchPartition,
  newShareFetchRequestFetchTopic,
  type ShareFetchResponsePartitionData,
} from '@skarab/protocol';
import type { SimClient } from './sim-client.ts';

const fetchApi = { apiKey: ApiKey.SHARE_FETCH, encode: encodeShareFetchRequest, decode: decodeShareFetchResponse };
const acknowledgeApi = {
  apiKey: ApiKey.SHARE_ACKNOWLEDGE,
  encode: encodeShareAcknowledgeRequest,
  decode: decodeShareAcknowledgeResponse,
};
const MAX_WAIT_MS = 100;
const MAX_BYTES = 10_000;
const MAX_RECORDS = 20;
const FINAL_EPOCH = -1;

/** What passes when one begins anew. */
const SESSION_ERRORS: ReadonlySet<number> = new Set([
  ErrorCode.SHARE_SESSION_NOT_FOUND,
  ErrorCode.INVALID_SHARE_SESSION_EPOCH,
]);

/** What is said of records of a partition: the type by offset. */
export type Acknowledgements = ReadonlyMap<number, number>;

/** What came of a request: of each partition that there is an answer about. */
export interface SessionAnswer {
  readonly acknowledged: ReadonlyMap<number, number>;
  readonly fetched: readonly ShareFetchResponsePartitionData[];
}

export class ShareSession {
  readonly #client: SimClient;
  readonly #identity: { readonly groupId: string; readonly memberId: string };
  readonly #port: number;
  readonly #topicId: string;
  readonly partitions: readonly number[];
  #epoch = 0;

  constructor(
    client: SimClient,
    identity: { readonly groupId: string; readonly memberId: string },
    { port, topicId, partitions }: { readonly port: number; readonly topicId: string; readonly partitions: number[] },
  ) {
    this.#client = client;
    this.#identity = identity;
    this.#port = port;
    this.#topicId = topicId;
    this.partitions = partitions;
  }

  /** Whether it may say something of records. */
  get hasBegun(): boolean {
    return this.#epoch > 0;
  }

  /** Acquires records, after what is said of others. Undefined when there was no answer; 'refused' when nothing was done. */
  async fetch(said: ReadonlyMap<number, Acknowledgements>): Promise<SessionAnswer | 'refused' | undefined> {
    const partitions = this.partitions.map((partitionIndex) =>
      newShareFetchRequestFetchPartition({
        partitionIndex,
        acknowledgementBatches: batchesOf(said.get(partitionIndex)).map(newShareFetchRequestAcknowledgementBatch),
      }),
    );
    const request = newShareFetchRequest({
      ...this.#identity,
      shareSessionEpoch: this.#epoch,
      maxWaitMs: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      maxRecords: MAX_RECORDS,
      batchSize: MAX_RECORDS,
      topics: [newShareFetchRequestFetchTopic({ topicId: this.#topicId, partitions })],
    });
    const response = await this.#client.call(this.#port, fetchApi, request).catch(() => undefined);
    if (!this.#accept('ShareFetch', response?.errorCode)) return response && 'refused';
    const fetched = response!.responses.flatMap((topic) => topic.partitions);
    const acknowledged = fetched
      .filter(({ partitionIndex }) => said.has(partitionIndex))
      .map((one) => [one.partitionIndex, one.acknowledgeErrorCode] as const);
    return { acknowledged: new Map(acknowledged), fetched };
  }

  /** As `fetch`, and acquires nothing; for good, if it is the last. */
  async acknowledge(
    said: ReadonlyMap<number, Acknowledgements>,
    isLast = false,
  ): Promise<SessionAnswer | 'refused' | undefined> {
    const partitions = [...said].map(([partitionIndex, types]) =>
      newAcknowledgePartition({
        partitionIndex,
        acknowledgementBatches: batchesOf(types).map(newShareAcknowledgeRequestAcknowledgementBatch),
      }),
    );
    const request = newShareAcknowledgeRequest({
      ...this.#identity,
      shareSessionEpoch: isLast ? FINAL_EPOCH : this.#epoch,
      topics: partitions.length === 0 ? [] : [newAcknowledgeTopic({ topicId: this.#topicId, partitions })],
    });
    const response = await this.#client.call(this.#port, acknowledgeApi, request).catch(() => undefined);
    if (!this.#accept('ShareAcknowledge', response?.errorCode)) return response && 'refused';
    const answered = response!.responses.flatMap((topic) => topic.partitions);
    return {
      acknowledged: new Map(answered.map(({ partitionIndex, errorCode }) => [partitionIndex, errorCode])),
      fetched: [],
    };
  }

  /** Errors: Error for an error that there must not be. */
  #accept(what: string, errorCode: number | undefined): boolean {
    if (errorCode === ErrorCode.NONE) {
      this.#epoch++;
      return true;
    }
    if (errorCode !== undefined && !SESSION_ERRORS.has(errorCode)) throw new Error(`${what} is answered ${errorCode}`);
    this.#epoch = 0;
    return false;
  }
}

/** A batch for each record, in order. */
function batchesOf(types: Acknowledgements = new Map()) {
  return [...types]
    .toSorted(([a], [b]) => a - b)
    .map(([offset, type]) => ({
      firstOffset: BigInt(offset),
      lastOffset: BigInt(offset),
      acknowledgeTypes: [type],
    }));
}
