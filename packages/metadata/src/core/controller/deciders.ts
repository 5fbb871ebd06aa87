/**
 * All deciders of a controller, over one state.
 */
import type { Random } from '@skarab/base';
import { AlterConfigs } from './alter-configs.ts';
import { BrokerLifecycle } from './broker-lifecycle.ts';
import { ClusterControl } from './cluster-control.ts';
import { ConfigurationControl, type ConfigurationOptions } from './configuration-control.ts';
import type { ControllerState } from './controller-state.ts';
import { DelegationTokenControl, type DelegationTokenSettings } from './delegation-token-control.ts';
import { DirectoryAssignment } from './directory-assignment.ts';
import { Elections } from './elections.ts';
import { FeatureControl, type KraftVersionPort, type QuorumFeatures } from './feature-control.ts';
import { IsrChanges } from './isr-changes.ts';
import { Leadership } from './leadership.ts';
import { PartitionCreation } from './partition-creation.ts';
import { PartitionPlanner } from './partition-planner.ts';
import { Reassignments } from './reassignments.ts';
import { TopicCreation, type TopicDefaults } from './topic-creation.ts';
import { TopicDeletion } from './topic-deletion.ts';

/** What the deciders go by besides the state. */
export interface DeciderOptions {
  readonly clusterId: string;
  readonly configuration: ConfigurationOptions;
  readonly quorum: QuorumFeatures;
  readonly kraftVersion: KraftVersionPort;
  readonly topicDefaults: TopicDefaults;
  /** `delete.topic.enable`. */
  readonly isTopicDeletionEnabled: boolean;
  readonly delegationTokens: DelegationTokenSettings;
  readonly random: Random;
}

/** Deciders that keep a view of the state; the others are functions. */
export class Deciders {
  readonly cluster: ClusterControl;
  readonly lifecycle: BrokerLifecycle;
  readonly configuration: ConfigurationControl;
  readonly alterConfigs: AlterConfigs;
  readonly features: FeatureControl;
  readonly topicCreation: TopicCreation;
  readonly topicDeletion: TopicDeletion;
  readonly partitionCreation: PartitionCreation;
  readonly isrChanges: IsrChanges;
  readonly elections: Elections;
  readonly reassignments: Reassignments;
  readonly directories: DirectoryAssignment;
  readonly delegationTokens: DelegationTokenControl;

  constructor(state: ControllerState, options: DeciderOptions) {
    const { clusterId, random, quorum, kraftVersion } = options;
    this.cluster = new ClusterControl(state, clusterId, (id, isClean) => this.lifecycle.shutdownRecords(id, isClean));
    this.configuration = new ConfigurationControl(state, options.configuration);
    this.features = new FeatureControl(state, this.configuration, quorum, kraftVersion);
    this.alterConfigs = new AlterConfigs(state, this.configuration, this.features);
    const leadership = new Leadership(state, this.cluster, this.configuration);
    const planner = new PartitionPlanner(state, this.cluster, random);
    this.lifecycle = new BrokerLifecycle(state, this.cluster, leadership);
    this.topicCreation = new TopicCreation(state, this.configuration, planner, random, options.topicDefaults);
    this.topicDeletion = new TopicDeletion(state, random, options.isTopicDeletionEnabled);
    this.partitionCreation = new PartitionCreation(state, planner);
    this.isrChanges = new IsrChanges(state, this.cluster, leadership);
    this.elections = new Elections(state, this.configuration, leadership);
    this.reassignments = new Reassignments(state, leadership, planner);
    this.directories = new DirectoryAssignment(state, this.cluster, leadership);
    this.delegationTokens = new DelegationTokenControl(state, options.delegationTokens, random);
  }
}
