/**
 * AssignReplicasToDirs (73), version 0: a broker tells in which log directories its replicas are (KIP-858). ACLs: CLUSTER_ACTION on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiKey,
  type AssignReplicasToDirsRequest,
  type AssignReplicasToDirsResponse,
  decodeAssignReplicasToDirsRequest,
  encodeAssignReplicasToDirsResponse,
  newAssignReplicasToDirsResponse,
} from '@skarab/protocol';
import { clusterAction } from '../controller/cluster-action.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function assignReplicasToDirsHandler(
  controller: ControllerApi,
): ApiHandler<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse> {
  return {
    apiKey: ApiKey.ASSIGN_REPLICAS_TO_DIRS,
    decode: decodeAssignReplicasToDirsRequest,
    encode: encodeAssignReplicasToDirsResponse,
    handle: clusterAction((context, request) => controller.assignReplicasToDirs(context, request)),
    failure: (_request, errorCode) => newAssignReplicasToDirsResponse({ errorCode }),
  };
}
