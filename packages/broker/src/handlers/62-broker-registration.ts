/**
 * BrokerRegistration (62), versions 0-4: a broker joins the cluster in a new incarnation (KIP-631). v2 log directories (KIP-858); v3 the epoch before (KIP-966); v4 features
 * from level 0 on (KIP-1022). ACLs: CLUSTER_ACTION on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiKey,
  type BrokerRegistrationRequest,
  type BrokerRegistrationResponse,
  decodeBrokerRegistrationRequest,
  encodeBrokerRegistrationResponse,
  newBrokerRegistrationResponse,
} from '@skarab/protocol';
import { clusterAction } from '../controller/cluster-action.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function brokerRegistrationHandler(
  controller: ControllerApi,
): ApiHandler<BrokerRegistrationRequest, BrokerRegistrationResponse> {
  return {
    apiKey: ApiKey.BROKER_REGISTRATION,
    decode: decodeBrokerRegistrationRequest,
    encode: encodeBrokerRegistrationResponse,
    handle: clusterAction((context, request) => controller.registerBroker(context, request)),
    failure: (_request, errorCode) => newBrokerRegistrationResponse({ errorCode }),
  };
}
