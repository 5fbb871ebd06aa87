/**
 * From staged to written to visible.
 *
 * The log's writer calls `writeStaged` for every log of a turn, then `publish`. With `flush.messages`, publishing waits for a sync:
 * ```
 *  stage ─► write ─► fewer than flush.messages not synced? ── yes ─► visible
 *                       └── no ─► flush ─► synced up to where it was written when the flush began ─► visible up to there
 * ```
 */
import type { StorageFile } from '../ports.ts';
import { PARTITION_METADATA } from './file-names.ts';
import type { LogState } from './log-state.ts';
import type { LogOffsetMetadata } from './results.ts';

/**
 * Writes what is staged to the active segment, in one piece, and enters it in the indexes.
 *
 * Walk: produce 8.5 — one gathered write to the active segment; leader epochs and indexes follow.
 * Errors: `StorageError`; the log is lost to this process then.
 */
export function writeStaged(state: LogState): void {
  const { staged, epochs, environment } = state;
  if (staged.isEmpty) return;
  const segment = state.segments.active;
  segment.log.write(staged.chunks, segment.size);
  environment.recentWrites.note(staged.sizeInBytes);
  for (const batch of staged.batches) {
    if (batch.leaderEpoch >= 0) epochs.assign(batch.leaderEpoch, batch.baseOffset);
    segment.onBatchWritten(batch.lastOffset, batch.maxTimestamp, batch.sizeInBytes);
  }
  staged.clear();
  state.writtenEndOffset = state.stagedEndOffset;
}

/** Whether what is written may be seen before it is synced. */
export function mustSyncFirst(state: LogState): boolean {
  return state.writtenEndOffset - state.recoveryPoint >= state.config.flushMessages;
}

/**
 * Makes the log visible up to `end`; returns whether that moved its end.
 *
 * Walk: produce 9 — the end of the log moves, and `onAppended` tells the broker.
 */
export function completeAppend(state: LogState, end: LogOffsetMetadata): boolean {
  if (end.offset <= state.logEnd.offset) return false;
  state.logEnd = end;
  return true;
}

/** What has to be synced for the log to be durable up to an end. */
export interface FlushPlan {
  readonly end: LogOffsetMetadata;
  readonly files: readonly StorageFile[];
  readonly directory: string | null;
  readonly cutCount: number;
}

/** Writes what is only in memory and tells what to sync; null when everything is durable. Errors: `StorageError`. */
export function planFlush(state: LogState): FlushPlan | null {
  writeStaged(state);
  const end = state.writtenEnd();
  if (end.offset <= state.recoveryPoint && !state.isDirectoryDirty) return null;
  const files: StorageFile[] = [];
  // The segment before the recovery point may have been completed by a roll since.
  const from = Math.max(state.recoveryPoint - 1, 0);
  for (const segment of state.segments.range(from, Math.max(end.offset, state.recoveryPoint) + 1)) {
    segment.writeIndexes();
    files.push(...segment.takeFilesToSync());
  }
  const directory = state.isDirectoryDirty ? state.directory : null;
  if (directory !== null) files.push(...filesOfDirectory(state));
  state.isDirectoryDirty = false;
  return { end, files, directory, cutCount: state.cutCount };
}

/** Small files that were written without a sync: the newest snapshot and the topic id. */
function filesOfDirectory({ environment, snapshots, directory }: LogState): StorageFile[] {
  const { storage } = environment;
  const files = [storage.file(`${directory}/${PARTITION_METADATA}`)];
  if (snapshots.latestOffset !== null) files.push(storage.file(snapshots.pathOf(snapshots.latestOffset)));
  return files;
}

/** A plan has been carried out. */
export function completeFlush(state: LogState, plan: FlushPlan): void {
  // If the log was cut since, other records may be where those were that have been synced.
  if (plan.cutCount !== state.cutCount || plan.end.offset <= state.recoveryPoint) return;
  state.recoveryPoint = plan.end.offset;
  state.lastFlushMs = state.environment.clock.nowMs();
}
