/**
 * WriteTxnMarkers (27), versions 1-2: ends transactions in partitions that this broker leads; from transaction coordinators, and from
 * `kafka-transactions.sh abort` for a transaction that its coordinator knows nothing of (KIP-664).
 *
 * v1 flexible; v2 KIP-1228 transaction version. The versions decide which epochs a partition takes. ACLs: ALTER or CLUSTER_ACTION on the cluster.
 */
import {
  ApiKey,
  decodeWriteTxnMarkersRequest,
  ErrorCode,
  encodeWriteTxnMarkersResponse,
  newWriteTxnMarkersResponse,
  type WritableTxnMarker,
  type WritableTxnMarkerResult,
  type WriteTxnMarkersRequest,
  type WriteTxnMarkersResponse,
} from '@skarab/protocol';
import type { TransactionMarkers } from '../coordinator/transaction-markers.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function writeTxnMarkersHandler(
  markers: TransactionMarkers,
): ApiHandler<WriteTxnMarkersRequest, WriteTxnMarkersResponse> {
  return {
    apiKey: ApiKey.WRITE_TXN_MARKERS,
    decode: decodeWriteTxnMarkersRequest,
    encode: encodeWriteTxnMarkersResponse,
    handle: async (context, request) => {
      if (!context.mayDoToCluster('ALTER') && !context.mayDoToCluster('CLUSTER_ACTION'))
        return failed(request, ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      const results = await Promise.all(request.markers.map((marker) => write(markers, marker)));
      return newWriteTxnMarkersResponse({ markers: merged(results) });
    },
    failure: failed,
  };
}

async function write(markers: TransactionMarkers, marker: WritableTxnMarker): Promise<WritableTxnMarkerResult> {
  const { producerId, producerEpoch, coordinatorEpoch, transactionResult, transactionVersion, topics } = marker;
  const end = {
    producerId: Number(producerId),
    producerEpoch,
    coordinatorEpoch,
    isCommit: transactionResult,
    transactionVersion,
  };
  const partitions = topics.flatMap(({ name, partitionIndexes }) =>
    partitionIndexes.map((partition) => ({ topic: name, partition })),
  );
  const results = await markers.write(end, partitions);
  let next = 0;
  return {
    producerId,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({
        partitionIndex,
        errorCode: results[next++]!.errorCode,
      })),
    })),
  };
}

/** A producer is answered once. */
function merged(results: readonly WritableTxnMarkerResult[]): WritableTxnMarkerResult[] {
  const byProducer = new Map<bigint, WritableTxnMarkerResult>();
  for (const { producerId, topics } of results) {
    const known = byProducer.get(producerId);
    if (known === undefined) byProducer.set(producerId, { producerId, topics: [...topics] });
    else known.topics.push(...topics);
  }
  return [...byProducer.values()];
}

function failed(request: WriteTxnMarkersRequest, errorCode: number): WriteTxnMarkersResponse {
  const results = request.markers.map(({ producerId, topics }) => ({
    producerId,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
    })),
  }));
  return newWriteTxnMarkersResponse({ markers: merged(results) });
}
