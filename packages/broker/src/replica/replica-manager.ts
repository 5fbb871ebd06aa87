/**
 * The replicas of this broker: makes, updates and removes partitions as the metadata says, and passes what happens to logs on to them.
 *
 * The only place where metadata, logs and partitions meet. Long changes (a topic of a thousand partitions) are applied in slices
 * that leave the loop to others. Source: kafka.server.ReplicaManager.applyDelta.
 */
import { type Clock, type Logger, StorageError } from '@skarab/base';
import type { TopicConfig } from '@skarab/config';
import type { LogManager, PartitionLog } from '@skarab/log';
import {
  isReservedDirectory,
  type LocalPartition,
  type LocalReplica,
  type TopicsDelta,
  UNASSIGNED_DIRECTORY,
} from '@skarab/metadata';
import { logConfigOf } from '../config/log-config.ts';
import { Partition } from './partition.ts';
import type { ReplicaSet } from './replica-set.ts';

/** Whoever must know which partitions of a topic are led here, and how far they are replicated. */
export interface PartitionListener {
  /** This broker leads the partition now, in this epoch. */
  onElected?(partition: Partition): void;
  /** It does not lead or keep it any more. */
  onResigned?(partition: Partition): void;
  /** The high watermark may have moved. */
  onHighWatermark?(partition: Partition): void;
}

/** What the manager is made of. */
export interface ReplicaManagerOptions {
  readonly nodeId: number;
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

  constructor(options: ReplicaManagerOptions) {
    this.#options = options;
  }

  /** Tells `listener` about the partitions of one topic. */
  listen(topic: string, listener: PartitionListener): void {
    this.#listeners.set(topic, listener);
  }

  /** The steps that bring the replicas to what `delta` says; running them may be spread over several turns. */
  stepsOf(delta: TopicsDelta): (() => void)[] {
    const { deletes, leaders, followers } = delta.localChanges(this.#options.nodeId);
    const steps: (() => void)[] = deletes.map((partition) => () => this.#remove(partition));
    for (const replica of [...leaders, ...followers]) steps.push(() => this.#apply(replica));
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

  /** The log has written what was staged. */
  onAppended(log: PartitionLog): void {
    const { topic, partition: index } = log.topicPartition;
    const partition = this.#options.replicas.get(topic, index);
    if (partition?.log !== log) return;
    partition.onWritten();
    this.#listeners.get(topic)?.onHighWatermark?.(partition);
  }

  /** A log directory failed: its partitions go offline. */
  onLogDirFailure(directory: string): void {
    for (const partition of this.#options.replicas.all()) {
      if (partition.log.logDir !== directory) continue;
      partition.goOffline();
      this.#listeners.get(partition.topic)?.onResigned?.(partition);
    }
  }

  /** Configurations of a topic changed. */
  onTopicConfigChanged(topic: string): void {
    const config = this.#options.configFor(topic);
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
      else {
        const wasLeader = known.isLeader;
        const epoch = known.leaderEpoch;
        known.applyRegistration(replica.registration);
        if (known.isLeader && (!wasLeader || epoch !== known.leaderEpoch))
          this.#listeners.get(known.topic)?.onElected?.(known);
        else if (wasLeader && !known.isLeader) this.#listeners.get(known.topic)?.onResigned?.(known);
      }
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      logger.error(
        { topic: replica.topic, partition: replica.partition, nodeId, error: error.message },
        'cannot keep a replica',
      );
    }
  }

  #create(replica: LocalReplica): void {
    const { replicas, logs, nodeId, configFor, onDirectoryChosen } = this.#options;
    const { registration, topic, topicId, partition: index } = replica;
    const assigned = registration.directories[registration.replicas.indexOf(nodeId)] ?? UNASSIGNED_DIRECTORY;
    const directory = isReservedDirectory(assigned) ? null : assigned;
    const log = logs.getOrCreate({ topic, partition: index }, { topicId, directory });
    const partition = new Partition(nodeId, replica, log, configFor(topic).minInsyncReplicas);
    replicas.put(partition);
    const chosen = logs.directoryId(log.logDir);
    if (chosen !== null && chosen !== assigned) onDirectoryChosen(partition, chosen);
    if (partition.isLeader) this.#listeners.get(topic)?.onElected?.(partition);
  }

  #remove({ topic, partition: index }: LocalPartition): void {
    const { replicas, logs, logger } = this.#options;
    const partition = replicas.get(topic, index);
    if (partition === undefined) return;
    replicas.remove(partition);
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
