/**
 * Money is moved by transactions, while those who move it die, and brokers and coordinators are killed, lose power, stand still, or are cut off.
 */
import { ACCOUNTS_TOPIC, Bank } from '../workloads/bank.ts';
import { someLeader, someNode } from './choosing.ts';
import { clockJumps } from './clocks.ts';
import { hurt, type Victim } from './hurting.ts';
import type { Scenario } from './scenario.ts';

const COORDINATOR_PARTITIONS = 2;
const ROUNDS = 4;

const victims: readonly Victim[] = [
  someNode,
  (simulation) => someLeader(simulation, ACCOUNTS_TOPIC),
  (simulation) => someLeader(simulation, '__transaction_state', COORDINATOR_PARTITIONS),
  (simulation) => someLeader(simulation, '__consumer_offsets', 1),
  ({ activeController }) => activeController,
];

const properties = {
  'transaction.state.log.num.partitions': String(COORDINATOR_PARTITIONS),
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
};

const LATEST_TRANSACTION_VERSION = 2;

function bankOf(name: string, transactionVersion: number): Scenario {
  return {
    name,
    features: { 'transaction.version': transactionVersion },
    properties,
    workload: (...world) => new Bank(...world, { transactionVersion, hasSteadyClocks: true }),
    trouble: ({ simulation }) => hurt(simulation, victims, ROUNDS),
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
