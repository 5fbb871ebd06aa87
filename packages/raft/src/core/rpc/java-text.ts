/**
 * How Kafka prints replicas and endpoints in the messages that its tools show.
 */
import type { ReplicaKey } from '../replica-key.ts';
import type { VoterEndpoint } from '../voter-set.ts';

/** A replica. Source: org.apache.kafka.raft.ReplicaKey. */
export function describeReplica({ id, directoryId }: ReplicaKey): string {
  return `ReplicaKey(id=${id}, directoryId=${directoryId ?? '<undefined>'})`;
}

/** Listeners with their addresses. Source: org.apache.kafka.raft.Endpoints. */
export function describeEndpoints(endpoints: readonly VoterEndpoint[]): string {
  const entries = endpoints.map(({ name, host, port }) => `ListenerName(${name})=${host}/<unresolved>:${port}`);
  return `Endpoints(endpoints={${entries.join(', ')}})`;
}
