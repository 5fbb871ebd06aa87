/**
 * What a scenario is: a cluster of some shape, and the trouble that it gets into while clients write and read.
 */
import type { Admin } from '../clients/admin.ts';
import type { Simulation } from '../cluster/simulation.ts';
import type { TopicConfigs, Workload } from '../workloads/workload.ts';

/** The topic that producers write to in every scenario. */
export const TOPIC = 'ledger';
export const PARTITIONS = 2;
export const REPLICATION_FACTOR = 3;

/** What trouble can be made with. */
export interface Stage {
  readonly simulation: Simulation;
  readonly admin: Admin;
}

export interface Scenario {
  readonly name: string;
  /** Default 3. */
  readonly nodes?: number;
  /** The first so many nodes vote; all by default. */
  readonly voters?: number;
  readonly properties?: Readonly<Record<string, string>>;
  /** Levels of features; the newest unless given. */
  readonly features?: Readonly<Record<string, number>>;
  readonly topicConfigs?: TopicConfigs;
  /** What clients do, with topics of these configurations; default: one producer and one consumer for each partition of a topic. */
  readonly workload?: (simulation: Simulation, admin: Admin, topicConfigs: TopicConfigs) => Workload;
  /** Makes trouble for a while; what it breaks may stay broken. */
  trouble(stage: Stage): Promise<void>;
}
