/**
 * A replica of the metadata log on this node: binds the raft core to a log, to snapshot files, to other nodes and to the state machine above.
 *
 * Everything of one turn of the event loop becomes durable together: appends are staged, flushed once, and then committed. A failure of
 * the log is final: it is reported once and nothing is appended any more. Source: org.apache.kafka.raft.KafkaRaftClient.
 */
import { finishInTurns, StateError, type Timer } from '@skarab/base';
import type { DescribeQuorumRequest, DescribeQuorumResponse } from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { ControlHistory } from '../core/control-history.ts';
import { describeQuorum } from '../core/describe-quorum.ts';
import type { OffsetAndEpoch } from '../core/offset-and-epoch.ts';
import { RaftCore } from '../core/raft-core.ts';
import type { RaftApiKey, RaftApis, RaftRequest, RequestContext } from '../core/raft-messages.ts';
import type { RoleKind } from '../core/roles/role.ts';
import { MAX_BATCH_SIZE_BYTES } from '../core/snapshot-batches.ts';
import type { VoterSet } from '../core/voter-set.ts';
import { CoreRunner } from './core-runner.ts';
import { EffectExecutor } from './effect-executor.ts';
import { FlushBatcher } from './flush-batcher.ts';
import { IncomingRequests } from './incoming-requests.ts';
import { LeaderNews } from './leader-news.ts';
import type { LeaderAndEpoch, RaftListener } from './listener.ts';
import { LogDelivery } from './log-delivery.ts';
import { Progress } from './progress.ts';
import type { RaftNodeOptions } from './raft-node-options.ts';
import { ReplicaLog } from './replica-log.ts';
import { replicaOptions } from './replica-options.ts';
import { SnapshotBuilder } from './snapshot-builder.ts';
import { SnapshotFiles } from './snapshot-files.ts';
import { firstToKeep } from './snapshot-retention.ts';

/** How often old snapshots are looked for. */
const CLEANUP_INTERVAL_MS = 60_000;
/** How long a leader may take to hand over. */
const SHUTDOWN_TIMEOUT_MS = 5000;

/** Where an append went. */
export interface AppendedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly timestampMs: number;
  readonly sizeInBytes: number;
}

/** A replica of the metadata log. */
export class RaftNode {
  readonly #options: RaftNodeOptions;
  readonly #history: ControlHistory;
  readonly #core: RaftCore;
  readonly #runner: CoreRunner;
  readonly #snapshots: SnapshotFiles;
  readonly #replica: ReplicaLog;
  readonly #effects: EffectExecutor;
  readonly #flusher: FlushBatcher;
  readonly #progress: Progress;
  readonly #requests = new IncomingRequests();
  #isFailed = false;
  #onShutdown: () => void = () => {};
  #cleanupTimer: Timer | null = null;

