/**
 * Listeners of a replica, and the one of them that others use. Source: org.apache.kafka.raft.Endpoints.
 */
import type { NodeAddress, RequestContext } from './raft-messages.ts';
import type { VoterEndpoint } from './voter-set.ts';

/** The address behind a listener; null when there is no such listener. Names of listeners are compared without case. */
export function addressOf(nodeId: number, endpoints: readonly VoterEndpoint[], listener: string): NodeAddress | null {
  const name = listener.toUpperCase();
  const endpoint = endpoints.find((candidate) => candidate.name.toUpperCase() === name);
  return endpoint === undefined ? null : { nodeId, host: endpoint.host, port: endpoint.port };
}

/** What a response says of where the leader is; versions below `sinceVersion` say nothing. */
export function leaderAddresses(
  leaderId: number | null,
  endpoints: readonly VoterEndpoint[],
  context: RequestContext,
  sinceVersion: number,
): NodeAddress[] {
  if (leaderId === null || context.apiVersion < sinceVersion) return [];
  const address = addressOf(leaderId, endpoints, context.listener);
  return address === null ? [] : [address];
}

/** The listener of the leader as a response names it. */
export function endpointsOf(addresses: readonly NodeAddress[], leaderId: number, listener: string): VoterEndpoint[] {
  const address = addresses.find(({ nodeId }) => nodeId === leaderId);
  return address === undefined ? [] : [{ name: listener, host: address.host, port: address.port }];
}
