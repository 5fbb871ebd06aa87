/**
 * RemoveRaftVoter (81), version 0: a voter is one no more (KIP-853). ACLs: ALTER on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  decodeRemoveRaftVoterRequest,
  ErrorCode,
  encodeRemoveRaftVoterResponse,
  newRemoveRaftVoterResponse,
  type RemoveRaftVoterRequest,
  type RemoveRaftVoterResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function removeRaftVoterHandler(
  controller: ControllerApi,
): ApiHandler<RemoveRaftVoterRequest, RemoveRaftVoterResponse> {
  return {
    apiKey: ApiKey.REMOVE_RAFT_VOTER,
    decode: decodeRemoveRaftVoterRequest,
    encode: encodeRemoveRaftVoterResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('ALTER')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return controller.removeRaftVoter(controllerContext(context), request);
    },
    failure: (_request, errorCode) => newRemoveRaftVoterResponse({ errorCode }),
  };
}
