/**
 * ElectLeaders (43), versions 0-2: preferred and unclean elections, decided by the controller (KIP-460). ACLs: ALTER on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  decodeElectLeadersRequest,
  type ElectLeadersRequest,
  type ElectLeadersResponse,
  ErrorCode,
  encodeElectLeadersResponse,
  newElectLeadersResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function electLeadersHandler(controller: ControllerApi): ApiHandler<ElectLeadersRequest, ElectLeadersResponse> {
  return {
    apiKey: ApiKey.ELECT_LEADERS,
    decode: decodeElectLeadersRequest,
    encode: encodeElectLeadersResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('ALTER')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return controller.electLeaders(controllerContext(context), request);
    },
    failure: (request, errorCode, context, errorMessage) =>
      newElectLeadersResponse({
        ...(context.apiVersion > 0 && { errorCode }),
        replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
          topic,
          partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
        })),
      }),
  };
}
