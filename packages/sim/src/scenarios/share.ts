/**
 * Members of a share group come, go and die, and so do those who lead what they are given, and those who keep what became of it.
 */
import { LOCK_DURATION_MS, Shared } from '../workloads/shared.ts';
import { someLeader, someNode } from './choosing.ts';
import { hurt, type Victim } from './hurting.ts';
import type { Scenario } from './scenario.ts';

const ROUNDS = 6;
const COORDINATOR_PARTITIONS = 2;

const victims: readonly Victim[] = [
  someNode,
  someLeader,
  (simulation) => someLeader(simulation, '__share_group_state', COORDINATOR_PARTITIONS),
  (simulation) => someLeader(simulation, '__consumer_offsets', 1),
  ({ activeController }) => activeController,
];

export const share: Scenario = {
  name: 'share',
  properties: {
    'group.share.min.session.timeout.ms': '1000',
    'group.share.session.timeout.ms': '6000',
    'group.share.min.heartbeat.interval.ms': '500',
    'group.share.heartbeat.interval.ms': '500',
    'group.share.min.record.lock.duration.ms': '1000',
    'group.share.record.lock.duration.ms': String(LOCK_DURATION_MS),
    'group.share.delivery.count.limit': '10',
    'share.coordinator.state.topic.num.partitions': String(COORDINATOR_PARTITIONS),
    // Snapshots as well as updates.
    'share.coordinator.snapshot.update.records.per.snapshot': '20',
  },
  workload: (...world) => new Shared(...world),
  trouble: ({ simulation }) => hurt(simulation, victims, ROUNDS),
};
