/**
 * Brokers die, stand still or are cut off, one after the other, and come back.
 */
import type { SimNode } from '../cluster/sim-node.ts';
import type { Simulation } from '../cluster/simulation.ts';
import { between, dying } from './choosing.ts';

export type Victim = (simulation: Simulation) => SimNode | undefined;

/** Nothing passes between a node and the others, or not in one direction. */
function cutOff(node: SimNode, { nodes, network, random }: Simulation): void {
  const direction = random.int(3);
  for (const { id } of nodes) {
    if (id === node.id) continue;
    if (direction !== 0) network.block(node.id, id);
    if (direction !== 1) network.block(id, node.id);
  }
}

const troubles: readonly ((node: SimNode, simulation: Simulation, mayLose: boolean) => void)[] = [
  ...dying,
  (node) => node.pause(),
  cutOff,
];

/** One of the victims is hurt for a while, so many times. */
export async function hurt(simulation: Simulation, victims: readonly Victim[], rounds: number): Promise<void> {
  const { random, network } = simulation;
  const mayLose = random.int(2) === 0;
  for (let round = 0; round < rounds; round++) {
    const victim = victims[random.int(victims.length)]!(simulation);
    if (victim !== undefined) troubles[random.int(troubles.length)]!(victim, simulation, mayLose);
    await simulation.pass(between(simulation, 50, 5000));
    network.heal();
    victim?.resume();
    victim?.start();
    await simulation.pass(between(simulation, 50, 2000));
  }
}
