/**
 * Hosts one share partition: its state from and to the persister, its deadlines, and the fetches that wait for it.
 *
 * Writes are persisted one after the other: a later one never overtakes an earlier one that is tried again. The state is read after those of the host
 * before in the same epoch, which it could not fence. Lives as long as this broker leads the partition in one epoch. Source: kafka.server.share.SharePartition, SharePartitionManager.
 */
import type { Clock, Timer } from '@skarab/base';
import {
  SharePartition,
  type SharePartitionEffect,
  type SharePartitionKey,
  type ShareProblem,
  type WriteStateEffect,
} from '@skarab/coordinator';
import { ErrorCode } from '@skarab/protocol';
import type { Partition } from '../replica/partition.ts';
import type { ShareGroupSettings } from './share-group-settings.ts';
import type { SharePersister } from './share-persister.ts';

/** What the host is made of. */
export interface SharePartitionHostOptions {
  readonly key: SharePartitionKey;
  readonly replica: Partition;
  readonly settings: () => ShareGroupSettings;
  readonly persister: SharePersister;
  /** The end of what another host of the share partition writes still. */
  readonly writtenBefore: Promise<void>;
  /** The state cannot be read: the partition is of no use. */
  readonly onFailed: (host: SharePartitionHost) => void;
  readonly clock: Clock;
}

export class SharePartitionHost {
  readonly #options: SharePartitionHostOptions;
  readonly #shares: SharePartition;
  readonly #leaderEpoch: number;
  readonly #waiting = new Set<() => void>();
  #written: Promise<void>;
  #failure: ErrorCode | null = null;
  #isWaking = false;
  #timer: Timer | undefined;
  #timerDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(options: SharePartitionHostOptions) {
    this.#options = options;
    this.#leaderEpoch = options.replica.leaderEpoch;
    this.#written = options.writtenBefore;
    this.#shares = new SharePartition({ settings: options.settings, resetOffset: () => this.#resetOffset() });
  }

  get key(): SharePartitionKey {
    return this.#options.key;
  }

  get replica(): Partition {
    return this.#options.replica;
  }

  get settings(): ShareGroupSettings {
    return this.#options.settings();
  }

  /** Whether this broker still leads the partition as it did when this was made. */
  get isCurrent(): boolean {
    const { replica } = this.#options;
    return replica.isLeader && replica.leaderEpoch === this.#leaderEpoch && this.#shares.status !== 'fenced';
  }

  /** Why nothing will be acquired here; null while something may be. */
  get problem(): ErrorCode | null {
    return this.#failure ?? (this.isCurrent ? null : ErrorCode.NOT_LEADER_OR_FOLLOWER);
  }

  /** The end of the last write. */
  get written(): Promise<void> {
    return this.#written;
  }

  get canAcquire(): boolean {
    return this.#shares.canAcquire;
  }

  nextFetchOffset(): number {
    return this.#shares.nextFetchOffset();
  }

  /** Has the state read, once. */
  initialize(): void {
    this.tell((shares) => shares.initialize());
  }

  /** Gives an input to the share partition and does what it asks for. */
  tell<R>(input: (shares: SharePartition, nowMs: number) => R): R {
    const result = input(this.#shares, this.#options.clock.monotonicMs());
    for (const effect of this.#shares.takeEffects()) this.#execute(effect);
    this.#armTimer();
    return result;
  }

  /** Calls `waiter` whenever there may be something to acquire. */
  watch(waiter: () => void): void {
    this.#waiting.add(waiter);
  }

  unwatch(waiter: () => void): void {
    this.#waiting.delete(waiter);
  }

  /** Has those who wait look again, soon: what they then do may wake others. */
  wake(): void {
    if (this.#isWaking || this.#waiting.size === 0) return;
    this.#isWaking = true;
    this.#options.clock.soon(() => {
      this.#isWaking = false;
      for (const waiter of [...this.#waiting]) waiter();
    });
  }

  /** Nothing is acquired here any more; what is written still is. */
  fence(): void {
    this.tell((shares) => shares.fence());
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #execute(effect: SharePartitionEffect): void {
    if (effect.type === 'wake') this.wake();
    else if (effect.type === 'read') void this.#read();
    else this.#written = this.#written.then(() => this.#write(effect));
  }

  async #read(): Promise<void> {
    const { persister, key, writtenBefore, onFailed } = this.#options;
    await writtenBefore;
    const result = await persister.read(key, this.#leaderEpoch);
    this.tell((shares) => {
      const problem = shares.onRead(result);
      this.#failure = problem?.error ?? null;
      return problem;
    });
    if (this.#failure !== null) onFailed(this);
  }

  async #write(effect: WriteStateEffect): Promise<void> {
    const { persister, key } = this.#options;
    const problem = await persister.write(key, this.#leaderEpoch, effect);
    this.tell((shares) => shares.onWritten(effect.writeId, problem));
  }

  /** Where a group starts that has not read the partition yet. */
  #resetOffset(): number | ShareProblem {
    const { replica, settings, clock } = this.#options;
    const { autoOffsetReset } = settings();
    const { log } = replica;
    if (autoOffsetReset.type === 'earliest') return log.logStartOffset;
    if (autoOffsetReset.type === 'latest') return log.highWatermark;
    const timestamp = clock.nowMs() - autoOffsetReset.durationMs;
    const found = log.offsetForTimestamp(timestamp);
    if (found !== null && found.offset < log.highWatermark) return found.offset;
    const message = `Offset for timestamp ${timestamp} not found for topic partition: ${replica.topicId}:${replica.topic}-${replica.index}`;
    return { error: ErrorCode.OFFSET_NOT_AVAILABLE, message };
  }

  #armTimer(): void {
    const deadlineMs = this.#shares.nextDeadlineMs();
    if (deadlineMs === null || deadlineMs >= this.#timerDeadlineMs) return;
    const { clock } = this.#options;
    this.#timer?.cancel();
    this.#timerDeadlineMs = deadlineMs;
    this.#timer = clock.after(Math.max(0, deadlineMs - clock.monotonicMs()), () => {
      this.#timerDeadlineMs = Number.POSITIVE_INFINITY;
      this.tell((shares, nowMs) => shares.onTimer(nowMs));
    });
  }
}
