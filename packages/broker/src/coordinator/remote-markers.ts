/**
 * Sends markers to the brokers that lead their partitions: WriteTxnMarkers, one request per broker in flight, all that waits in the next one.
 *
 * A request that fails is answered NETWORK_EXCEPTION for all its partitions, which has the coordinator try again with the leaders of that
 * moment. A marker of a coordinator that was succeeded is fenced where it arrives, by its epoch.
 * Source: kafka.coordinator.transaction.TransactionMarkerChannelManager, TransactionMarkerRequestCompletionHandler.
 */
import type { Logger } from '@skarab/base';
import type { MarkerResult, TopicPartition, TransactionEnd } from '@skarab/coordinator';
import type { ClientApi } from '@skarab/network';
import {
  ApiKey,
  decodeWriteTxnMarkersResponse,
  ErrorCode,
  encodeWriteTxnMarkersRequest,
  newWritableTxnMarker,
  newWriteTxnMarkersRequest,
  type WritableTxnMarker,
  type WritableTxnMarkerResult,
  type WriteTxnMarkersRequest,
  type WriteTxnMarkersResponse,
} from '@skarab/protocol';
import { BatchPerBroker } from '../channel/batch-per-broker.ts';
import type { BrokerPeers } from '../channel/broker-peers.ts';
import { byTopic } from './by-topic.ts';

/** One end of a transaction in the partitions of one broker. */
interface Marker {
  readonly end: TransactionEnd;
  readonly partitions: readonly TopicPartition[];
}

/** Writes markers on another broker. */
export type WriteRemotely = (
  brokerId: number,
  end: TransactionEnd,
  partitions: readonly TopicPartition[],
) => Promise<readonly MarkerResult[]>;

const writeTxnMarkersApi: ClientApi<WriteTxnMarkersRequest, WriteTxnMarkersResponse> = {
  apiKey: ApiKey.WRITE_TXN_MARKERS,
  encode: encodeWriteTxnMarkersRequest,
  decode: decodeWriteTxnMarkersResponse,
};

/** The way markers take to other brokers. */
export function remoteMarkers(peers: Pick<BrokerPeers, 'send'>, logger: Logger): WriteRemotely {
  const batches = new BatchPerBroker<Marker, readonly MarkerResult[]>({
    // The answers are told apart by the ids of their producers.
    keyOf: ({ end }) => end.producerId,
    send: async (brokerId, markers) => {
      const request = newWriteTxnMarkersRequest({ markers: markers.map(requestOf) });
      const response = await peers.send(brokerId, writeTxnMarkersApi, request).catch((error: unknown) => {
        logger.debug({ brokerId, error: String(error) }, 'cannot send markers to a broker');
        return undefined;
      });
      return markers.map((marker) => resultsOf(marker, response?.markers));
    },
  });
  return (brokerId, end, partitions) => batches.submit(brokerId, { end, partitions });
}

function requestOf({ end, partitions }: Marker): WritableTxnMarker {
  const { producerId, producerEpoch, coordinatorEpoch, isCommit, transactionVersion } = end;
  return newWritableTxnMarker({
    producerId: BigInt(producerId),
    producerEpoch,
    coordinatorEpoch,
    transactionResult: isCommit,
    transactionVersion,
    topics: byTopic(partitions).map(([name, partitionIndexes]) => ({ name, partitionIndexes })),
  });
}

/** What is not in the answer is tried again. */
function resultsOf({ end, partitions }: Marker, answers: readonly WritableTxnMarkerResult[] = []): MarkerResult[] {
  const topics = answers.find(({ producerId }) => Number(producerId) === end.producerId)?.topics ?? [];
  return partitions.map(({ topic, partition }) => {
    const found = topics
      .find(({ name }) => name === topic)
      ?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
    return { topic, partition, errorCode: (found?.errorCode ?? ErrorCode.NETWORK_EXCEPTION) as ErrorCode };
  });
}
