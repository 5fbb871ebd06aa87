/**
 * What handlers of the quorum's own APIs have in common: the peer must be let in, then the replica of the metadata log answers.
 *
 * Source: kafka.server.ControllerApis.handleRaftRequest.
 */
import { ApiError, ErrorCode, type Reader, type Writer } from '@skarab/protocol';
import type { RaftApiKey, RaftApis, RequestContext as RaftRequestContext } from '@skarab/raft';
import type { AclOperation } from '@skarab/security';
import type { ApiHandler } from '../../dispatch/api-handler.ts';

/** The replica of the metadata log on this node; a `MetadataNode`. */
export interface QuorumReplica {
  handleRaft<K extends RaftApiKey>(
    apiKey: K,
    message: RaftApis[K]['request'],
    context: RaftRequestContext,
  ): Promise<RaftApis[K]['response']>;
}

/** What distinguishes one API from another. */
export interface QuorumApi<K extends RaftApiKey> {
  readonly apiKey: K;
  readonly operation: AclOperation;
  readonly decode: (reader: Reader, version: number) => RaftApis[K]['request'];
  readonly encode: (writer: Writer, response: RaftApis[K]['response'], version: number) => void;
  readonly failure: (errorCode: number) => RaftApis[K]['response'];
}

/** A handler that asks the replica. Errors: CLUSTER_AUTHORIZATION_FAILED in the answer. */
export function quorumHandler<K extends RaftApiKey>(
  { apiKey, operation, decode, encode, failure }: QuorumApi<K>,
  replica: QuorumReplica,
): ApiHandler<RaftApis[K]['request'], RaftApis[K]['response']> {
  return {
    apiKey,
    decode,
    encode,
    handle: (context, request) => {
      if (!context.mayDoToCluster(operation)) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      const { listenerName: listener, apiVersion } = context;
      return replica.handleRaft(apiKey, request, { listener, apiVersion });
    },
    failure: (_request, errorCode) => failure(errorCode),
  };
}
