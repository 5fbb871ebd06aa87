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
  const answer = clusterAction(controller.processBrokerHeartbeat);
  return {
    apiKey: ApiKey.BROKER_HEARTBEAT,
    decode: decodeBrokerHeartbeatRequest,
    encode: encodeBrokerHeartbeatResponse,
    handle: (context, request) => {
      connections.onHeartbeat(context.connection, request.brokerId, Number(request.brokerEpoch));
      return answer(context, request);
    },
    failure: (_request, errorCode) => newBrokerHeartbeatResponse({ errorCode }),
  };
}
