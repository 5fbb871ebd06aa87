/**
 * Everything at once, by chance.
 */
import type { Simulation } from '../cluster/simulation.ts';
import { between, mayLosePower, someLeader, someNode } from './choosing.ts';
import type { Scenario } from './scenario.ts';

const ROUNDS = 10;

const troubles: readonly ((simulation: Simulation) => void)[] = [
  (simulation) => someNode(simulation)?.kill(),
  (simulation) => someLeader(simulation)?.kill(),
  (simulation) => simulation.activeController?.kill(),
  (simulation) => {
    const node = someNode(simulation);
    if (node !== undefined && mayLosePower(simulation, node)) node.crash();
  },
  (simulation) => someNode(simulation)?.pause(),
  (simulation) => {
    for (const node of simulation.nodes) node.resume();
  },
  (simulation) => {
    const [from, to] = [someNode(simulation), someNode(simulation)];
    if (from !== undefined && to !== undefined && from !== to) simulation.network.block(from.id, to.id);
  },
  (simulation) => {
    const node = someNode(simulation);
    const others = simulation.nodes.filter((other) => other !== node).map(({ id }) => id);
    if (node !== undefined) simulation.network.split([node.id], others);
  },
  (simulation) => simulation.network.heal(),
  (simulation) => {
    for (const node of simulation.nodes) node.start();
  },
  (simulation) => {
    const node = someNode(simulation);
    if (node !== undefined) node.disk = { maxLatencyMs: 300 };
  },
];

export const chaos: Scenario = {
  name: 'chaos',
  nodes: 4,
  voters: 3,
  async trouble({ simulation }) {
    for (let round = 0; round < ROUNDS; round++) {
      troubles[simulation.random.int(troubles.length)]!(simulation);
      await simulation.pass(between(simulation, 50, 2500));
    }
  },
};
