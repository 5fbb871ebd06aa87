/**
 * Compaction of a broker's logs: the dirtiest log first, as many at a time as there are threads, forever.
 *
 * ```
 *  look at all compacted logs ─► one needs cleaning? ── no ─► let retention delete, wait log.cleaner.backoff.ms ─► again
 *                                       └── yes ─► plan ─► run elsewhere, commit group by group ─► checkpoint ─► again
 * ```
 * Whatever happens to a log meanwhile, no call waits for its cleaning: from `abort…` on it changes the log no more, and ends by itself.
 * A log that cannot be cleaned is left alone from then on. Source: org.apache.kafka.storage.internals.log.LogCleaner, LogCleanerManager.
 */
import {
  type Clock,
  CorruptDataError,
  type Logger,
  type Random,
  StorageError,
  systemRandom,
  type Timer,
} from '@skarab/base';
import { type CleanerSettings, limitsOf } from '../../core/cleaner/cleaner-settings.ts';
import { CleaningPlan } from '../../core/cleaner/cleaning-plan.ts';
import { CleaningStates } from '../../core/cleaner/cleaning-states.ts';
import type { CleanedSegment, CleaningOutcome } from '../../core/cleaner/cleaning-task.ts';
import { assessLog, filthiest, type LogToClean, needsCleaning } from '../../core/cleaner/log-to-clean.ts';
import { logDirectoryName, type TopicPartition } from '../../core/file-names.ts';
import type { LogSegment } from '../../core/log-segment.ts';
import type { PartitionLog } from '../../core/partition-log.ts';
import { hasOverflow } from '../../core/segment-split.ts';
import type { Storage } from '../../ports.ts';
import { DiskStorage } from '../disk-storage.ts';
import { forEachSliced } from '../sliced.ts';
import { discardSplit, writeSplit } from '../split-segment.ts';
import { CleanerCheckpoints } from './cleaner-checkpoints.ts';
import { CleanerMetrics } from './cleaner-metrics.ts';
import { LoopRunner } from './loop-runner.ts';
import type { CleaningRunner } from './run-cleaning.ts';
import { ThreadRunner } from './thread-runner.ts';

/** Whose logs are cleaned; a `LogManager` is one. */
export interface LogCleanerOwner {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly storage: Storage;
  /** All logs that are loaded; future ones are left alone. */
  logs(): readonly PartitionLog[];
  /** Paths of the log directories that are online. */
  onlineDirectories(): readonly string[];
  onStorageError(logDir: string, error: StorageError): void;
}

export interface LogCleanerOptions {
  readonly settings: CleanerSettings;
  readonly random?: Random;
  /** Where cleaning is done; default: in threads for storage on disk, else on the event loop. */
  readonly runner?: CleaningRunner;
}

export class LogCleaner {
  readonly metrics: CleanerMetrics;
  readonly #owner: LogCleanerOwner;
  readonly #random: Random;
  readonly #runner: CleaningRunner;
  readonly #checkpoints: CleanerCheckpoints;
  readonly #states = new CleaningStates();
  /** Logs that could not be cleaned. */
  readonly #uncleanable = new Set<PartitionLog>();
  readonly #running = new Set<Promise<void>>();
  #settings: CleanerSettings;
  #timer: Timer | null = null;
  #looking: Promise<LogToClean | null> | null = null;
  #isStarted = false;
  #isWorking = false;
  #isWanted = false;

