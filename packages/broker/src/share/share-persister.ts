/**
 * How share partitions and the group coordinator reach the share coordinator: one call per share partition, tried again while the coordinator
 * is being made or loaded.
 *
 * Source: org.apache.kafka.server.share.persister.DefaultStatePersister, PersisterStateManager.
 */
import type { Clock } from '@skarab/base';
import type {
  PersistedState,
  SharePartitionKey,
  ShareProblem,
  ShareStateRequest,
  ShareStateRequestKind,
  ShareStateResponse,
  StatesToDelete,
  StatesToInitialize,
  WriteStateEffect,
} from '@skarab/coordinator';
import { ErrorCode } from '@skarab/protocol';
import type { ShareCoordinatorHost } from '../coordinator/share-coordinator-host.ts';

/** What the persister works with. */
export interface SharePersisterParts {
  readonly coordinator: ShareCoordinatorHost;
  /** Has `__share_group_state` made when it is missing. */
  readonly ensureTopic: () => void;
  readonly clock: Clock;
}

const MAX_ATTEMPTS = 8;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 1000;
const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
]);

/** A partition's result of any kind. */
type Result<K extends ShareStateRequestKind> = ShareStateResponse<K>['results'][number]['partitions'][number];

export class SharePersister {
  readonly #parts: SharePersisterParts;

  constructor(parts: SharePersisterParts) {
    this.#parts = parts;
  }

  /** What is persisted of a share partition, for its leader. */
  async read(key: SharePartitionKey, leaderEpoch: number): Promise<PersistedState | ShareProblem> {
    const { partition } = key;
    const result = await this.#ask('read', requestOf(key, { partition, leaderEpoch }));
    if (result.errorCode !== ErrorCode.NONE) return problemOf(result);
    const stateBatches = result.stateBatches.map((batch) => ({
      ...batch,
      firstOffset: Number(batch.firstOffset),
      lastOffset: Number(batch.lastOffset),
    }));
    return { stateEpoch: result.stateEpoch, startOffset: Number(result.startOffset), stateBatches };
  }

  /** Persists what has changed; null, or why it is not persisted. */
  async write(key: SharePartitionKey, leaderEpoch: number, write: WriteStateEffect): Promise<ShareProblem | null> {
    const { stateEpoch, startOffset, deliveryCompleteCount, stateBatches } = write;
    const result = await this.#ask(
      'write',
      requestOf(key, {
        partition: key.partition,
        stateEpoch,
        leaderEpoch,
        startOffset: BigInt(startOffset),
        deliveryCompleteCount,
        stateBatches: [...stateBatches],
      }),
    );
    return result.errorCode === ErrorCode.NONE ? null : problemOf(result);
  }

  /** Begins the state of a share partition, or begins it anew; a start offset of -1 leaves it to the first read. */
  initialize(key: SharePartitionKey, stateEpoch: number, startOffset: number): Promise<Result<'initialize'>> {
    const { partition } = key;
    return this.#ask('initialize', requestOf(key, { partition, stateEpoch, startOffset: BigInt(startOffset) }));
  }

  /** Begins the states of a group's partitions; whether all of them have begun. */
  async initializeAll({ groupId, stateEpoch, topics }: StatesToInitialize): Promise<boolean> {
    const keys = topics.flatMap(({ topicId, partitions }) =>
      partitions.map((partition) => ({ groupId, topicId, partition })),
    );
    const results = await Promise.all(keys.map((key) => this.initialize(key, stateEpoch, -1)));
    return results.every(({ errorCode }) => errorCode === ErrorCode.NONE);
  }

  /** Ends the states of a group's partitions; NONE, or the first error. */
  async deleteAll(groupId: string, states: StatesToDelete['states']): Promise<ErrorCode> {
    const keys = states.flatMap(({ topicId, partitions }) =>
      partitions.map((partition) => ({ groupId, topicId, partition })),
    );
    const results = await Promise.all(keys.map((key) => this.delete(key)));
    return (results.find(({ errorCode }) => errorCode !== ErrorCode.NONE)?.errorCode ?? ErrorCode.NONE) as ErrorCode;
  }

  /** Ends the state of a share partition. */
  delete(key: SharePartitionKey): Promise<Result<'delete'>> {
    return this.#ask('delete', requestOf(key, { partition: key.partition }));
  }

  /** How far a group has come. */
  readSummary(key: SharePartitionKey): Promise<Result<'readSummary'>> {
    return this.#ask('readSummary', requestOf(key, { partition: key.partition, leaderEpoch: -1 }));
  }

  async #ask<K extends ShareStateRequestKind>(kind: K, request: ShareStateRequest<K>): Promise<Result<K>> {
    const { coordinator, ensureTopic, clock } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      ensureTopic();
      const response = await coordinator.send(kind, request);
      const result = response.results[0]!.partitions[0]! as Result<K>;
      if (!RETRIABLE.has(result.errorCode) || attempt === MAX_ATTEMPTS) return result;
      const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
      await new Promise<void>((resolve) => void clock.after(backoffMs, resolve));
    }
  }
}

function requestOf<P>({ groupId, topicId }: SharePartitionKey, partition: P) {
  return { groupId, topics: [{ topicId, partitions: [partition] }] };
}

function problemOf({ errorCode, errorMessage }: { errorCode: number; errorMessage: string | null }): ShareProblem {
  return { error: errorCode as ErrorCode, message: errorMessage ?? '' };
}
