/**
 * ListPartitionReassignments (46), version 0: answered by the controller (KIP-455). ACLs: DESCRIBE on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  decodeListPartitionReassignmentsRequest,
  ErrorCode,
  encodeListPartitionReassignmentsResponse,
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
  newListPartitionReassignmentsResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function listPartitionReassignmentsHandler(
  controller: ControllerApi,
): ApiHandler<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse> {
  return {
    apiKey: ApiKey.LIST_PARTITION_REASSIGNMENTS,
    decode: decodeListPartitionReassignmentsRequest,
    encode: encodeListPartitionReassignmentsResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('DESCRIBE')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return controller.listPartitionReassignments(controllerContext(context), request);
    },
    failure: (_request, errorCode) => newListPartitionReassignmentsResponse({ errorCode }),
  };
}
