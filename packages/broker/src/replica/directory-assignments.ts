/**
 * Tells the controller in which log directories replicas are (KIP-858): one request at a time, with all that has come up meanwhile.
 *
 * The last directory of a replica counts. What the controller did not take is told again later; a replica that it does not know is not.
 * Source: org.apache.kafka.server.AssignmentsManager.
 */
import type { Clock, Logger, Uuid } from '@skarab/base';
import {
  ApiError,
  type AssignReplicasToDirsRequest,
  type AssignReplicasToDirsRequestDirectoryData,
  type AssignReplicasToDirsResponse,
  ErrorCode,
  errorName,
  newAssignReplicasToDirsRequest,
} from '@skarab/protocol';
import type { Partition } from './partition.ts';

/** What it works with. */
export interface DirectoryAssignmentsOptions {
  readonly brokerId: number;
  readonly brokerEpoch: () => number;
  readonly send: (request: AssignReplicasToDirsRequest) => Promise<AssignReplicasToDirsResponse>;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Assignment {
  readonly partition: Partition;
  readonly directoryId: Uuid;
}

/** As many as Kafka's brokers put into a request. */
const MAX_ASSIGNMENTS_PER_REQUEST = 2250;
const RETRY_MS = 1000;

export class DirectoryAssignments {
  readonly #options: DirectoryAssignmentsOptions;
  readonly #waiting = new Map<string, Assignment>();
  #isSending = false;
  #isStopped = false;

  constructor(options: DirectoryAssignmentsOptions) {
    this.#options = options;
  }

  /** A replica is in this directory now. */
  assign(partition: Partition, directoryId: Uuid): void {
    this.#waiting.set(keyOf(partition), { partition, directoryId });
    this.#sendAfter(0);
  }

  /** Tells nothing more; the next start does. */
  stop(): void {
    this.#isStopped = true;
  }

  #sendAfter(delayMs: number): void {
    if (this.#isSending || this.#waiting.size === 0) return;
    this.#isSending = true;
    this.#options.clock.after(delayMs, () => void this.#send());
  }

  async #send(): Promise<void> {
    const sent = [...this.#waiting.values()].slice(0, MAX_ASSIGNMENTS_PER_REQUEST);
    if (this.#isStopped) return;
    for (const { partition } of sent) this.#waiting.delete(keyOf(partition));
    const { send, brokerId, brokerEpoch, logger } = this.#options;
    const request = newAssignReplicasToDirsRequest({
      brokerId,
      brokerEpoch: BigInt(brokerEpoch()),
      directories: directoriesOf(sent),
    });
    const errorCode = await send(request).then(
      (response) => response.errorCode,
      (error: unknown) => (error instanceof ApiError ? error.errorCode : ErrorCode.NOT_CONTROLLER),
    );
    this.#isSending = false;
    // Clusters of before KIP-858 never take it.
    const isRefused = errorCode !== ErrorCode.NONE && errorCode !== ErrorCode.UNSUPPORTED_VERSION;
    if (isRefused) {
      logger.warn({ replicas: sent.length, error: errorName(errorCode) }, 'cannot report the directories of replicas');
      this.#putBack(sent);
    }
    this.#sendAfter(isRefused ? RETRY_MS : 0);
  }

  #putBack(assignments: readonly Assignment[]): void {
    for (const assignment of assignments) {
      const key = keyOf(assignment.partition);
      if (!this.#waiting.has(key)) this.#waiting.set(key, assignment);
    }
  }
}

function keyOf({ topicId, index }: Partition): string {
  return `${topicId}:${index}`;
}

/** Grouped by directory and topic, as the request wants them. */
function directoriesOf(assignments: readonly Assignment[]): AssignReplicasToDirsRequestDirectoryData[] {
  const byDirectory = Map.groupBy(assignments, ({ directoryId }) => directoryId);
  return [...byDirectory].map(([id, inDirectory]) => ({
    id,
    topics: [...Map.groupBy(inDirectory, ({ partition }) => partition.topicId)].map(([topicId, ofTopic]) => ({
      topicId,
      partitions: ofTopic.map(({ partition }) => ({ partitionIndex: partition.index })),
    })),
  }));
}