  /** Reads the checkpoints of the directories; all logs have been loaded. */
  constructor(owner: LogCleanerOwner, options: LogCleanerOptions) {
    const { clock, storage, logger } = owner;
    const loop = new LoopRunner(storage, clock);
    this.#owner = owner;
    this.#settings = options.settings;
    this.#random = options.random ?? systemRandom;
    this.#runner = options.runner ?? (storage instanceof DiskStorage ? new ThreadRunner({ loop, logger }) : loop);
    this.metrics = new CleanerMetrics(clock.nowMs(), () => this.#settings.threads);
    this.#checkpoints = new CleanerCheckpoints(owner, owner.onlineDirectories());
    this.#checkpoints.retain(owner.logs());
  }

  /** Begins to look for dirty logs, now and from time to time. */
  start(): void {
    this.#isStarted = true;
    this.#wakeAfter(0);
  }

  /** Ends what is under way and waits for that. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#timer?.cancel();
    this.#timer = null;
    this.#states.cancelAll();
    await Promise.all([this.#looking, ...this.#running]);
    await this.#runner.close();
    await this.#checkpoints.settled();
  }

  /** New settings hold for what begins from now on. */
  updateSettings(settings: CleanerSettings): void {
    this.#settings = settings;
    if (this.#isStarted) this.#wakeAfter(0);
  }

  /** Whether a log is being cleaned: its retention must wait. */
  isCleaning(log: PartitionLog): boolean {
    return this.#states.isRunning(log.name);
  }

  /** The first offset of a log that is not clean; null when it was never cleaned. */
  firstDirtyOffset(log: PartitionLog): number | null {
    return this.#checkpoints.get(log);
  }

  /** Ends the cleaning of a log. Resolves when nobody reads or writes in its folder for it any more. */
  abortCleaning(topicPartition: TopicPartition): Promise<void> {
    const name = logDirectoryName(topicPartition);
    this.#states.cancel(name);
    return new Promise((resolve) => this.#states.whenIdle(name, resolve));
  }

  /** As `abortCleaning`, and none begins until `resumeCleaning` was called as often. */
  abortAndPauseCleaning(topicPartition: TopicPartition): Promise<void> {
    this.#states.pause(logDirectoryName(topicPartition));
    return this.abortCleaning(topicPartition);
  }

  resumeCleaning(topicPartition: TopicPartition): void {
    this.#states.resume(logDirectoryName(topicPartition));
  }

  /** The end of a log was cut off: what comes in its place is dirty. */
  onCut(log: PartitionLog): void {
    if (log.isFuture) return;
    this.#states.cancel(log.name);
    this.#checkpoints.cap(log, log.state.segments.active.baseOffset);
  }

  /** A log was taken away from this directory. */
  onRemoved(topicPartition: TopicPartition, logDir: string): void {
    this.#states.cancel(logDirectoryName(topicPartition));
    this.#checkpoints.remove(topicPartition, logDir);
  }

  /** A log was replaced by its copy in another directory. */
  onMoved(topicPartition: TopicPartition, fromLogDir: string, toLogDir: string): void {
    this.#states.cancel(logDirectoryName(topicPartition));
    this.#checkpoints.move(topicPartition, fromLogDir, toLogDir);
  }

  /** A directory is offline; its logs are closed. */
  onLogDirFailure(logDir: string): void {
    this.#checkpoints.forget(logDir);
  }

  /** Logs that could not be cleaned and are left alone. */
  uncleanableLogs(): PartitionLog[] {
    return [...this.#uncleanable].filter((log) => !log.state.isClosed);
  }

  /** Bytes that would be cleaned if it were not for that. Errors: `StorageError`. */
  uncleanableBytes(logDir: string): number {
    const nowMs = this.#owner.clock.nowMs();
    const logs = this.uncleanableLogs().filter((log) => log.logDir === logDir);
    return logs.reduce((sum, log) => sum + assessLog(log, this.#checkpoints.get(log), nowMs).cleanableBytes, 0);
  }

  /** Cleans the log that needs it most, if one does; returns whether it was cleaned to the end. */
  async cleanFilthiest(): Promise<boolean> {
    const found = await this.#look();
    return found !== null && (await this.#clean(found));
  }

  #wakeAfter(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#owner.clock.after(delayMs, () => {
      this.#timer = null;
      this.#track(this.#work());
    });
  }

  /** Does what there is to do; who asks meanwhile has it done once more. */
  async #work(): Promise<void> {
    this.#isWanted = true;
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      while (this.#isStarted && this.#isWanted) {
        this.#isWanted = false;
        await this.#startCleanings();
        if (this.#isStarted) await this.#deleteOldSegments();
      }
    } finally {
      this.#isWorking = false;
    }
    if (this.#isStarted && this.#timer === null) this.#wakeAfter(this.#settings.backoffMs);
  }

  /** Starts cleanings until all threads have one or no log needs it. */
  async #startCleanings(): Promise<void> {
    while (this.#states.runningCount < this.#settings.threads) {
      const found = await this.#look();
      if (found === null || !this.#isStarted) return;
      this.#track(this.#clean(found).then(() => this.#isStarted && this.#wakeAfter(0)));
    }
  }

  #track(work: Promise<unknown>): void {
    const tracked: Promise<void> = work.then(
      () => this.#settle(tracked),
      (error: unknown) => {
        this.#settle(tracked);
        this.#owner.logger.error({ error: String(error) }, 'cleaning of logs failed');
      },
    );
    this.#running.add(tracked);
  }

  #settle(tracked: Promise<void>): void {
    this.#running.delete(tracked);
  }

  /** The log that needs cleaning most. One look at a time: who asks meanwhile looks after it. */
  async #look(): Promise<LogToClean | null> {
    while (this.#looking !== null) await this.#looking;
    this.#looking = this.#assessAll();
    try {
      return await this.#looking;
    } finally {
      this.#looking = null;
    }
  }

  async #assessAll(): Promise<LogToClean | null> {
    const nowMs = this.#owner.clock.nowMs();
    const candidates: LogToClean[] = [];
    for (const log of this.#uncleanable) if (log.state.isClosed) this.#uncleanable.delete(log);
    await this.#forEachFree((log) => {
      const candidate = assessLog(log, this.#checkpoints.get(log), nowMs);
      if (candidate.isCheckpointInvalid) this.#correctCheckpoint(candidate);
      if (candidate.cleanBytes + candidate.cleanableBytes > 0) candidates.push(candidate);
    });
    const found = filthiest(candidates.filter(({ log }) => this.#isCleanable(log)));
    this.metrics.onLook(candidates, found, nowMs);
    return found;
  }

  #correctCheckpoint({ log, firstDirtyOffset }: LogToClean): void {
    // Retention moves the start of a log ahead as a matter of course.
    if (!log.config.delete) {
      this.#owner.logger.warn(
        { log: log.name, checkpoint: this.#checkpoints.get(log), logStartOffset: firstDirtyOffset },
        'the checkpoint of cleaning is outside of the log, which counts as not cleaned',
      );
    }
    this.#checkpoints.set(log, firstDirtyOffset);
  }

  #isCleanable(log: PartitionLog): boolean {
    return !log.state.isClosed && !log.isFuture && this.#states.isFree(log.name) && !this.#uncleanable.has(log);
  }

  async #clean({ log }: LogToClean): Promise<boolean> {
    if (!this.#isCleanable(log)) return false;
    // Looking took more than one turn of the loop.
    const found = assessLog(log, this.#checkpoints.get(log), this.#owner.clock.nowMs());
    if (!needsCleaning(found)) return false;
    const controller = new AbortController();
    this.#states.start(log.name, () => controller.abort());
    let plan: CleaningPlan | null = null;
    try {
      plan = this.#plan(found);
      const outcome = await this.#runner.run(plan.task, this.#committer(log, plan), controller.signal);
      return this.#onOutcome(found, plan, outcome);
    } catch (error) {
      const overflowed = plan === null || !(error instanceof CorruptDataError) ? undefined : overflowedIn(plan);
      if (plan !== null && overflowed !== undefined) return await this.#split(log, plan, overflowed);
      this.#onFailure(log, plan, error);
      return false;
    } finally {
      this.#states.finish(log.name);
    }
  }

  /** Splits a segment that could not be cleaned because its offsets do not fit its indexes; the log is cleaned from the beginning then. */
  async #split(log: PartitionLog, plan: CleaningPlan, segment: LogSegment): Promise<boolean> {
    const { storage, clock, logger } = this.#owner;
    const target = { storage, directory: log.directory, config: log.config, nowMs: clock.nowMs() };
    try {
      const parts = await writeSplit(segment, target);
      if (this.#states.isCancelled(log.name) || !plan.commitSplit(segment.baseOffset, parts)) {
        discardSplit(target, parts);
        return false;
      }
      await storage.syncDirectory(log.directory);
      logger.info({ log: log.name, baseOffset: segment.baseOffset, parts: parts.length }, 'split a segment');
      return true;
    } catch (error) {
      this.#onFailure(log, plan, error);
      return false;
    }
  }

  #plan(found: LogToClean): CleaningPlan {
    return new CleaningPlan(found, {
      limits: limitsOf(this.#settings),
      nowMs: this.#owner.clock.nowMs(),
      seed: this.#random.int(0x1_0000_0000),
    });
  }

  #committer(log: PartitionLog, plan: CleaningPlan): (cleaned: CleanedSegment) => Promise<boolean> {
    return async (cleaned) => {
      if (this.#states.isCancelled(log.name) || !plan.commit(cleaned)) return false;
      await this.#owner.storage.syncDirectory(log.directory);
      return true;
    };
  }

  #onOutcome({ log, firstDirtyOffset }: LogToClean, plan: CleaningPlan, outcome: CleaningOutcome): boolean {
    const { isComplete, endOffset, stats } = outcome;
    if (!isComplete || this.#states.isCancelled(log.name) || !plan.isValid) {
      this.#owner.logger.debug({ log: log.name }, 'gave up cleaning a log that has changed meanwhile');
      return false;
    }
    this.#checkpoints.set(log, endOffset);
    this.metrics.onCleaned(stats);
    this.#owner.logger.info({ log: log.name, firstDirtyOffset, endOffset, ...stats }, 'cleaned a log');
    if (stats.invalidRecordsRead > 0) {
      this.#owner.logger.warn({ log: log.name, records: stats.invalidRecordsRead }, 'dropped records without a key');
    }
    return true;
  }

