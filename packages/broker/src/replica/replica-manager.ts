/**
 * The replicas of this broker: makes, updates and removes partitions as the metadata says, and passes what happens to logs on to them.
 *
 * The only place where metadata, logs and partitions meet. Long changes (a topic of a thousand partitions) are applied in slices
 * that leave the loop to others. Source: kafka.server.ReplicaManager.applyDelta.
 */
import { type Clock, type Logger, StorageError, type Timer } from '@skarab/base';
import type { TopicConfig } from '@skarab/config';
import type { LogManager } from '@skarab/log';
import {
  isReservedDirectory,
  type LocalPartition,
  type LocalReplica,
  localReplicaChanges,
  type MetadataDelta,
  NO_LEADER,
  UNASSIGNED_DIRECTORY,
} from '@skarab/metadata';
import { logConfigOf } from '../config/log-config.ts';
import { Partition } from './partition.ts';
import type { ReplicaSet } from './replica-set.ts';
import type { ReplicationEnvironment } from './replication-environment.ts';
import type { ReplicationQuotas } from './replication-quota.ts';

/** Whoever must know which partitions of a topic are led here, and how far they are replicated. */
export interface PartitionListener {
  /** This broker leads the partition now, in this epoch. */
  onElected?(partition: Partition): void;
  /** It does not lead or keep it any more. */
  onResigned?(partition: Partition): void;
  /** The high watermark of a partition that is led here has moved. */
  onHighWatermark?(partition: Partition): void;
}

/** Whoever fetches what other brokers lead. */
export interface FollowerFetchers {
  /** This broker follows the partition's leader, in a new leader epoch. */
  follow(partition: Partition): void;
  /** It leads the partition, or has lost it, or nobody leads. */
  unfollow(partition: Partition): void;
}

/** What the manager is made of. */
export interface ReplicaManagerOptions {
  readonly nodeId: number;
  readonly environment: ReplicationEnvironment;
  readonly fetchers: FollowerFetchers;
  readonly quotas: ReplicationQuotas;
  /** This broker is on its way out. */
  readonly isLeaving: () => boolean;
  readonly replicas: ReplicaSet;
  readonly logs: LogManager;
  readonly configFor: (topic: string) => TopicConfig;
  /** A replica is in another directory than the metadata says. */
  readonly onDirectoryChosen: (partition: Partition, directoryId: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long one slice of changes may hold the loop. */
const SLICE_MS = 4;

export class ReplicaManager {
  readonly #options: ReplicaManagerOptions;
  /** Listeners by topic, for the topics that the broker itself works with. */
  readonly #listeners = new Map<string, PartitionListener>();
  #isrTimer: Timer | undefined;

  constructor(options: ReplicaManagerOptions) {
    this.#options = options;
  }

  /** Begins to look for followers that lag. */
  start(): void {
    const { environment, replicas, clock } = this.#options;
    this.#isrTimer = clock.after(environment.lagTimeMaxMs() / 2, () => {
      for (const partition of replicas.all()) partition.shrinkIsr();
      this.start();
    });
  }

  stop(): void {
    this.#isrTimer?.cancel();
  }

  /** Tells `listener` about the partitions of one topic. */
  listen(topic: string, listener: PartitionListener): void {
    this.#listeners.set(topic, listener);
  }

