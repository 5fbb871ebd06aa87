/**
 * AlterPartition (56), versions 2-3: a leader tells the controller who is in sync (KIP-497). v2 topic ids; v3 KIP-966 broker epochs of the in-sync set. ACLs: CLUSTER_ACTION on
 * the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  type AlterPartitionRequest,
  type AlterPartitionResponse,
  ApiKey,
  decodeAlterPartitionRequest,
  encodeAlterPartitionResponse,
  newAlterPartitionResponse,
} from '@skarab/protocol';
import { clusterAction } from '../controller/cluster-action.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function alterPartitionHandler(
  controller: ControllerApi,
): ApiHandler<AlterPartitionRequest, AlterPartitionResponse> {
  return {
    apiKey: ApiKey.ALTER_PARTITION,
    decode: decodeAlterPartitionRequest,
    encode: encodeAlterPartitionResponse,
    handle: clusterAction((context, request) => controller.alterPartition(context, request)),
    failure: (_request, errorCode) => newAlterPartitionResponse({ errorCode }),
  };
}
