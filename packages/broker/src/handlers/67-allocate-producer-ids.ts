/**
 * AllocateProducerIds (67), version 0: a block of a thousand producer ids for a broker (KIP-730). ACLs: CLUSTER_ACTION on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  type AllocateProducerIdsRequest,
  type AllocateProducerIdsResponse,
  ApiKey,
  decodeAllocateProducerIdsRequest,
  encodeAllocateProducerIdsResponse,
  newAllocateProducerIdsResponse,
} from '@skarab/protocol';
import { clusterAction } from '../controller/cluster-action.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function allocateProducerIdsHandler(
  controller: ControllerApi,
): ApiHandler<AllocateProducerIdsRequest, AllocateProducerIdsResponse> {
  return {
    apiKey: ApiKey.ALLOCATE_PRODUCER_IDS,
    decode: decodeAllocateProducerIdsRequest,
    encode: encodeAllocateProducerIdsResponse,
    handle: clusterAction((context, request) => controller.allocateProducerIds(context, request)),
    failure: (_request, errorCode) => newAllocateProducerIdsResponse({ errorCode }),
  };
}
