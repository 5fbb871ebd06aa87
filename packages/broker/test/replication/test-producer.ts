/**
 * A producer for tests: one batch at a time to one partition, through the front door of a broker. Idempotent when it has a producer id.
 */

import { type Clock, systemClock } from '@skarab/base';
import { type Address, ClientConnection, type Dialer, tcpDialer } from '@skarab/network';
import {
  ApiKey,
  decodeProduceResponse,
  encodeProduceRequest,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type PartitionProduceResponse,
} from '@skarab/protocol';
import { type BatchOptions, buildBatch } from '@skarab/records';

const produceApi = { apiKey: ApiKey.PRODUCE, encode: encodeProduceRequest, decode: decodeProduceResponse };

/** Opens a connection as a client does. */
export function connect(
  address: Address,
  dialer: Dialer = tcpDialer,
  clock: Clock = systemClock,
): Promise<ClientConnection> {
  return ClientConnection.open(address, {
    dialer,
    clientId: 'test',
    software: { name: 'test', version: '1' },
    maxInFlight: 10,
    maxResponseBytes: 64 << 20,
    setupTimeoutMs: 1000,
    requestTimeoutMs: 1000,
    clock,
  });
}

/** What to write, and how. */
export interface Produce {
  readonly topicId: string;
  readonly partition: number;
  readonly values: readonly string[];
  readonly acks?: number;
  readonly timeoutMs?: number;
  /** Time of the records; retention looks at it. */
  readonly nowMs?: number;
  readonly producer?: Pick<BatchOptions, 'producerId' | 'producerEpoch' | 'baseSequence'>;
}

/** Sends one batch and returns what the broker says. Errors: TransportError. */
export async function produce(connection: ClientConnection, what: Produce): Promise<PartitionProduceResponse> {
  const { topicId, partition, values, acks = -1, timeoutMs = 2000, producer = {}, nowMs = Date.now() } = what;
  const records = buildBatch({
    ...producer,
    records: values.map((value) => ({
      key: null,
      value: Buffer.from(value),
      timestamp: nowMs,
      headers: [],
    })),
  });
  const request = newProduceRequest({
    acks,
    timeoutMs,
    topicData: [
      newTopicProduceData({ topicId, partitionData: [newPartitionProduceData({ index: partition, records })] }),
    ],
  });
  const response = await connection.send(produceApi, request, timeoutMs + 2000);
  return response.responses[0]!.partitionResponses[0]!;
}
