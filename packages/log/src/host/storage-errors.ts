/**
 * The one place where the platform's file errors become `StorageError`.
 */
import { StorageError } from '@skarab/base';

interface PlatformError {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** The failure of `action` on `path` as the package reports it. */
export function toStorageError(action: string, path: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const { code, message } = cause as PlatformError;
  const errno = typeof code === 'string' ? code : 'UNKNOWN';
  return new StorageError(path, errno, `Cannot ${action} ${path}: ${String(message ?? cause)}`, cause);
}

/** True for the failure to find a file. */
export function isMissing(error: unknown): boolean {
  return (error as PlatformError).code === 'ENOENT' || (error instanceof StorageError && error.errno === 'ENOENT');
}

/** Runs `action` and turns what it throws into a `StorageError`. */
export function onDisk<Result>(action: string, path: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    throw toStorageError(action, path, cause);
  }
}
