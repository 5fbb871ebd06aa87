/**
 * How share partitions and the group coordinator reach the share coordinators, here or on other brokers: one call per share partition, tried
 * again while its coordinator is being made, moved or loaded.
 *
 * Source: org.apache.kafka.server.share.persister.DefaultStatePersister, PersisterStateManager.
 */
import type { Clock } from '@skarab/base';
import {
  type PersistedState,
  refuseShareStateRequest,
  type SharePartitionKey,
  type SharePartitionRequest,
  type SharePartitionResult,
  type ShareProblem,
  type ShareStateRequestKind,
  type ShareStateResponse,
  type StatesToDelete,
  type StatesToInitialize,
  type WriteStateEffect,
} from '@skarab/coordinator';
import { ErrorCode } from '@skarab/protocol';
import type { ShareCoordinatorHost } from '../coordinator/share-coordinator-host.ts';
import type { AskShareState } from './remote-share-state.ts';
import { shareStateRequestOf } from './share-state-request.ts';

/** What the persister works with. */
export interface SharePersisterParts {
  readonly nodeId: number;
  /** The coordinator on this broker. */
  readonly local: Pick<ShareCoordinatorHost, 'partitionFor' | 'send'>;
  /** Those of other brokers. */
  readonly remote: AskShareState;
  /** The broker that leads a partition of `__share_group_state`; -1 without an available one, undefined when there is no such partition. */
  readonly leaderOf: (partition: number) => number | undefined;
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
  ErrorCode.NETWORK_EXCEPTION,
]);

export class SharePersister {
  readonly #parts: SharePersisterParts;

  constructor(parts: SharePersisterParts) {
    this.#parts = parts;
  }

  /** What is persisted of a share partition, for its leader. */
  async read(key: SharePartitionKey, leaderEpoch: number): Promise<PersistedState | ShareProblem> {
    const { partition } = key;
    const result = await this.#ask('read', key, { partition, leaderEpoch });
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
    const result = await this.#ask('write', key, {
      partition: key.partition,
      stateEpoch,
      leaderEpoch,
      startOffset: BigInt(startOffset),
      deliveryCompleteCount,
      stateBatches: [...stateBatches],
    });
    return result.errorCode === ErrorCode.NONE ? null : problemOf(result);
  }

  /** Begins the state of a share partition, or begins it anew; a start offset of -1 leaves it to the first read. */
  initialize(
    key: SharePartitionKey,
    stateEpoch: number,
    startOffset: number,
  ): Promise<SharePartitionResult<'initialize'>> {
    const { partition } = key;
    return this.#ask('initialize', key, { partition, stateEpoch, startOffset: BigInt(startOffset) });
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
  delete(key: SharePartitionKey): Promise<SharePartitionResult<'delete'>> {
    return this.#ask('delete', key, { partition: key.partition });
  }

  /** How far a group has come. */
  readSummary(key: SharePartitionKey): Promise<SharePartitionResult<'readSummary'>> {
    return this.#ask('readSummary', key, { partition: key.partition, leaderEpoch: -1 });
  }

  async #ask<K extends ShareStateRequestKind>(
    kind: K,
    key: SharePartitionKey,
    asked: SharePartitionRequest<K>,
  ): Promise<SharePartitionResult<K>> {
    const { ensureTopic, clock } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      ensureTopic();
      const result = await this.#askOnce(kind, key, asked);
      if (!RETRIABLE.has(result.errorCode) || attempt === MAX_ATTEMPTS) return result;
      const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
      await new Promise<void>((resolve) => void clock.after(backoffMs, resolve));
    }
  }

  async #askOnce<K extends ShareStateRequestKind>(
    kind: K,
    key: SharePartitionKey,
    asked: SharePartitionRequest<K>,
  ): Promise<SharePartitionResult<K>> {
    const { nodeId, local, remote, leaderOf } = this.#parts;
    const leader = leaderOf(local.partitionFor(key)) ?? -1;
    if (leader !== -1 && leader !== nodeId) return remote(leader, kind, key, asked);
    const request = shareStateRequestOf(key, asked);
    return onlyResult(
      leader === nodeId
        ? await local.send(kind, request)
        : refuseShareStateRequest(kind, request, ErrorCode.COORDINATOR_NOT_AVAILABLE),
    );
  }
}

function onlyResult<K extends ShareStateRequestKind>({ results }: ShareStateResponse<K>): SharePartitionResult<K> {
  return results[0]!.partitions[0]! as SharePartitionResult<K>;
}

function problemOf({ errorCode, errorMessage }: { errorCode: number; errorMessage: string | null }): ShareProblem {
  return { error: errorCode as ErrorCode, message: errorMessage ?? '' };
}
