/**
 * Sending where a node is ready for it. Source: KafkaRaftClient (maybeSendRequest, maybeSendFetchToAnyBootstrap).
 */
import type { Quorum } from '../quorum.ts';
import type { NodeAddress, RaftRequest } from '../raft-messages.ts';
import { buildFetchRequest } from '../rpc/01-fetch.ts';

/** Sends if the node is ready. Returns when it is ready next. */
export function sendWhenReady(quorum: Quorum, destination: NodeAddress, build: () => RaftRequest): number {
  const { connections, nowMs } = quorum;
  if (connections.readyAtMs(destination, nowMs) <= nowMs) quorum.send(destination, build());
  return connections.readyAtMs(destination, nowMs);
}

/** Asks any bootstrap server for the log: that it is not the leader tells who is; it may be. Returns when another one can be asked. */
export function seekLeader(quorum: Quorum): number {
  const { connections, nowMs } = quorum;
  if (!quorum.mayFetch) return Number.POSITIVE_INFINITY;
  const server = connections.readyBootstrapServer(nowMs);
  if (server !== null) quorum.send(server, buildFetchRequest(quorum));
  return connections.bootstrapReadyAtMs(nowMs);
}
