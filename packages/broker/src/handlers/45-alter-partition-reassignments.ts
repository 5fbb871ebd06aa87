/**
 * AlterPartitionReassignments (45), versions 0-1: decided by the controller (KIP-455). ACLs: ALTER on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponse,
  ApiError,
  ApiKey,
  decodeAlterPartitionReassignmentsRequest,
  ErrorCode,
  encodeAlterPartitionReassignmentsResponse,
  newAlterPartitionReassignmentsResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function alterPartitionReassignmentsHandler(
  controller: ControllerApi,
): ApiHandler<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> {
  return {
    apiKey: ApiKey.ALTER_PARTITION_REASSIGNMENTS,
    decode: decodeAlterPartitionReassignmentsRequest,
    encode: encodeAlterPartitionReassignmentsResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('ALTER')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return controller.alterPartitionReassignments(controllerContext(context), request);
    },
    failure: (_request, errorCode) => newAlterPartitionReassignmentsResponse({ errorCode }),
  };
}
