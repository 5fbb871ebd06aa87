/**
 * BrokerHeartbeat (63), versions 0-2: a broker is alive, wants to be fenced, or wants to stop (KIP-631). v1 failed log directories (KIP-858); v2 cordoned ones (KIP-1066). ACLs:
 * CLUSTER_ACTION on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiKey,
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponse,
  decodeBrokerHeartbeatRequest,
  ErrorCode,
  encodeBrokerHeartbeatResponse,
  newBrokerHeartbeatResponse,
} from '@skarab/protocol';
import type { BrokerConnections } from '../controller/broker-connections.ts';
import { clusterAction } from '../controller/cluster-action.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function brokerHeartbeatHandler(
  controller: ControllerApi,
  connections: BrokerConnections,
): ApiHandler<BrokerHeartbeatRequest, BrokerHeartbeatResponse> {
  const answer = clusterAction<BrokerHeartbeatRequest, BrokerHeartbeatResponse>((context, request) =>
    controller.processBrokerHeartbeat(context, request),
  );
  return {
    apiKey: ApiKey.BROKER_HEARTBEAT,
    decode: decodeBrokerHeartbeatRequest,
    encode: encodeBrokerHeartbeatResponse,
    handle: async (context, request) => {
      const response = await answer(context, request);
      // Only the connection of a broker that was let in and is registered in this epoch says something about it.
      if (response.errorCode === ErrorCode.NONE)
        connections.onHeartbeat(context.connection, request.brokerId, Number(request.brokerEpoch));
      return response;
    },
    failure: (_request, errorCode) => newBrokerHeartbeatResponse({ errorCode }),
  };
}
