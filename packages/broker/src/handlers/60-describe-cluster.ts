/**
 * DescribeCluster (60), versions 0-2: the brokers of a listener, or the controllers of the quorum.
 *
 * v1 KIP-919 endpoint type: a broker listener describes brokers only, a controller listener controllers only; v2 KIP-1073 fenced brokers on demand.
 * ACLs: none for the list; DESCRIBE on the cluster for its authorized operations.
 */
import {
  ApiKey,
  type DescribeClusterRequest,
  type DescribeClusterResponse,
  decodeDescribeClusterRequest,
  ErrorCode,
  encodeDescribeClusterResponse,
  newDescribeClusterResponse,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { authorizedOperations, OPERATIONS_NOT_REQUESTED } from '../metadata/authorized-operations.ts';
import type { NodeEndpoint } from '../metadata/metadata-cache.ts';

const ENDPOINT_BROKERS = 1;
const ENDPOINT_CONTROLLERS = 2;

/** What this listener describes. */
export interface DescribeClusterParts {
  readonly clusterId: string;
  readonly describes: 'brokers' | 'controllers';
  readonly endpoints: (listenerName: string, includeFenced: boolean) => readonly NodeEndpoint[];
  readonly controllerId: () => number;
}

export function describeClusterHandler(
  parts: DescribeClusterParts,
): ApiHandler<DescribeClusterRequest, DescribeClusterResponse> {
  const endpointType = parts.describes === 'brokers' ? ENDPOINT_BROKERS : ENDPOINT_CONTROLLERS;
  return {
    apiKey: ApiKey.DESCRIBE_CLUSTER,
    decode: decodeDescribeClusterRequest,
    encode: encodeDescribeClusterResponse,
    handle: (context, request) => {
      if (request.endpointType !== endpointType)
        return mismatch(request.endpointType, parts.describes, context.apiVersion);
      const asksOperations = request.includeClusterAuthorizedOperations;
      const mayDescribe = asksOperations && context.mayDoToCluster('DESCRIBE');
      const nodes = parts.endpoints(context.listenerName, request.includeFencedBrokers);
      const controllerId = parts.controllerId();
      return newDescribeClusterResponse({
        endpointType,
        clusterId: parts.clusterId,
        controllerId: nodes.some((node) => node.nodeId === controllerId) ? controllerId : -1,
        brokers: nodes.map((node) => ({
          brokerId: node.nodeId,
          host: node.host,
          port: node.port,
          rack: node.rack,
          isFenced: node.isFenced,
        })),
        clusterAuthorizedOperations: !asksOperations
          ? OPERATIONS_NOT_REQUESTED
          : mayDescribe
            ? authorizedOperations(context, 'CLUSTER', 'kafka-cluster')
            : 0,
      });
    },
    failure: (_request, errorCode) => newDescribeClusterResponse({ errorCode }),
  };
}

function mismatch(asked: number, describes: 'brokers' | 'controllers', version: number): DescribeClusterResponse {
  const refusal = (errorCode: number, errorMessage: string): DescribeClusterResponse =>
    newDescribeClusterResponse({ errorCode: version === 0 ? ErrorCode.INVALID_REQUEST : errorCode, errorMessage });
  if (asked !== ENDPOINT_BROKERS && asked !== ENDPOINT_CONTROLLERS) {
    return refusal(ErrorCode.UNSUPPORTED_ENDPOINT_TYPE, `Unsupported endpoint type ${asked}`);
  }
  const [here, wanted] = describes === 'brokers' ? ['BROKER', 'CONTROLLER'] : ['CONTROLLER', 'BROKER'];
  return refusal(
    ErrorCode.MISMATCHED_ENDPOINT_TYPE,
    `The request was sent to an endpoint of type ${here}, but we wanted an endpoint of type ${wanted}`,
  );
}