  /** The steps that bring the replicas to what `delta` says; running them may be spread over several turns. */
  stepsOf({ topics, cluster }: Pick<MetadataDelta, 'topics' | 'cluster'>): (() => void)[] {
    const steps: (() => void)[] = [];
    if (topics !== null) {
      const { deletes, leaders, followers } = localReplicaChanges(topics, this.#options.nodeId);
      for (const partition of deletes) steps.push(() => this.#remove(partition));
      for (const replica of [...leaders, ...followers]) steps.push(() => this.#apply(replica));
    }
    // A broker may be fenced in a later update than the ISR that it was taken from, when many partitions had it.
    if (cluster !== null)
      for (const partition of this.#options.replicas.all()) steps.push(() => partition.onBrokersChanged());
    return steps;
  }

  /** Runs steps in slices; `done` is called synchronously when they fit into one. */
  run(steps: readonly (() => void)[], done: () => void): void {
    const { clock } = this.#options;
    const start = clock.monotonicMs();
    let next = 0;
    while (next < steps.length && clock.monotonicMs() - start < SLICE_MS) steps[next++]!();
    if (next < steps.length) clock.soon(() => this.run(steps.slice(next), done));
    else done();
  }

  /** The first metadata is applied: logs that it does not know were taken away while this broker was gone. */
  setStraysAside(): void {
    const { logs, replicas } = this.#options;
    for (const log of logs.logs()) {
      const { topic, partition } = log.topicPartition;
      if (log.isFuture || replicas.get(topic, partition) !== undefined || !logs.isOnline(log.logDir)) continue;
      logs.setAsideStray(log);
    }
  }

  /** A log directory failed: its partitions go offline. */
  onLogDirFailure(directory: string): void {
    for (const partition of this.#options.replicas.all()) {
      if (partition.log.logDir !== directory) continue;
      this.#options.fetchers.unfollow(partition);
      partition.goOffline();
      this.#listeners.get(partition.topic)?.onResigned?.(partition);
    }
  }

  /** Configurations of a topic changed. */
  onTopicConfigChanged(topic: string): void {
    const { configFor, quotas } = this.#options;
    const config = configFor(topic);
    quotas.leader.setThrottled(topic, config.leaderThrottledReplicas);
    quotas.follower.setThrottled(topic, config.followerThrottledReplicas);
    for (const partition of this.#options.replicas.ofTopic(topic)) {
      partition.log.updateConfig(logConfigOf(config));
      partition.minInsyncReplicas = config.minInsyncReplicas;
    }
  }

  #apply(replica: LocalReplica): void {
    const { replicas, nodeId, logger } = this.#options;
    const known = replicas.get(replica.topic, replica.partition);
    try {
      if (known === undefined) this.#create(replica);
      else this.#change(known, replica);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      logger.error(
        { topic: replica.topic, partition: replica.partition, nodeId, error: error.message },
        'cannot keep a replica',
      );
    }
  }

  #change(partition: Partition, { registration }: LocalReplica): void {
    const wasLeader = partition.isLeader;
    const epoch = partition.leaderEpoch;
    // An epoch begins where the log ends, with everything that was staged in the one before.
    if (registration.leaderEpoch !== epoch) this.#options.logs.host.writer.flushStaged();
    if (!partition.applyRegistration(registration)) return;
    const isNewEpoch = epoch !== partition.leaderEpoch;
    const listener = this.#listeners.get(partition.topic);
    if (partition.isLeader && (!wasLeader || isNewEpoch)) listener?.onElected?.(partition);
    else if (wasLeader && !partition.isLeader) listener?.onResigned?.(partition);
    this.#fetch(partition, isNewEpoch);
  }

  /** Follows the leader, or stops to. A broker on its way out that has left the ISR does not come back into it. */
  #fetch(partition: Partition, isNewEpoch: boolean): void {
    const { fetchers, isLeaving, nodeId } = this.#options;
    const { leader, isr } = partition.registration;
    const hasLeft = isLeaving() && !isr.includes(nodeId);
    if (partition.isLeader || partition.isOffline || leader === NO_LEADER || hasLeft) fetchers.unfollow(partition);
    else if (isNewEpoch) fetchers.follow(partition);
  }

  #create(replica: LocalReplica): void {
    const { replicas, logs, nodeId, environment, configFor, onDirectoryChosen } = this.#options;
    const { registration, topic, topicId, partition: index } = replica;
    const assigned = registration.directories[registration.replicas.indexOf(nodeId)] ?? UNASSIGNED_DIRECTORY;
    const directory = isReservedDirectory(assigned) ? null : assigned;
    const found = logs.get({ topic, partition: index });
    // The topic was deleted and made anew while this broker was away.
    if (found !== undefined && found.topicId !== null && found.topicId !== topicId) logs.setAsideStray(found);
    const log = logs.getOrCreate({ topic, partition: index }, { topicId, directory });
    log.assignTopicId(topicId);
    const config = configFor(topic);
    // What was loaded at the start was loaded before the topic's configurations were known.
    if (log === found) log.updateConfig(logConfigOf(config));
    const partition = new Partition(environment, replica, log, config.minInsyncReplicas);
    const listener = this.#listeners.get(topic);
    partition.futureLog = () => logs.getFuture({ topic, partition: index });
    partition.onHighWatermark = listener?.onHighWatermark?.bind(listener);
    replicas.put(partition);
    const chosen = logs.directoryId(log.logDir);
    if (chosen !== null && chosen !== assigned) onDirectoryChosen(partition, chosen);
    if (partition.isLeader) listener?.onElected?.(partition);
    this.#fetch(partition, true);
  }

  #remove({ topic, partition: index }: LocalPartition): void {
    const { replicas, logs, logger } = this.#options;
    const partition = replicas.get(topic, index);
    if (partition === undefined) return;
    replicas.remove(partition);
    this.#options.fetchers.unfollow(partition);
    this.#listeners.get(topic)?.onResigned?.(partition);
    partition.close();
    try {
      logs.delete({ topic, partition: index });
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      logger.error({ topic, partition: index, error: error.message }, 'cannot delete a replica');
    }
  }
}
