/**
 * Everything at once, by chance.
 */
import type { SimNode } from '../cluster/sim-node.ts';
import type { Simulation } from '../cluster/simulation.ts';
import { between, dying, someLeader, someNode } from './choosing.ts';
import type { Scenario } from './scenario.ts';

const ROUNDS = 10;

type Trouble = (simulation: Simulation) => void;

const victims: readonly ((simulation: Simulation) => SimNode | undefined)[] = [
  someNode,
  someLeader,
  ({ activeController }) => activeController,
];

const troubles: readonly Trouble[] = [
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
    const { random } = simulation;
    const mayLose = random.int(2) === 0;
    for (let round = 0; round < ROUNDS; round++) {
      const victim = random.int(3) === 0 ? victims[random.int(victims.length)]!(simulation) : undefined;
      if (victim !== undefined) dying[random.int(dying.length)]!(victim, simulation, mayLose);
      else troubles[random.int(troubles.length)]!(simulation);
      await simulation.pass(between(simulation, 50, 2500));
    }
  },
};
