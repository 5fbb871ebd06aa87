/**
 * AddRaftVoter (80), versions 0-1: a controller that follows becomes a voter (KIP-853). v1 the answer need not wait for the commit (KIP-1186).
 * ACLs: ALTER on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  type AddRaftVoterRequest,
  type AddRaftVoterResponse,
  ApiError,
  ApiKey,
  decodeAddRaftVoterRequest,
  ErrorCode,
  encodeAddRaftVoterResponse,
  newAddRaftVoterResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function addRaftVoterHandler(controller: ControllerApi): ApiHandler<AddRaftVoterRequest, AddRaftVoterResponse> {
  return {
    apiKey: ApiKey.ADD_RAFT_VOTER,
    decode: decodeAddRaftVoterRequest,
    encode: encodeAddRaftVoterResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('ALTER')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return controller.addRaftVoter(controllerContext(context), request);
    },
    failure: (_request, errorCode) => newAddRaftVoterResponse({ errorCode }),
  };
}
