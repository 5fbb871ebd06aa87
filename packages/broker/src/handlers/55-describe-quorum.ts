/**
 * DescribeQuorum (55), versions 0-2: voters and observers of the metadata log.
 *
 * v1 KIP-836 timestamps; v2 KIP-853 directory ids and endpoints. ACLs: DESCRIBE on the cluster.
 */
import { ZERO_UUID } from '@skarab/base';
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  type DescribeQuorumRequest,
  type DescribeQuorumResponse,
  type DescribeQuorumResponseReplicaState,
  decodeDescribeQuorumRequest,
  ErrorCode,
  encodeDescribeQuorumResponse,
  newDescribeQuorumResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

const DIRECTORIES_VERSION = 2;

export function describeQuorumHandler(
  controller: ControllerApi,
): ApiHandler<DescribeQuorumRequest, DescribeQuorumResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_QUORUM,
    decode: decodeDescribeQuorumRequest,
    encode: encodeDescribeQuorumResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('DESCRIBE')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      const described = controller.describeQuorum(controllerContext(context), request);
      return context.apiVersion >= DIRECTORIES_VERSION ? described : described.then(withoutDirectories);
    },
    failure: (_request, errorCode) => newDescribeQuorumResponse({ errorCode }),
  };
}

/** Versions before 2 cannot tell directories and endpoints. */
function withoutDirectories(response: DescribeQuorumResponse): DescribeQuorumResponse {
  const plain = (states: DescribeQuorumResponseReplicaState[]): DescribeQuorumResponseReplicaState[] =>
    states.map((state) => ({ ...state, replicaDirectoryId: ZERO_UUID }));
  const topics = response.topics.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map((partition) => ({
      ...partition,
      currentVoters: plain(partition.currentVoters),
      observers: plain(partition.observers),
    })),
  }));
  return { ...response, topics, nodes: [] };
}
