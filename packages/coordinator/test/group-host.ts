/**
 * A host for tests: it executes the coordinator's effects on logs in memory, by a clock that the test moves.
 *
 * Appends succeed and commit at once unless the test says otherwise (`failNextAppend`, `holdCommits`).
 */
import { type Random, silentLogger } from '@skarab/base';
import type { ErrorCode } from '@skarab/protocol';
import { buildBatch, buildEndTransactionMarkerBatch, ControlRecordType, RecordBatch } from '@skarab/records';
import {
  type AppendEffect,
  type AppendMarkerEffect,
  type ClusterImage,
  type DeletedTopic,
  GroupCoordinator,
  type GroupCoordinatorConfig,
  type GroupCoordinatorEffect,
  type GroupRequest,
  type GroupRequestContext,
  type GroupRequestKind,
  type GroupResponse,
  type LoadEffect,
  newGroupCoordinatorConfig,
  type RespondEffect,
  type TransactionEnd,
} from '../src/index.ts';

/** One partition of `__consumer_offsets` in memory. */
export interface TestLog {
  readonly batches: RecordBatch[];
  logEndOffset: number;
  highWatermark: number;
}

/** Uuids that count: 00000000-0000-4000-8000-000000000001 and so on. */
export function countingRandom(): Random {
  let count = 0;
  return {
    next: () => 0,
    int: () => 0,
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(length - 4, ++count);
      return bytes;
    },
  };
}

/** Something that a test does to its host. */
export type HostInput =
  | { readonly type: 'start' | 'elect' | 'resign' | 'restart' | 'shutdown' | 'hold-commits' | 'commit' }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'fail-next'; readonly error: ErrorCode }
  | { readonly type: 'topics-deleted'; readonly topics: readonly DeletedTopic[] }
  | { readonly type: 'topics'; readonly topics: readonly TestTopic[]; readonly version: number }
  | { readonly type: 'end-transaction'; readonly token: number; readonly end: TransactionEnd }
  | RequestInput;

/** A request with its token. */
export type RequestInput = {
  [K in GroupRequestKind]: {
    readonly type: 'request';
    readonly kind: K;
    readonly request: GroupRequest<K>;
    readonly context: GroupRequestContext;
    readonly token: number;
  };
}[GroupRequestKind];

/** An input with the effects it had. */
export interface HostStep {
  readonly input: HostInput;
  readonly effects: GroupCoordinatorEffect[];
}

/** A topic of a test's cluster; every partition has a replica in each of the racks. */
export interface TestTopic {
  readonly id: string;
  readonly name: string;
  readonly partitionCount: number;
  readonly racks: readonly string[];
}

/** The image of a test's cluster. */
export function imageOf(topics: readonly TestTopic[], version: number): ClusterImage {
  const found = topics.map((topic) => ({ ...topic, racksOf: () => topic.racks }));
  return {
    version,
    topicByName: (name) => found.find((topic) => topic.name === name),
    topicById: (id) => found.find((topic) => topic.id === id),
    topicNames: () => found.map(({ name }) => name),
  };
}

function isSameTopic(a: TestTopic, b: TestTopic): boolean {
  return a.id === b.id && a.partitionCount === b.partitionCount && a.racks.join() === b.racks.join();
}

/** Settings of a test host. */
export interface GroupHostOptions {
  readonly config?: Partial<GroupCoordinatorConfig>;
  readonly partitionCount?: number;
  readonly maxBatchBytes?: number;
  readonly random?: Random;
}

/** A coordinator with a log. */
export class GroupHost {
  readonly config: GroupCoordinatorConfig;
  readonly logs = new Map<number, TestLog>();
  /** Everything that happened so far. */
  readonly steps: HostStep[] = [];
  readonly responses = new Map<number, RespondEffect>();
  /** How the ends of transactions went, by token. */
  readonly ended = new Map<number, ErrorCode>();
  /** Errors for the next appends, in order. */
  readonly #failNext: ErrorCode[] = [];
  /** Appends that failed. */
  readonly failed = new Set<number>();
  #isHoldingCommits = false;
  nowMs = 1_000_000;
  coordinator: GroupCoordinator;
  readonly #options: GroupHostOptions;
  readonly #random: Random;
  #topics: readonly TestTopic[] = [];
  #version = -1;
  #lastToken = 0;
  #leaderEpoch = 0;

