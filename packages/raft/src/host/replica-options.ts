/**
 * What the core is told of the node that it is the replica of.
 */

import { addressOf } from '../core/endpoints.ts';
import type { ReplicaOptions } from '../core/quorum.ts';
import { DEFAULT_QUORUM_CONFIG } from '../core/quorum-config.ts';
import type { NodeAddress } from '../core/raft-messages.ts';
import { SUPPORTED_KRAFT_VERSIONS, type VoterSet } from '../core/voter-set.ts';
import type { RaftNodeOptions } from './raft-node-options.ts';

/** Ids of bootstrap servers go down from here. */
const FIRST_BOOTSTRAP_ID = -2;

/** The options of the core. */
export function replicaOptions(options: RaftNodeOptions): ReplicaOptions {
  const { nodeId, directoryId, endpoints, clusterId, staticVoters, canBecomeVoter = true, random } = options;
  const listener = options.listenerName ?? endpoints[0]?.name ?? '';
  return {
    local: { key: { id: nodeId, directoryId }, endpoints, kraftVersions: SUPPORTED_KRAFT_VERSIONS },
    listener,
    clusterId,
    config: { ...DEFAULT_QUORUM_CONFIG, ...options.quorum },
    canBecomeVoter,
    bootstrapServers: bootstrapServers(options.bootstrapServers ?? [], staticVoters, listener, nodeId),
    random,
  };
}

function bootstrapServers(
  servers: readonly { readonly host: string; readonly port: number }[],
  staticVoters: VoterSet,
  listener: string,
  nodeId: number,
): readonly NodeAddress[] {
  if (servers.length > 0) {
    return servers.map(({ host, port }, index) => ({ nodeId: FIRST_BOOTSTRAP_ID - index, host, port }));
  }
  const addresses: NodeAddress[] = [];
  for (const { key, endpoints } of staticVoters) {
    const address = key.id === nodeId ? null : addressOf(key.id, endpoints, listener);
    if (address !== null) addresses.push(address);
  }
  return addresses;
}
