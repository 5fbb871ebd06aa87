/**
 * A host of the transaction coordinator for tests: logs in memory, a clock that the test moves, and partitions that take markers.
 *
 * Appends succeed and commit at once, and markers are written at once, unless the test says otherwise.
 */
import { silentLogger } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { buildBatch, RecordBatch } from '@skarab/records';
import {
  type AppendEffect,
  type LoadEffect,
  newTransactionCoordinatorConfig,
  TransactionCoordinator,
  type TransactionCoordinatorConfig,
  type TransactionCoordinatorEffect,
  type TransactionRequest,
  type TransactionRequestKind,
  type TransactionResponse,
  type WriteMarkersEffect,
} from '../src/index.ts';

/** One partition of `__transaction_state` in memory. */
export interface StateLog {
  readonly batches: RecordBatch[];
  logEndOffset: number;
  highWatermark: number;
}

export interface TransactionHostOptions {
  readonly config?: Partial<TransactionCoordinatorConfig>;
  readonly partitionCount?: number;
  readonly transactionVersion?: number;
}

export class TransactionHost {
  readonly coordinator: TransactionCoordinator;
  readonly logs = new Map<number, StateLog>();
  readonly responses = new Map<number, unknown>();
  /** Markers that were asked for, in order. */
  readonly markers: WriteMarkersEffect[] = [];
  /** Markers whose results the test gives itself. */
  readonly heldMarkers: WriteMarkersEffect[] = [];
  nowMs = 1_000_000;
  nextProducerId: number | null = 100;
  transactionVersion: number;
  /** Errors for the next appends, in order. */
  readonly failNext: ErrorCode[] = [];
  isHoldingCommits = false;
  isHoldingMarkers = false;
  /** The error of the marker for a partition. */
  markerError: (topic: string, partition: number) => ErrorCode = () => ErrorCode.NONE;
  readonly #partitionCount: number;
  #epoch = 0;
  #lastToken = 0;

  constructor({ config = {}, partitionCount = 1, transactionVersion = 2 }: TransactionHostOptions = {}) {
    this.#partitionCount = partitionCount;
    this.transactionVersion = transactionVersion;
    this.coordinator = new TransactionCoordinator({
      config: newTransactionCoordinatorConfig(config),
      partitionCount: () => partitionCount,
      maxBatchBytes: () => 1_000_000,
      takeProducerId: () => (this.nextProducerId === null ? null : this.nextProducerId++),
      transactionVersion: () => this.transactionVersion,
      compilePattern: (text) => new RegExp(`^(?:${text})$`),
      logger: silentLogger,
    });
  }

  /** Leads all partitions in a new epoch, loading them. */
  elect(): void {
    this.#epoch++;
    for (let partition = 0; partition < this.#partitionCount; partition++) {
      this.coordinator.onElected(partition, this.#epoch);
      this.settle();
    }
  }

  /** Leads nothing any more. */
  resign(): void {
    for (let partition = 0; partition < this.#partitionCount; partition++)
      this.coordinator.onResigned(partition, null, this.nowMs);
    this.settle();
  }

  /** Sends a request; returns its token. */
  send<K extends TransactionRequestKind>(kind: K, request: TransactionRequest<K>): number {
    const token = ++this.#lastToken;
    this.coordinator.handleRequest(kind, request, token, this.nowMs);
    this.settle();
    return token;
  }

  /** Sends a request that is answered at once. */
  ask<K extends TransactionRequestKind>(kind: K, request: TransactionRequest<K>): TransactionResponse<K> {
    const token = this.send(kind, request);
    if (!this.responses.has(token)) throw new Error(`${kind} is not answered at once`);
    return this.responses.get(token) as TransactionResponse<K>;
  }

  /** Moves the clock, from deadline to deadline. */
  advance(ms: number): void {
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

  /** Commits everything that is in the logs, and goes on doing so. */
  commit(): void {
    this.isHoldingCommits = false;
    for (const partition of this.logs.keys()) this.#commit(partition);
    this.settle();
  }

  /** Gives the results of the markers that are held, and goes on writing them at once. */
  releaseMarkers(): void {
    this.isHoldingMarkers = false;
    for (const effect of this.heldMarkers.splice(0)) this.#writeMarkers(effect);
    this.settle();
  }

  /** A host that has nothing but the logs of this one. */
  reloaded(): TransactionHost {
    const fresh = new TransactionHost({
      partitionCount: this.#partitionCount,
      transactionVersion: this.transactionVersion,
    });
    fresh.nowMs = this.nowMs;
    fresh.isHoldingMarkers = true;
    for (const [partition, log] of this.logs) fresh.logs.set(partition, { ...log, batches: [...log.batches] });
    fresh.elect();
    return fresh;
  }

  /** Executes effects until there are none. */
  settle(): void {
    for (;;) {
      const effects = this.coordinator.takeEffects();
      if (effects.length === 0) return;
      for (const effect of effects) this.#execute(effect);
    }
  }

  log(partition: number): StateLog {
    let log = this.logs.get(partition);
    if (log === undefined) {
      log = { batches: [], logEndOffset: 0, highWatermark: 0 };
      this.logs.set(partition, log);
    }
    return log;
  }

  #execute(effect: TransactionCoordinatorEffect): void {
    switch (effect.type) {
      case 'append':
        this.#append(effect);
        break;
      case 'load':
        this.#load(effect);
        break;
      case 'writeMarkers':
        this.markers.push(effect);
        if (this.isHoldingMarkers) this.heldMarkers.push(effect);
        else this.#writeMarkers(effect);
        break;
      case 'respond':
        if (this.responses.has(effect.token)) throw new Error(`token ${effect.token} is answered twice`);
        this.responses.set(effect.token, effect.response);
        break;
      case 'appendMarker':
        throw new Error('nobody ends a transaction in this topic');
    }
  }

  #writeMarkers(effect: WriteMarkersEffect): void {
    const results = effect.partitions.map((at) => ({ ...at, errorCode: this.markerError(at.topic, at.partition) }));
    this.coordinator.onMarkersWritten(effect, results, this.nowMs);
  }

  #append({ partition, appendId, records, leaderEpoch }: AppendEffect): void {
    const error = this.failNext.shift() ?? ErrorCode.NONE;
    if (error !== ErrorCode.NONE) {
      this.coordinator.onAppendFailed(partition, appendId, error, this.nowMs);
      return;
    }
    const log = this.log(partition);
    const batch = new RecordBatch(
      buildBatch({ records, baseOffset: log.logEndOffset, partitionLeaderEpoch: leaderEpoch }),
    );
    log.batches.push(batch);
    log.logEndOffset = batch.nextOffset;
    this.coordinator.onAppended(partition, appendId, log.logEndOffset, this.nowMs);
    if (!this.isHoldingCommits) this.#commit(partition);
  }

  #commit(partition: number): void {
    const log = this.log(partition);
    log.highWatermark = log.logEndOffset;
    this.coordinator.onCommitted(partition, log.highWatermark, this.nowMs);
  }

  #load({ partition, load }: LoadEffect): void {
    const log = this.log(partition);
    // What is in the log when it is loaded is committed: this broker alone keeps it.
    log.highWatermark = log.logEndOffset;
    for (const batch of log.batches) load.replay(batch, log.highWatermark);
    load.complete(log.highWatermark, log.logEndOffset, this.nowMs);
  }
}
