/**
 * One run: a cluster comes up, clients write and read, a scenario makes trouble, everything is mended, and what is left is looked at.
 */
import { Admin } from './clients/admin.ts';
import { Simulation } from './cluster/simulation.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { Ledger } from './workloads/ledger.ts';
import { FIRST_CLIENT } from './workloads/workload.ts';

/** What a run was like. */
export interface RunResult {
  /** The same for the same seed and scenario, always. */
  readonly traceHash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly acknowledged: number;
  /** Epochs in which the quorum had a leader. */
  readonly quorumEpochs: number;
}

const ledger: NonNullable<Scenario['workload']> = (...world) => new Ledger(...world);

/** Errors: what must not be, with the seed. */
export async function run(scenario: Scenario, seed: number, isVerbose = false): Promise<RunResult> {
  const { nodes = 3, voters = nodes, properties = {}, features = {} } = scenario;
  const simulation = await Simulation.start({ seed, nodes, voters, properties, features, isVerbose });
  const onUnhandled = (error: unknown): void => simulation.violation(error);
  process.on('unhandledRejection', onUnhandled);
  try {
    return await perform(simulation, scenario);
  } finally {
    process.off('unhandledRejection', onUnhandled);
    simulation.close();
  }
}

async function perform(simulation: Simulation, scenario: Scenario): Promise<RunResult> {
  const admin = new Admin(simulation, FIRST_CLIENT);
  const { topicConfigs = {}, workload: begin = ledger } = scenario;
  const workload = begin(simulation, admin, topicConfigs);
  await workload.open();
  await simulation.pass(1000);
  await scenario.trouble({ simulation, admin });
  await mend(simulation);
  await workload.close();
  const { trace, clock, invariants } = simulation;
  return {
    traceHash: trace.hash,
    events: trace.events,
    virtualMs: Math.round(clock.monotonicMs()),
    acknowledged: workload.acknowledged,
    quorumEpochs: invariants.quorumEpochs,
  };
}

/** Everything works again. */
async function mend(simulation: Simulation): Promise<void> {
  simulation.mayFail = false;
  simulation.network.heal();
  for (const node of simulation.nodes) {
    node.resume();
    node.storage.heal();
    node.disk = { maxLatencyMs: 1 };
    node.start();
  }
}
