/**
 * Opening one log from its folder, or making it.
 */
import { CorruptDataError, type Uuid, ZERO_UUID } from '@skarab/base';
import { decodeEpochs, decodePartitionMetadata, encodePartitionMetadata } from '../core/checkpoint-text.ts';
import { baseName, LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA, parseLogDirectoryName } from '../core/file-names.ts';
import { type EpochEntry, LeaderEpochs } from '../core/leader-epochs.ts';
import { fileNamesIn, loadLog } from '../core/loading.ts';
import { defaultLogConfig, type LogConfig } from '../core/log-config.ts';
import { LogState } from '../core/log-state.ts';
import { PartitionLog } from '../core/partition-log.ts';
import { ProducerSnapshots } from '../core/producer-snapshots.ts';
import { ProducerState } from '../core/producer-state.ts';
import { SegmentOverflow } from '../core/segment-split.ts';
import { runStepsNow, type Steps } from '../core/steps.ts';
import type { LogHost } from './log-host.ts';
import { runSteps } from './run-steps.ts';
import { splitBeforeLoading } from './split-segment.ts';

export interface OpenLogOptions {
  readonly config?: LogConfig;
  /** Whether the process before this one stopped in order; default true, as for a new log. */
  readonly isClean?: boolean;
  /** From the checkpoints of the log directory; default 0. */
  readonly logStartOffset?: number;
  readonly recoveryPoint?: number;
  /** For a new log. */
  readonly topicId?: Uuid | null;
  /** Called before each segment that is recovered, with how many are left. */
  readonly onProgress?: (segmentsLeft: number) => void;
}

/**
 * Opens the log in a folder named `<topic>-<partition>`, in turns with other work when it must be recovered.
 *
 * Errors: rejects with `StorageError`, or `CorruptDataError` for files that cannot be made sense of.
 */
export async function openPartitionLog(
  host: LogHost,
  directory: string,
  options: OpenLogOptions = {},
): Promise<PartitionLog> {
  for (;;) {
    const { log, steps } = prepare(host, directory, options);
    try {
      await runSteps(steps);
      return log;
    } catch (error) {
      if (!(error instanceof SegmentOverflow)) throw error;
      host.logger.info({ log: log.name, reason: error.message }, 'splitting a segment');
      const { storage, clock } = host;
      await splitBeforeLoading(error.segment, { storage, directory, config: log.config, nowMs: clock.nowMs() });
    }
  }
}

/**
 * As `openPartitionLog`, at once: for folders that are new or were closed in order.
 *
 * Errors: throws also `SegmentOverflow`, for a segment that must be split, which takes more than a moment.
 */
export function openPartitionLogNow(host: LogHost, directory: string, options: OpenLogOptions = {}): PartitionLog {
  const { log, steps } = prepare(host, directory, options);
  runStepsNow(steps);
  return log;
}

/** Completes the files of a log, makes them durable and closes it. Errors: rejects with `StorageError`. */
export async function closePartitionLog(host: LogHost, log: PartitionLog): Promise<void> {
  if (log.state.isClosed) return;
  log.complete();
  host.writer.publish(log);
  await host.flushed(log);
  log.abandon();
}

function prepare(host: LogHost, directory: string, options: OpenLogOptions): { log: PartitionLog; steps: Steps<void> } {
  const { storage, logger } = host;
  const topicPartition = parseLogDirectoryName(baseName(directory));
  if (topicPartition === null) {
    throw new CorruptDataError(`${directory} is not in the form of topic-partition`, { file: directory });
  }
  const isNew = storage.makeDirectory(directory);
  const fileNames = isNew ? [] : fileNamesIn(storage, directory);
  const { topic, partition } = topicPartition;
  const stored = isNew ? [] : readEpochs(host, directory);
  const epochs = new LeaderEpochs(() => {
    if (state.owner !== null) host.onEpochsChanged(state.owner);
  }, stored ?? []);
  const state = new LogState(
    {
      topicPartition: { topic, partition },
      directory,
      config: options.config ?? defaultLogConfig,
      topicId: isNew ? null : readTopicId(host, directory),
      epochs,
      producers: new ProducerState(`${topic}-${partition}`),
      snapshots: new ProducerSnapshots(storage, logger, directory, fileNames),
    },
    host,
  );
  const log = new PartitionLog(state);
  const topicId = options.topicId ?? null;
  if (topicId !== null && !log.assignTopicId(topicId)) {
    throw new CorruptDataError(
      `Tried to assign topic ID ${topicId} to log for topic partition ${log.name}, ` +
        `but log already contained topic ID ${state.topicId}`,
      { file: `${directory}/${PARTITION_METADATA}` },
    );
  }
  const steps = loadLog(state, {
    fileNames,
    isClean: options.isClean ?? true,
    logStartOffset: options.logStartOffset ?? 0,
    recoveryPoint: options.recoveryPoint ?? 0,
    hasLostEpochs: stored === null,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  return { log, steps };
}

function readTopicId({ storage }: LogHost, directory: string): Uuid | null {
  const path = `${directory}/${PARTITION_METADATA}`;
  const bytes = storage.readFile(path);
  // A loss of power may leave the file empty or cut off; then no record had been made durable.
  return bytes === null || isCutOff(bytes) ? null : decodePartitionMetadata(bytes, path);
}

/** The beginning of a `partition.metadata` without its end. */
function isCutOff(bytes: Uint8Array): boolean {
  const whole = encodePartitionMetadata(ZERO_UUID);
  const start = whole.length - ZERO_UUID.length;
  const same = Math.min(bytes.length, start);
  return bytes.length < whole.length && bytes.subarray(0, same).every((byte, i) => byte === whole[i]);
}

/** The entries of `leader-epoch-checkpoint`, null when it makes no sense. */
function readEpochs({ storage, logger }: LogHost, directory: string): EpochEntry[] | null {
  const path = `${directory}/${LEADER_EPOCH_CHECKPOINT}`;
  try {
    return decodeEpochs(storage.readFile(path), path);
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    logger.warn({ file: path, error: error.message }, 'ignoring an unreadable checkpoint');
    return null;
  }
}
