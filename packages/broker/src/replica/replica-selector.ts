/**
 * Which replica a consumer should read from: the leader, or one in its own rack.
 *
 * Source: KIP-392, org.apache.kafka.common.replica.RackAwareReplicaSelector, kafka.server.ReplicaManager.findPreferredReadReplica.
 */
import { ConfigError } from '@skarab/base';
import type { Partition } from './partition.ts';

/** A replica that a consumer could read from. */
export interface ReplicaView {
  readonly brokerId: number;
  readonly rack: string | null;
  readonly logEndOffset: number;
  /** Since when it was last caught up. */
  readonly lagMs: number;
}

/** Chooses among `followers` and `leader` for a consumer in `rack`; undefined: the leader. */
export type ReplicaSelector = (
  rack: string,
  leader: ReplicaView,
  followers: readonly ReplicaView[],
) => ReplicaView | undefined;

/** A consumer's own rack first: the leader if it is there, else the replica that has most. */
export const selectRackAware: ReplicaSelector = (rack, leader, followers) => {
  if (rack === '' || leader.rack === rack) return undefined;
  const inRack = followers.filter((replica) => replica.rack === rack);
  return inRack.sort((a, b) => b.logEndOffset - a.logEndOffset || a.lagMs - b.lagMs || b.brokerId - a.brokerId)[0];
};

const RACK_AWARE = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';

/** The selector that `replica.selector.class` names; undefined without one. Errors: ConfigError for classes that are not built in. */
export function replicaSelectorOf(className: string | null): ReplicaSelector | undefined {
  if (className === null || className === '') return undefined;
  if (className === RACK_AWARE) return selectRackAware;
  throw new ConfigError('replica.selector.class', className, `only ${RACK_AWARE} is built in`);
}

/** How replicas are chosen here. */
export interface ReplicaSelection {
  readonly select: ReplicaSelector;
  /** Rack of a broker that is alive and reached by the consumer's listener; undefined for others. */
  readonly rackOf: (brokerId: number) => string | null | undefined;
  readonly nowMs: () => number;
}

/** The follower that a consumer in `rack` should read `fetchOffset` from; undefined when that is this leader. */
export function preferredReadReplica(
  partition: Partition,
  { select, rackOf, nowMs }: ReplicaSelection,
  leaderId: number,
  rack: string,
  fetchOffset: number,
): number | undefined {
  const { leadership, log } = partition;
  if (leadership === undefined || leadership.isAlone) return undefined;
  const followers: ReplicaView[] = [];
  for (const { brokerId, logEndOffset, logStartOffset, lastCaughtUpMs } of leadership.followers) {
    const ownRack = rackOf(brokerId);
    const hasOffset = logEndOffset >= fetchOffset && logStartOffset <= fetchOffset;
    // One out of sync may fall behind more and more, and the consumer with it.
    if (ownRack === undefined || !hasOffset || !leadership.isr.includes(brokerId)) continue;
    followers.push({ brokerId, rack: ownRack, logEndOffset, lagMs: nowMs() - lastCaughtUpMs });
  }
  const leader = { brokerId: leaderId, rack: rackOf(leaderId) ?? null, logEndOffset: log.logEndOffset, lagMs: 0 };
  return select(rack, leader, followers)?.brokerId;
}