  constructor(options: GroupHostOptions = {}) {
    this.#options = options;
    this.#random = options.random ?? countingRandom();
    this.config = newGroupCoordinatorConfig(options.config);
    this.coordinator = this.#create();
    this.#begin({ type: 'start' });
  }

  #begin(input: HostInput): void {
    this.steps.push({ input, effects: [] });
  }

  /** Whether the high watermark stays where it is. */
  get isHoldingCommits(): boolean {
    return this.#isHoldingCommits;
  }

  /** From now on nothing is committed. */
  holdCommits(): void {
    this.#begin({ type: 'hold-commits' });
    this.#isHoldingCommits = true;
  }

  /** How many of the next appends will fail. */
  get pendingFailureCount(): number {
    return this.#failNext.length;
  }

  /** The next append fails. */
  failNextAppend(error: ErrorCode): void {
    this.#begin({ type: 'fail-next', error });
    this.#failNext.push(error);
  }

  #create(): GroupCoordinator {
    return new GroupCoordinator({
      config: this.config,
      partitionCount: this.#options.partitionCount ?? 1,
      maxBatchBytes: () => this.#options.maxBatchBytes ?? 1_048_588,
      random: this.#random,
      image: imageOf(this.#topics, this.#version),
      logger: silentLogger,
    });
  }

  log(partition = 0): TestLog {
    let log = this.logs.get(partition);
    if (log === undefined) {
      log = { batches: [], logEndOffset: 0, highWatermark: 0 };
      this.logs.set(partition, log);
    }
    return log;
  }

  /** Becomes the leader of a partition and loads it. */
  elect(partition = 0): void {
    this.#begin({ type: 'elect' });
    this.#elect(partition);
  }

  #elect(partition: number): void {
    this.coordinator.onElected(partition, ++this.#leaderEpoch);
    this.settle();
  }

  resign(partition = 0): void {
    this.#begin({ type: 'resign' });
    this.coordinator.onResigned(partition, ++this.#leaderEpoch, this.nowMs);
    this.settle();
  }

  /** A new coordinator that has the old one's logs and nothing else. */
  restart(): void {
    this.#begin({ type: 'restart' });
    this.coordinator.shutdown(this.nowMs);
    this.settle();
    this.coordinator = this.#create();
    for (const partition of this.logs.keys()) this.#elect(partition);
  }

  shutdown(): void {
    this.#begin({ type: 'shutdown' });
    this.coordinator.shutdown(this.nowMs);
    this.settle();
  }

  topicsDeleted(topics: readonly DeletedTopic[]): void {
    this.#begin({ type: 'topics-deleted', topics });
    this.coordinator.onTopicsDeleted(topics, this.nowMs);
    this.settle();
  }

  /** The topics that the cluster has from now on. */
  setTopics(topics: readonly TestTopic[]): void {
    const before = this.#topics;
    const version = this.#version + 1;
    this.#begin({ type: 'topics', topics, version });
    const isNew = (topic: TestTopic): boolean => !before.some(({ id }) => id === topic.id);
    const changed = topics.filter((topic) => !before.some((old) => old.name === topic.name && isSameTopic(old, topic)));
    const deleted = before.filter(({ id }) => !topics.some((topic) => topic.id === id));
    this.#topics = topics;
    this.#version = version;
    const change = {
      hasCreatedTopics: topics.some(isNew),
      changedTopics: changed.map(({ name }) => name),
      deletedTopics: deleted.map(({ name }) => name),
    };
    this.coordinator.onMetadataUpdate(imageOf(topics, version), change, this.nowMs);
    this.settle();
  }

  get topics(): readonly TestTopic[] {
    return this.#topics;
  }

  /** Ends a producer's transaction in a partition; the token finds in `ended` how that went. */
  endTransaction(end: TransactionEnd, partition = 0): number {
    const token = ++this.#lastToken;
    this.#begin({ type: 'end-transaction', token, end });
    this.coordinator.endTransaction(partition, end, token, this.nowMs);
    this.settle();
    return token;
  }

  /** Sends a request; the token finds the response. */
  send<K extends GroupRequestKind>(
    kind: K,
    request: GroupRequest<K>,
    context: Partial<GroupRequestContext> = {},
  ): number {
    const token = ++this.#lastToken;
    const full = { apiVersion: 9, clientId: 'client', clientHost: '/127.0.0.1', mayDescribe: () => true, ...context };
    this.#begin({ type: 'request', kind, request, context: full, token } as RequestInput);
    this.coordinator.handleRequest(kind, full, request, token, this.nowMs);
    this.settle();
    return token;
  }

  /** Sends a request that is answered at once. */
  ask<K extends GroupRequestKind>(
    kind: K,
    request: GroupRequest<K>,
    context: Partial<GroupRequestContext> = {},
  ): GroupResponse<K> {
    const response = this.response(kind, this.send(kind, request, context));
    if (response === null) throw new Error(`${kind} was not answered`);
    return response;
  }

  /** The response to a token, or null while there is none. */
  response<K extends GroupRequestKind>(_kind: K, token: number): GroupResponse<K> | null {
    return (this.responses.get(token)?.response as GroupResponse<K> | undefined) ?? null;
  }

  /** Lets time pass, with every timer at its time. */
  advance(ms: number): void {
    this.#begin({ type: 'advance', ms });
    const endMs = this.nowMs + ms;
    for (;;) {
      const deadlineMs = this.coordinator.nextDeadlineMs();
      if (deadlineMs === null || deadlineMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, deadlineMs);
      this.coordinator.onTimer(this.nowMs);
      this.settle();
    }
    this.nowMs = endMs;
  }

  /** Executes effects until there are none. */
  settle(): void {
    for (;;) {
      const effects = this.coordinator.takeEffects();
      if (effects.length === 0) return;
      for (const effect of effects) this.#execute(effect);
    }
  }

  #execute(effect: GroupCoordinatorEffect): void {
    this.steps.at(-1)!.effects.push(effect);
    if (effect.type === 'append' || effect.type === 'appendMarker') this.#append(effect);
    else if (effect.type === 'load') this.#load(effect);
    else if (effect.type === 'transactionEnded') this.ended.set(effect.token, effect.errorCode);
    else if (effect.type === 'respond') {
      if (this.responses.has(effect.token)) throw new Error(`token ${effect.token} is answered twice`);
      this.responses.set(effect.token, effect);
    }
  }

  #append(effect: AppendEffect | AppendMarkerEffect): void {
    const { partition, appendId } = effect;
    const error = this.#failNext.shift();
    if (error !== undefined) {
      this.failed.add(appendId);
      this.coordinator.onAppendFailed(partition, appendId, error, this.nowMs);
      return;
    }
    const log = this.log(partition);
    this.appendBatch(this.#batchOf(effect, log.logEndOffset), partition);
    this.coordinator.onAppended(partition, appendId, log.logEndOffset, this.nowMs);
    if (!this.#isHoldingCommits) this.#commit(partition);
  }

  #batchOf(effect: AppendEffect | AppendMarkerEffect, baseOffset: number): Uint8Array {
    const options = { baseOffset, partitionLeaderEpoch: effect.leaderEpoch };
    if (effect.type === 'appendMarker') {
      const { isCommit, producerId, producerEpoch, coordinatorEpoch } = effect.end;
      const type = isCommit ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
      const marker = { type, producerId, producerEpoch, coordinatorEpoch, timestamp: this.nowMs };
      return buildEndTransactionMarkerBatch({ ...marker, ...options });
    }
    const { records, producer } = effect;
    if (producer === null) return buildBatch({ records, ...options });
    const { producerId, producerEpoch } = producer;
    return buildBatch({ records, ...options, producerId, producerEpoch, isTransactional: true });
  }

  /** Puts a batch into a log behind the coordinator's back. */
  appendBatch(bytes: Uint8Array, partition = 0): void {
    const log = this.log(partition);
    const batch = new RecordBatch(bytes);
    log.batches.push(batch);
    log.logEndOffset = batch.nextOffset;
  }

  /** Commits everything that is in the logs, and goes on doing so. */
  commit(): void {
    this.#begin({ type: 'commit' });
    this.#isHoldingCommits = false;
    for (const partition of this.logs.keys()) this.#commit(partition);
    this.settle();
  }

  #commit(partition: number): void {
    const log = this.log(partition);
    log.highWatermark = log.logEndOffset;
    this.coordinator.onCommitted(partition, log.highWatermark, this.nowMs);
  }

  #load({ partition, load }: LoadEffect): void {
    const log = this.log(partition);
    for (const batch of log.batches) load.replay(batch, log.highWatermark);
    load.complete(log.highWatermark, log.logEndOffset, this.nowMs);
  }
}
