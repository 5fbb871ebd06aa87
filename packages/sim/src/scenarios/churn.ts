/**
 * Members of a group come, go and die for ten minutes, and so do brokers now and then.
 */
import type { SimNode } from '../cluster/sim-node.ts';
import type { Simulation } from '../cluster/simulation.ts';
import { Churn, SESSION_TIMEOUT_MS } from '../workloads/churn.ts';
import { between, someLeader, someNode } from './choosing.ts';
import type { Scenario } from './scenario.ts';

const DURATION_MS = 600_000;
/** Shorter than a broker's session: whoever stands still longer may be replaced, and tell members what is not so any more, before it learns of that. */
const MAX_PAUSE_MS = 3000;

const victims: readonly ((simulation: Simulation) => SimNode | undefined)[] = [
  someNode,
  someLeader,
  (simulation) => someLeader(simulation, '__consumer_offsets', 1),
  ({ activeController }) => activeController,
];

export const churn: Scenario = {
  name: 'churn',
  properties: {
    'group.consumer.min.session.timeout.ms': '1000',
    'group.consumer.session.timeout.ms': String(SESSION_TIMEOUT_MS),
    'group.consumer.min.heartbeat.interval.ms': '500',
    'group.consumer.heartbeat.interval.ms': '2000',
  },
  workload: (...world) => new Churn(...world),
  async trouble({ simulation }) {
    const { random, clock } = simulation;
    const endMs = clock.monotonicMs() + DURATION_MS;
    while (clock.monotonicMs() < endMs) {
      await simulation.pass(between(simulation, 1000, 60_000));
      const victim = victims[random.int(victims.length)]!(simulation);
      if (random.int(2) === 0) {
        victim?.kill();
        await simulation.pass(between(simulation, 50, 10_000));
        victim?.start();
      } else {
        victim?.pause();
        await simulation.pass(between(simulation, 50, MAX_PAUSE_MS));
        victim?.resume();
      }
    }
  },
};
