/**
 * A replica of the metadata log on this node: binds the raft core to a log, to snapshot files and to the state machine above.
 *
 * Everything of one turn of the event loop becomes durable together: appends are staged, flushed once, and then committed. A failure of
 * the log is final: it is reported once and nothing is appended any more. Source: org.apache.kafka.raft.KafkaRaftClient.
 */
import { type Clock, type Logger, type Random, StateError, type Timer, type Uuid } from '@skarab/base';
import type { Storage } from '@skarab/log';
import type { DescribeQuorumRequest, DescribeQuorumResponse } from '@skarab/protocol';
import { buildBatch, buildControlBatch } from '@skarab/records';
import { ControlHistory } from '../core/control-history.ts';
import { type ControlMessage, encodeControlMessage } from '../core/control-message.ts';
import { describeQuorum } from '../core/describe-quorum.ts';
import type { ElectionState } from '../core/election-state.ts';
import type { OffsetAndEpoch } from '../core/offset-and-epoch.ts';
import { RaftCore, type RaftEffect, type RaftInput } from '../core/raft-core.ts';
import { MAX_BATCH_SIZE_BYTES } from '../core/snapshot-batches.ts';
import { SUPPORTED_KRAFT_VERSIONS, type VoterEndpoint, type VoterSet } from '../core/voter-set.ts';
import type { RaftLog } from '../ports.ts';
import { CommitWaiters } from './commit-waiters.ts';
import { ElectionFile } from './election-file.ts';
import { FlushBatcher } from './flush-batcher.ts';
import type { LeaderAndEpoch, RaftListener } from './listener.ts';
import { loadHistory } from './load-history.ts';
import { LogDelivery } from './log-delivery.ts';
import { SnapshotBuilder } from './snapshot-builder.ts';
import { SnapshotFiles } from './snapshot-files.ts';
import { firstToKeep, type RetentionLimits } from './snapshot-retention.ts';

/** How often old snapshots are looked for. */
const CLEANUP_INTERVAL_MS = 60_000;