  #onFailure(log: PartitionLog, plan: CleaningPlan | null, error: unknown): void {
    // Who deletes, moves or cuts a log does not wait for its cleaning, which then finds files missing or other than it thought.
    if (plan !== null && (this.#states.isCancelled(log.name) || !plan.isValid)) return;
    if (error instanceof StorageError) {
      this.#owner.onStorageError(log.logDir, error);
      return;
    }
    this.#uncleanable.add(log);
    this.#owner.logger.error({ log: log.name, error: String(error) }, 'a log cannot be cleaned and is left alone');
  }

  /** What retention, or a new start of the log, lets go: in logs that are compacted, that is compaction's business. */
  #deleteOldSegments(): Promise<void> {
    return this.#forEachFree((log) => log.deleteOldSegments());
  }

  /** Visits the compacted logs that are not being cleaned, in slices. */
  #forEachFree(visit: (log: PartitionLog) => void): Promise<void> {
    return forEachSliced(this.#owner.clock, this.#owner.logs(), (log) => {
      if (!log.config.compact || !this.#isCleanable(log)) return;
      try {
        visit(log);
      } catch (error) {
        this.#onFailure(log, null, error);
      }
    });
  }
}

/** The first segment of a plan whose offsets do not fit its indexes; undefined when none is, or one of them is damaged. */
function overflowedIn(plan: CleaningPlan): LogSegment | undefined {
  try {
    return plan.isValid ? plan.segments.find(hasOverflow) : undefined;
  } catch {
    return undefined;
  }
}
