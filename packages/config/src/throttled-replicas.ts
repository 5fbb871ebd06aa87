/**
 * The value of leader.replication.throttled.replicas and follower.replication.throttled.replicas.
 *
 * Source: ThrottledReplicaListValidator, TopicConfigHandler.parseThrottledPartitions.
 */

/** A replica that is throttled. */
export interface ThrottledReplica {
  readonly partition: number;
  readonly brokerId: number;
}

/** `*` for all replicas of the topic, or the replicas listed as `partition:broker`; undefined for another form. */
export function parseThrottledReplicas(values: readonly string[]): '*' | readonly ThrottledReplica[] | undefined {
  const entries = values.map((value) => value.trim());
  if (entries.join('') === '*') return '*';
  if (!entries.every((entry) => /^([0-9]+:[0-9]+)?$/.test(entry))) return undefined;
  return entries.filter((entry) => entry !== '').map(parseThrottledReplica);
}

function parseThrottledReplica(entry: string): ThrottledReplica {
  const [partition, brokerId] = entry.split(':').map(Number);
  return { partition: partition ?? -1, brokerId: brokerId ?? -1 };
}