  constructor(options: RaftNodeOptions, listener: RaftListener) {
    const { log, storage, directory, random, clock, logger, nodeId } = options;
    this.#options = options;
    this.#history = new ControlHistory(options.staticVoters);
    this.#snapshots = new SnapshotFiles(storage, directory, random);
    this.#replica = new ReplicaLog(log, this.#snapshots, this.#history);
    this.#core = new RaftCore(replicaOptions(options), this.#history, this.#replica);
    this.#runner = new CoreRunner(
      this.#core,
      clock,
      (effect) => this.#effects.execute(effect),
      (error) => this.#fail(error),
    );
    this.#flusher = new FlushBatcher(log, clock, (error, endOffset) => {
      if (error !== null) this.#fail(error);
      else this.#runner.submit({ kind: 'flushed', endOffset });
    });
    const delivery = new LogDelivery(log, this.#snapshots, listener, logger);
    this.#progress = new Progress({
      log,
      listener,
      delivery,
      leaderNews: new LeaderNews(nodeId, listener, delivery),
      clock,
      onFailed: (error) => this.#fail(error),
    });
    this.#effects = new EffectExecutor({
      options,
      history: this.#history,
      snapshots: this.#snapshots,
      replica: this.#replica,
      flusher: this.#flusher,
      progress: this.#progress,
      requests: this.#requests,
      stepNow: (input) => this.#runner.stepNow(input),
      submit: (input) => this.#runner.submit(input),
      onShutdown: () => this.#onShutdown(),
    });
  }

  /** Who leads, as the listener has been told. */
  get leader(): LeaderAndEpoch {
    return this.#progress.leaderNews.leader;
  }

  /** What this node is to the quorum at the moment. */
  get role(): RoleKind {
    return this.#core.role.kind;
  }

  /** The newest epoch that this node knows of. */
  get epoch(): number {
    return this.#core.epoch;
  }

  /** Offset up to which the log is committed; null until that is known. */
  get highWatermark(): number | null {
    return this.#progress.highWatermark;
  }

  get logEndOffset(): number {
    return this.#options.log.endOffset;
  }

  get kraftVersion(): number {
    return this.#core.kraftVersion;
  }

  /** The voters, newest first. */
  get voters(): VoterSet {
    return this.#history.voters;
  }

  /** The newest finished snapshot. */
  get latestSnapshot(): OffsetAndEpoch | null {
    return this.#snapshots.latest;
  }

  /**
   * Loads what is there, joins the quorum and delivers everything committed. Resolves when the listener knows who leads: in a quorum of
   * several not before a majority of it has started. Requests of other nodes are served from the time that the loading has ended.
   */
  async start(): Promise<void> {
    const { log, storage, directory } = this.#options;
    storage.makeDirectory(directory);
    this.#snapshots.recover(log.startOffset);
    await this.#replica.load(() => this.#nextTurn());
    await finishInTurns(this.#progress.delivery.deliverSnapshot(), this.#options.clock);
    const caughtUp = this.#progress.catchUp();
    this.#runner.start({ kind: 'start', election: this.#effects.election.read() });
    await caughtUp;
    this.#scheduleCleanup();
    await this.#progress.leaderNews.known;
  }

  /**
   * Appends one batch as the leader of `epoch`; it is durable and committed later, which `handleHighWatermark` tells.
   * `prepare` is called when the batch has its place and nothing is written yet; when it throws, nothing will be.
   * Errors: `StateError` when this node does not lead `epoch`, the log has failed, or the batch is too large.
   */
  append(epoch: number, values: readonly Uint8Array[], prepare?: (batch: AppendedBatch) => void): AppendedBatch {
    this.#checkLeads(epoch);
    const { log, clock } = this.#options;
    const baseOffset = log.endOffset;
    const timestampMs = clock.nowMs();
    const records = values.map((value) => ({ timestamp: timestampMs, key: null, value }));
    const bytes = buildBatch({ baseOffset, partitionLeaderEpoch: epoch, records });
    if (bytes.length > MAX_BATCH_SIZE_BYTES) {
      throw new StateError(`A batch of ${bytes.length} bytes exceeds the ${MAX_BATCH_SIZE_BYTES} of the metadata log`);
    }
    const lastOffset = baseOffset + values.length - 1;
    const batch = { baseOffset, lastOffset, timestampMs, sizeInBytes: bytes.length };
    prepare?.(batch);
    log.append(bytes, epoch);
    this.#progress.delivery.skipTo(lastOffset + 1);
    this.#runner.stepNow({ kind: 'appended' });
    this.#flusher.schedule(this.#options.appendLingerMs);
    this.#runner.runSoon();
    return batch;
  }

  /** Raises `kraft.version`; returns why that cannot be, or null. */
  upgradeKraftVersion(version: number, validateOnly: boolean): string | null {
    const result = this.#core.upgradeKraftVersion(version, validateOnly);
    if ('reason' in result) return result.reason;
    this.#runner.carryOut(result);
    return null;
  }

  /** Gives up the leadership of `epoch`, if it is the current one. */
  resign(epoch: number): void {
    this.#runner.submit({ kind: 'resign', epoch });
  }

  /**
   * Answers a request of another node, or of a tool: Fetch, Vote, BeginQuorumEpoch, EndQuorumEpoch, FetchSnapshot, AddRaftVoter,
   * RemoveRaftVoter, UpdateRaftVoter. Never rejects; a node that has stopped answers with BROKER_NOT_AVAILABLE.
   */
  async handle<K extends RaftApiKey>(
    apiKey: K,
    message: RaftApis[K]['request'],
    context: RequestContext,
  ): Promise<RaftApis[K]['response']> {
    const request = { apiKey, message } as RaftRequest;
    const response = await this.#requests.take(request, (token) =>
      this.#runner.submit({ kind: 'request', token, context, request }),
    );
    return response.message as RaftApis[K]['response'];
  }

  /** Begins a snapshot of everything before `id.offset`, or returns null when it exists or the log has moved on. */
  createSnapshot(id: OffsetAndEpoch, lastContainedLogTimestampMs: number): SnapshotBuilder | null {
    const { log, clock } = this.#options;
    if (this.#snapshots.has(id) || id.offset < log.startOffset) return null;
    if (id.offset > (this.highWatermark ?? 0)) {
      throw new StateError(`Cannot snapshot up to ${id.offset}: the high watermark is ${this.highWatermark}`);
    }
    const lastOffset = id.offset - 1;
    const header = {
      lastContainedLogTimestampMs,
      kraftVersion: this.#history.kraftVersionAt(lastOffset),
      voters: this.#history.votersAt(lastOffset) ?? null,
    };
    return new SnapshotBuilder(this.#snapshots.create(id), id, header, clock, () => {
      // Meanwhile a snapshot of the leader's may have taken the place of the log.
      if (id.offset < log.startOffset) this.#snapshots.remove(id);
      // Only up to what the snapshot holds: a record right behind it may yet be undone.
      this.#history.truncateBefore(lastOffset);
    });
  }

  /** Deletes snapshots that are too old or too much, and the log before the first that stays. */
  cleanUp(): void {
    const { log, retention, clock, fileDeleteDelayMs } = this.#options;
    const first = firstToKeep(this.#snapshots, log, retention, clock.nowMs());
    if (first === null) return;
    log.deleteBefore(first.offset);
    const deleteFiles = this.#snapshots.forgetBefore(first);
    if (fileDeleteDelayMs === 0) deleteFiles();
    else clock.after(fileDeleteDelayMs, deleteFiles);
  }

  /** Answers DescribeQuorum. */
  describeQuorum(request: DescribeQuorumRequest): DescribeQuorumResponse {
    return describeQuorum(this.#core.role, this.#options.nodeId, request, this.#runner.nowMs());
  }

  /**
   * Stops, after everything appended before is committed and, if it leads others, after it has handed over. For others it waits no longer
   * than `shutdownTimeoutMs` each time; if the log has failed, for nothing, and for no commit if `isQuorumPossible` says no: whoever leads next decides.
   */
  async close(isQuorumPossible: () => Promise<boolean> = async () => true): Promise<void> {
    this.#cleanupTimer?.cancel();
    const { log, shutdownTimeoutMs = SHUTDOWN_TIMEOUT_MS } = this.#options;
    const { waiters, isCatchingUp } = this.#progress;
    if (this.#core.isLeader && !this.#isFailed) {
      const committed = waiters.wait(log.endOffset);
      if (this.voters.size === 1) await committed.catch(() => {});
      else if (await isQuorumPossible()) await this.#within(shutdownTimeoutMs, committed);
      else committed.catch(() => {});
    }
    if (!isCatchingUp && !this.#isFailed) {
      const done = new Promise<void>((resolve) => {
        this.#onShutdown = resolve;
      });
      this.#runner.submit({ kind: 'shutdown', deadlineMs: this.#runner.nowMs() + shutdownTimeoutMs });
      await this.#within(2 * shutdownTimeoutMs, done);
    }
    this.#stop(new StateError('The replica of the metadata log has stopped'));
    await log.close();
  }

  #checkLeads(epoch: number): void {
    const { leaderId, epoch: told } = this.leader;
    const isLeading = leaderId === this.#options.nodeId && told === epoch;
    if (this.#isFailed || !isLeading || !this.#core.isLeader || this.#runner.isWaiting) {
      throw new StateError(`This node does not lead the metadata quorum in epoch ${epoch}`);
    }
  }

  #fail(error: Error): void {
    if (this.#isFailed) return;
    this.#stop(error);
    this.#options.logger.error({ error }, 'the metadata log failed');
    this.#options.onFault(error);
  }

  #stop(error: Error): void {
    this.#isFailed = true;
    this.#runner.stop();
    this.#flusher.stop();
    this.#effects.stop();
    this.#requests.close();
    this.#progress.fail(error);
  }

  #scheduleCleanup(): void {
    this.#cleanupTimer = this.#options.clock.after(CLEANUP_INTERVAL_MS, () => {
      this.cleanUp();
      this.#scheduleCleanup();
    });
  }

  /** Waits for a promise, but not for long; it does not matter whether it is kept. */
  async #within(timeoutMs: number, promise: Promise<unknown>): Promise<void> {
    let timer: Timer | null = null;
    const timeout = new Promise<void>((resolve) => {
      timer = this.#options.clock.after(timeoutMs, resolve);
    });
    await Promise.race([promise.catch(() => {}), timeout]);
    (timer as Timer | null)?.cancel();
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.soon(resolve));
  }
}