/** What a replica is made of. */
export interface RaftNodeOptions {
  readonly nodeId: number;
  /** Id of the directory that holds the log. */
  readonly directoryId: Uuid;
  /** The node's controller listeners, as other nodes reach them. */
  readonly endpoints: readonly VoterEndpoint[];
  /** Voters of `controller.quorum.voters`; empty for a quorum that the log describes. */
  readonly staticVoters: VoterSet;
  readonly log: RaftLog;
  readonly storage: Storage;
  /** The folder of the log. */
  readonly directory: string;
  readonly retention: RetentionLimits;
  /** How long files that are gone are kept for those who read them still. */
  readonly fileDeleteDelayMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The log cannot be written any more. Called once. */
  readonly onFault: (error: Error) => void;
}

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
  readonly #snapshots: SnapshotFiles;
  readonly #election: ElectionFile;
  readonly #flusher: FlushBatcher;
  readonly #listener: RaftListener;
  readonly #delivery: LogDelivery;
  readonly #effects: RaftEffect[] = [];
  readonly #waiters = new CommitWaiters();
  /** An effect that waits for the device holds up those behind it. */
  #isWaiting = false;
  #highWatermark: number | null = null;
  #leader: LeaderAndEpoch = { leaderId: null, epoch: 0 };
  /** A change of leaders that the listener is not yet ready for. */
  #untold: { readonly leader: LeaderAndEpoch; readonly epochStartOffset: number } | null = null;
  #isFailed = false;
  #cleanupTimer: Timer | null = null;

  constructor(options: RaftNodeOptions, listener: RaftListener) {
    const { log, storage, directory, random, clock, logger } = options;
    this.#options = options;
    this.#listener = listener;
    this.#history = new ControlHistory(options.staticVoters);
    const key = { id: options.nodeId, directoryId: options.directoryId };
    const local = { key, endpoints: options.endpoints, kraftVersions: SUPPORTED_KRAFT_VERSIONS };
    this.#core = new RaftCore(local, this.#history);
    this.#snapshots = new SnapshotFiles(storage, directory, random);
    this.#election = new ElectionFile(storage, directory);
    this.#delivery = new LogDelivery(log, this.#snapshots, listener, logger);
    this.#flusher = new FlushBatcher(log, clock, (error, endOffset) => {
      if (error !== null) this.#fail(error);
      else this.#step({ kind: 'flushed', endOffset });
    });
  }

  /** Who leads, as the listener has been told. */
  get leader(): LeaderAndEpoch {
    return this.#leader;
  }

  /** Offset up to which the log is committed; null until that is known. */
  get highWatermark(): number | null {
    return this.#highWatermark;
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

  /** Loads what is there, joins the quorum and delivers everything committed. Resolves when the listener knows who leads. */
  async start(): Promise<void> {
    const { log, storage, directory } = this.#options;
    storage.makeDirectory(directory);
    this.#snapshots.recover(log.startOffset);
    this.#truncateToSnapshot();
    await loadHistory(this.#history, this.#snapshots, log, () => this.#nextTurn());
    this.#delivery.deliverSnapshot();
    const election = this.#election.read();
    // The high watermark is not known before a batch of the new epoch is committed.
    const committed = this.#waiters.wait(log.endOffset + 1);
    this.#step({ kind: 'start', election, logEndOffset: log.endOffset, lastEpoch: this.#lastEpoch() });
    for (const _ of this.#delivery.deliverTo(await committed)) await this.#nextTurn();
    this.#onDelivered();
    this.#scheduleCleanup();
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
    this.#appendBytes(bytes, epoch);
    this.#delivery.skipTo(lastOffset + 1);
    return batch;
  }

  /** Raises `kraft.version`; returns why that cannot be, or null. */
  upgradeKraftVersion(version: number, validateOnly: boolean): string | null {
    const result = this.#core.upgradeKraftVersion(version, validateOnly);
    if ('reason' in result) return result.reason;
    this.#run(result);
    return null;
  }

  /** Gives up the leadership of `epoch`, if it is the current one. */
  resign(epoch: number): void {
    this.#step({ kind: 'resign', epoch });
  }

  /** Begins a snapshot of everything before `id.offset`, or returns null when it exists or the log has moved on. */
  createSnapshot(id: OffsetAndEpoch, lastContainedLogTimestampMs: number): SnapshotBuilder | null {
    const { log, clock } = this.#options;
    if (this.#snapshots.has(id) || id.offset < log.startOffset) return null;
    if (id.offset > (this.#highWatermark ?? 0)) {
      throw new StateError(`Cannot snapshot up to ${id.offset}: the high watermark is ${this.#highWatermark}`);
    }
    const lastOffset = id.offset - 1;
    const header = {
      lastContainedLogTimestampMs,
      kraftVersion: this.#history.kraftVersionAt(lastOffset),
      voters: this.#history.votersAt(lastOffset) ?? null,
    };
    return new SnapshotBuilder(this.#snapshots.create(id), id, header, clock, () => {
      this.#history.truncateBefore(id.offset);
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
    return describeQuorum(this.#core.role, this.#options.nodeId, request, this.#options.clock.nowMs());
  }

  /** Stops, after everything appended before is committed (unless the log has failed). */
  async close(): Promise<void> {
    this.#cleanupTimer?.cancel();
    const { log } = this.#options;
    if (this.#highWatermark !== null) await this.#waiters.wait(log.endOffset).catch(() => {});
    this.#isFailed = true;
    await log.close();
  }

  #checkLeads(epoch: number): void {
    const { leaderId, epoch: told } = this.#leader;
    if (
      this.#isFailed ||
      leaderId !== this.#options.nodeId ||
      told !== epoch ||
      !this.#core.isLeader ||
      this.#isWaiting
    ) {
      throw new StateError(`This node does not lead the metadata quorum in epoch ${epoch}`);
    }
  }

  #step(input: RaftInput): void {
    if (this.#isFailed) return;
    this.#run(this.#core.step(input, this.#options.clock.nowMs()));
  }

  #run(effects: readonly RaftEffect[]): void {
    this.#effects.push(...effects);
    while (!this.#isWaiting && !this.#isFailed) {
      const effect = this.#effects.shift();
      if (effect === undefined) return;
      this.#execute(effect);
    }
  }

  #execute(effect: RaftEffect): void {
    switch (effect.kind) {
      case 'storeElection':
        this.#storeElection(effect.election);
        break;
      case 'beginEpoch':
        this.#options.log.beginEpoch(effect.epoch, effect.startOffset);
        break;
      case 'appendControl':
        this.#appendControl(effect.epoch, effect.messages);
        break;
      case 'advanceHighWatermark':
        this.#advanceHighWatermark(effect.offset);
        break;
      case 'changeLeader': {
        const { leaderId, epoch, epochStartOffset } = effect;
        this.#untold = { leader: { leaderId, epoch }, epochStartOffset };
        this.#maybeTellLeader();
        break;
      }
    }
  }

  #storeElection(election: ElectionState): void {
    this.#options.logger.debug({ election }, 'storing election state');
    this.#isWaiting = true;
    this.#election.store(election, this.#history.kraftVersion, this.#history.voters.ids).then(
      () => {
        this.#isWaiting = false;
        this.#run([]);
      },
      (error: Error) => this.#fail(error),
    );
  }

  #appendControl(epoch: number, messages: readonly ControlMessage[]): void {
    const { log, clock } = this.#options;
    const baseOffset = log.endOffset;
    const timestamp = clock.nowMs();
    const options = { baseOffset, partitionLeaderEpoch: epoch, timestamp };
    const bytes = buildControlBatch(options, messages.map(encodeControlMessage));
    for (const [index, message] of messages.entries()) this.#history.replay(baseOffset + index, message);
    this.#appendBytes(bytes, epoch);
    if (this.#delivery.nextOffset !== baseOffset || this.#leader.epoch !== epoch) return;
    // A leader that is at work sees its own control batches at once, so that its next batch follows without a gap.
    const lastOffset = baseOffset + messages.length - 1;
    const batch = {
      baseOffset,
      lastOffset,
      epoch,
      appendTimestampMs: timestamp,
      sizeInBytes: bytes.length,
      values: [],
    };
    this.#delivery.deliver([batch]);
  }

  #appendBytes(bytes: Uint8Array, epoch: number): void {
    const { log } = this.#options;
    log.append(bytes, epoch);
    this.#step({ kind: 'appended', endOffset: log.endOffset });
    this.#flusher.schedule();
  }

  #advanceHighWatermark(offset: number): void {
    this.#options.log.updateHighWatermark(offset);
    const isFirst = this.#highWatermark === null;
    this.#highWatermark = offset;
    // The first time there may be much to deliver; `start` does it bit by bit.
    if (!isFirst) {
      for (const _ of this.#delivery.deliverTo(offset));
      this.#onDelivered();
    }
    this.#waiters.reach(offset);
  }

  #onDelivered(): void {
    this.#listener.handleHighWatermark(this.#highWatermark ?? 0);
    this.#maybeTellLeader();
  }

  #maybeTellLeader(): void {
    if (this.#untold === null) return;
    const { leader, epochStartOffset } = this.#untold;
    const isLocal = leader.leaderId === this.#options.nodeId;
    const isReady =
      this.#delivery.nextOffset > epochStartOffset && this.#delivery.nextOffset >= (this.#highWatermark ?? 0);
    if (isLocal && !isReady) return;
    this.#untold = null;
    const wasLocal = this.#leader.leaderId === this.#options.nodeId;
    this.#leader = leader;
    this.#listener.handleLeaderChange(leader);
    // A former leader forgets what was not committed, so it has to be told of it as everybody else.
    if (wasLocal && !isLocal) this.#delivery.skipTo(this.#listener.nextOffset);
  }

  #fail(error: Error): void {
    if (this.#isFailed) return;
    this.#isFailed = true;
    this.#options.logger.error({ error }, 'the metadata log failed');
    this.#waiters.fail(error);
    this.#options.onFault(error);
  }

  /** A snapshot ahead of the log is all there is: the log starts anew behind it. */
  #truncateToSnapshot(): void {
    const { log } = this.#options;
    const latest = this.#snapshots.latest;
    if (latest === null) return;
    const { lastEpoch, endOffset } = log;
    if (latest.epoch > lastEpoch || (latest.epoch === lastEpoch && latest.offset > endOffset)) {
      log.truncateFullyAndStartAt(latest.offset);
      this.#snapshots.forgetBefore(latest)();
    }
  }

  #lastEpoch(): number {
    const { log } = this.#options;
    const latest = this.#snapshots.latest;
    return Math.max(log.lastEpoch, latest !== null && latest.offset === log.endOffset ? latest.epoch : 0);
  }

  #scheduleCleanup(): void {
    this.#cleanupTimer = this.#options.clock.after(CLEANUP_INTERVAL_MS, () => {
      this.cleanUp();
      this.#scheduleCleanup();
    });
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.soon(resolve));
  }
}
