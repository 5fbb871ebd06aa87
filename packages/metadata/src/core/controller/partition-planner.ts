/**
 * Plans new partitions: their replicas by placement or as the caller wishes, their directories, and who is in sync to begin with.
 *
 * Source: org.apache.kafka.controller.ReplicationControlManager (validateManualPartitionAssignment, buildPartitionRegistration).
 */
import type { Random } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { placeReplicas } from '../placement/striped-replica-placer.ts';
import { newPartition, type PartitionRegistration } from '../registration/partition-registration.ts';
import type { ClusterControl } from './cluster-control.ts';
import type { ControllerState } from './controller-state.ts';
import { type ErrorValue, failure } from './decision.ts';

/** A plan, or why there is none. */
export type Planned<T> = { readonly plan: T } | { readonly error: ErrorValue };

/** Plans partitions. */
export class PartitionPlanner {
  readonly #state: ControllerState;
  readonly #cluster: ClusterControl;
  readonly #random: Random;

  constructor(state: ControllerState, cluster: ClusterControl, random: Random) {
    this.#state = state;
    this.#cluster = cluster;
    this.#random = random;
  }

  /** Partitions whose replicas are chosen here. */
  place(partitionCount: number, replicationFactor: number): Planned<PartitionRegistration[]> {
    const spec = { partitionCount, replicationFactor };
    const placement = placeReplicas(this.#random, spec, this.#cluster.usableBrokers());
    if (!placement.ok) return { error: failure(ErrorCode.INVALID_REPLICATION_FACTOR, placement.reason) };
    const plan: PartitionRegistration[] = [];
    for (const replicas of placement.assignments) {
      const partition = this.#partitionOf(replicas);
      if (partition === null) {
        const message = 'All brokers are currently fenced or in controlled shutdown.';
        return { error: failure(ErrorCode.INVALID_REPLICATION_FACTOR, message) };
      }
      plan.push(partition);
    }
    return { plan };
  }

  /** A partition with the replicas that the caller wants; all partitions of a topic have the same number. */
  assign(
    partitionId: number,
    replicas: readonly number[],
    replicationFactor: number | null,
  ): Planned<PartitionRegistration> {
    const error = this.reasonInvalidAssignment(replicas, replicationFactor);
    if (error !== null) return { error };
    const partition = this.#partitionOf(replicas);
    if (partition !== null) return { plan: partition };
    return {
      error: invalidAssignment(
        `All brokers specified in the manual partition assignment for partition ${partitionId} are fenced or in ` +
          'controlled shutdown.',
      ),
    };
  }

  /** Null when `replicas` are registered brokers, each once, and as many as wanted. */
  reasonInvalidAssignment(replicas: readonly number[], replicationFactor: number | null): ErrorValue | null {
    if (replicas.length === 0) {
      return invalidAssignment('The manual partition assignment includes an empty replica list.');
    }
    const { brokers } = this.#state.image.cluster;
    const sorted = [...replicas].sort((a, b) => a - b);
    for (const [index, id] of sorted.entries()) {
      if (!brokers.has(id)) {
        return invalidAssignment(
          `The manual partition assignment includes broker ${id}, but no such broker is registered.`,
        );
      }
      if (id === sorted[index - 1]) {
        return invalidAssignment(`The manual partition assignment includes the broker ${id} more than once.`);
      }
    }
    if (replicationFactor === null || replicationFactor === replicas.length) return null;
    return invalidAssignment(
      `The manual partition assignment includes a partition with ${replicas.length} replica(s), but this is not ` +
        `consistent with previous partitions, which have ${replicationFactor} replica(s).`,
    );
  }

  /** The new partition, or null when none of its replicas is active. */
  #partitionOf(replicas: readonly number[]): PartitionRegistration | null {
    const isr = replicas.filter((id) => this.#cluster.isActive(id));
    if (isr.length === 0) return null;
    const directories = replicas.map((id) => this.#cluster.defaultDirectory(id));
    return newPartition(replicas, directories, isr);
  }
}

function invalidAssignment(message: string): ErrorValue {
  return failure(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message);
}
