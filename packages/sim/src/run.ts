/**
 * One run: a cluster comes up, clients write and read, a scenario makes trouble, everything is mended, and what is left is looked at.
 */
import { Admin } from './clients/admin.ts';
import { Committer } from './clients/committer.ts';
import { Producer } from './clients/producer.ts';
import { Reader } from './clients/reader.ts';
import { Simulation } from './cluster/simulation.ts';
import { areEqual, endsOf, validate } from './cluster/validation.ts';
import { PARTITIONS, REPLICATION_FACTOR, type Scenario, TOPIC } from './scenarios/scenario.ts';

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

/** After everything is mended, all partitions have leaders and take writes within this time. */
const RECOVERY_MS = 30_000;
/** And all replicas are equal within this one. */
const CATCH_UP_MS = 60_000;
const FIRST_CLIENT = 100;

/** Errors: what must not be, with the seed. */
export async function run(scenario: Scenario, seed: number, isVerbose = false): Promise<RunResult> {
  const { nodes = 3, voters = nodes, properties = {} } = scenario;
  const simulation = await Simulation.start({ seed, nodes, voters, properties, isVerbose });
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
  const shape = { partitions: PARTITIONS, replicationFactor: REPLICATION_FACTOR };
  const configs = { 'min.insync.replicas': '2', ...scenario.topicConfigs };
  await simulation.run('the topic is made', admin.createTopic(TOPIC, shape, configs), RECOVERY_MS);
  const producers: Producer[] = [];
  const readers: Reader[] = [];
  for (let i = 0; i < PARTITIONS; i++) {
    producers.push(new Producer(simulation, FIRST_CLIENT + 1 + i, TOPIC, i));
    readers.push(new Reader(simulation, FIRST_CLIENT + 11 + i, TOPIC, i));
  }
  const committer = new Committer(simulation, FIRST_CLIENT + 21, TOPIC);
  for (const client of [...producers, ...readers, committer]) client.start();
  const acknowledged = (): number => producers.reduce((sum, producer) => sum + producer.acknowledged.length, 0);
  await simulation.pass(1000);
  await scenario.trouble({ simulation, admin, acknowledged });
  await mend(simulation);
  const counts = producers.map((producer) => producer.acknowledged.length);
  const accepts = (): boolean => producers.every((producer, i) => producer.acknowledged.length > counts[i]!);
  await simulation.until('all partitions take writes', accepts, RECOVERY_MS);
  await simulation.run('writers end', Promise.all(producers.map((producer) => producer.stop())), RECOVERY_MS);
  const isEqual = (): boolean => producers.every((_, i) => areEqual(simulation, TOPIC, i, REPLICATION_FACTOR));
  await simulation.until('all replicas are equal', isEqual, CATCH_UP_MS).catch((error: unknown) => {
    throw new Error(`${error}: ${producers.map((_, i) => endsOf(simulation, TOPIC, i)).join(', ')}`, { cause: error });
  });
  const isRead = (): boolean => readers.every(({ seen }, i) => seen.length > producers[i]!.acknowledged.at(-1)!.offset);
  await simulation.until('consumers are shown everything', isRead, RECOVERY_MS);
  await simulation.run('readers end', Promise.all(readers.map((reader) => reader.stop())), RECOVERY_MS);
  await simulation.run('the committed offset is found', committer.stop(), RECOVERY_MS);
  for (const [i, producer] of producers.entries()) validate(simulation, producer, readers[i]!);
  const { trace, clock, invariants } = simulation;
  return {
    traceHash: trace.hash,
    events: trace.events,
    virtualMs: Math.round(clock.monotonicMs()),
    acknowledged: acknowledged(),
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
