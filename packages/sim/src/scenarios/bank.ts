/**
 * Money is moved by transactions, while those who move it die, and brokers and coordinators are killed, lose power, stand still, or are cut off.
 */
import type { SimNode } from '../cluster/sim-node.ts';
import type { Simulation } from '../cluster/simulation.ts';
import { ACCOUNTS_TOPIC, Bank } from '../workloads/bank.ts';
import { between, dying, someLeader, someNode } from './choosing.ts';
import { clockJumps } from './clocks.ts';
import type { Scenario, Stage } from './scenario.ts';

const COORDINATOR_PARTITIONS = 2;

const victims: readonly ((simulation: Simulation) => SimNode | undefined)[] = [
  someNode,
  (simulation) => someLeader(simulation, ACCOUNTS_TOPIC),
  (simulation) => someLeader(simulation, '__transaction_state', COORDINATOR_PARTITIONS),
  (simulation) => someLeader(simulation, '__consumer_offsets', 1),
  ({ activeController }) => activeController,
];

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

const properties = {
  'transaction.state.log.num.partitions': String(COORDINATOR_PARTITIONS),
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
};

async function trouble({ simulation }: Stage): Promise<void> {
  const { random, network } = simulation;
  const mayLose = random.int(2) === 0;
  for (let round = 0; round < 4; round++) {
    const victim = victims[random.int(victims.length)]!(simulation);
    if (victim !== undefined) troubles[random.int(troubles.length)]!(victim, simulation, mayLose);
    await simulation.pass(between(simulation, 50, 5000));
    network.heal();
    victim?.resume();
    victim?.start();
    await simulation.pass(between(simulation, 50, 2000));
  }
}

const LATEST_TRANSACTION_VERSION = 2;

function bankOf(name: string, transactionVersion: number): Scenario {
  return {
    name,
    features: { 'transaction.version': transactionVersion },
    properties,
    workload: (...world) => new Bank(...world, { transactionVersion, hasSteadyClocks: true }),
    trouble,
  };
}

export const bank = bankOf('bank', LATEST_TRANSACTION_VERSION);
/** Producers add partitions and the offsets of groups to their transactions, whose epoch stays the same. */
export const bankVersion0 = bankOf('bank-version-0', 0);
export const bankVersion1 = bankOf('bank-version-1', 1);

/** A transaction whose processor died may stay open until the next one comes. */
export const bankClockJumps: Scenario = {
  ...clockJumps,
  name: 'bank-clock-jumps',
  properties,
  workload: (...world) =>
    new Bank(...world, { transactionVersion: LATEST_TRANSACTION_VERSION, hasSteadyClocks: false }),
};
