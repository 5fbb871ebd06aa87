/**
 * Roads of the network are blocked.
 */
import type { SimNode } from '../cluster/sim-node.ts';
import type { Simulation } from '../cluster/simulation.ts';
import { between, someLeader, someNode } from './choosing.ts';
import type { Scenario } from './scenario.ts';

function othersThan({ nodes }: Simulation, node: SimNode): number[] {
  return nodes.filter(({ id }) => id !== node.id).map(({ id }) => id);
}

async function isolate(simulation: Simulation, node: SimNode | undefined): Promise<void> {
  if (node !== undefined) simulation.network.split([node.id], othersThan(simulation, node));
  await simulation.pass(between(simulation, 100, 9000));
  simulation.network.heal();
  await simulation.pass(between(simulation, 50, 3000));
}

/** Clients still reach it: what it takes now must not count. */
export const partitionedLeader: Scenario = {
  name: 'partitioned-leader',
  async trouble({ simulation }) {
    for (let round = 0; round < 2; round++) await isolate(simulation, someLeader(simulation));
  },
};

export const partitionedController: Scenario = {
  name: 'partitioned-controller',
  async trouble({ simulation }) {
    for (let round = 0; round < 2; round++) await isolate(simulation, simulation.activeController);
  },
};

/** Bytes pass in one direction and not in the other. */
export const oneWayPartition: Scenario = {
  name: 'one-way-partition',
  async trouble({ simulation }) {
    for (let round = 0; round < 3; round++) {
      const node = someNode(simulation) ?? simulation.node(1);
      const isDeaf = simulation.random.int(2) === 0;
      for (const other of othersThan(simulation, node)) {
        if (simulation.random.int(4) === 0) continue;
        if (isDeaf) simulation.network.block(other, node.id);
        else simulation.network.block(node.id, other);
      }
      await simulation.pass(between(simulation, 100, 9000));
      simulation.network.heal();
      await simulation.pass(between(simulation, 50, 3000));
    }
  },
};

/** Much is lost and late, and connections break again and again. */
export const badWeather: Scenario = {
  name: 'bad-weather',
  async trouble({ simulation }) {
    const { network } = simulation;
    const fair = network.weather;
    network.weather = { maxLatencyMs: 80, lossShare: 0.1, retransmitMs: 400 };
    for (let round = 0; round < 4; round++) {
      const [a, b] = [someNode(simulation), someNode(simulation)];
      if (a !== undefined && b !== undefined && a !== b) network.split([a.id], [b.id]);
      await simulation.pass(between(simulation, 50, 2500));
      network.heal();
      await simulation.pass(between(simulation, 50, 500));
    }
    network.weather = fair;
  },
};
