/**
 * What handlers of APIs between nodes have in common: only who may act for the cluster gets to the controller.
 *
 * Source: kafka.server.ControllerApis (authorizeClusterOperation CLUSTER_ACTION).
 */
import type { ControllerRequestContext } from '@skarab/metadata';
import { ApiError, ErrorCode } from '@skarab/protocol';
import type { RequestContext } from '../dispatch/request-context.ts';
import { controllerContext } from './access.ts';

/** Passes a request on when the peer may act for the cluster. Errors: ApiError CLUSTER_AUTHORIZATION_FAILED. */
export function clusterAction<Request, Response>(
  call: (context: ControllerRequestContext, request: Request) => Promise<Response>,
): (context: RequestContext, request: Request) => Promise<Response> {
  return (context, request) => {
    if (!context.mayDoToCluster('CLUSTER_ACTION')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
    return call(controllerContext(context), request);
  };
}
