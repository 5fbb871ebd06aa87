/**
 * What the event loop and a cleaning thread say to each other. One task at a time; plain data only, errors included.
 *
 * ```
 *  loop    ─ clean ─►            ◄─ commit ─  ─ committed ─►  …   ◄─ done or failed ─
 *             └─ cancel ─► at any time: the thread answers with an incomplete `done`
 * ```
 */
import { CorruptDataError, KafkaError, StorageError } from '@skarab/base';
import type { CleanedSegment, CleaningOutcome, CleaningTask } from '../../core/cleaner/cleaning-task.ts';

export type ToCleanerThread =
  | { readonly type: 'clean'; readonly task: CleaningTask }
  | { readonly type: 'committed'; readonly isCommitted: boolean }
  | { readonly type: 'cancel' };

export type FromCleanerThread =
  | { readonly type: 'ready' }
  | { readonly type: 'commit'; readonly cleaned: CleanedSegment }
  | { readonly type: 'done'; readonly outcome: CleaningOutcome }
  | { readonly type: 'failed'; readonly failure: CleaningFailure };

/** An error without its class. */
export interface CleaningFailure {
  readonly kind: 'storage' | 'corrupt' | 'other';
  readonly message: string;
  /** Path of the storage error, file of the damaged data. */
  readonly path: string;
  readonly errno: string;
  readonly position: number;
}

/** An error as data. */
export function describeFailure(error: unknown): CleaningFailure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof StorageError) {
    return { kind: 'storage', message, path: error.path, errno: error.errno, position: -1 };
  }
  if (error instanceof CorruptDataError) {
    return { kind: 'corrupt', message, path: error.file, errno: '', position: error.position };
  }
  return { kind: 'other', message, path: '', errno: '', position: -1 };
}

/** The error that was described. */
export function errorOf({ kind, message, path, errno, position }: CleaningFailure): Error {
  switch (kind) {
    case 'storage':
      return new StorageError(path, errno, message);
    case 'corrupt':
      return new CorruptDataError(message, { file: path, position });
    case 'other':
      return new KafkaError('CLEANER_THREAD', message);
  }
}
