/**
 * The storage port: folders and files as a log needs them, and nothing else of a file system.
 *
 * Calls that a produce or fetch waits for are synchronous, because a write to or a read from the page cache is cheaper than a trip
 * through a thread pool; only what waits for the device (`sync…`, `readAsync`) is a promise. Paths are plain strings with `/`.
 * Every failure of a call is a `StorageError` with the platform's errno; a missing file is ENOENT. Implementations: `DiskStorage`,
 * and in testing `MemoryStorage` and `FaultyStorage`; all pass `storageContract`.
 */

/** One name in a folder. */
export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** What is known about a path without opening it. */
export interface FileStatus {
  readonly size: number;
  readonly modifiedMs: number;
  readonly isDirectory: boolean;
}

/** The place of bytes in a file of the platform, for senders that can use it. */
export interface FileRegion {
  readonly fd: number;
  readonly position: number;
}

/**
 * A file by its path. Making one costs nothing: the descriptor is opened by the first call that needs it and may be closed again
 * between any two calls, unless the file is retained. The file is created by the first `write`.
 */
export interface StorageFile {
  /** Where the file is now; `rename` and `relocate` change it. */
  readonly path: string;
  /** Size in bytes; 0 when the file does not exist. */
  size(): number;
  /** Writes all chunks, one behind the other, from `position` on: one gathered write where the platform has it. Keeps no view. */
  write(chunks: readonly Uint8Array[], position: number): void;
  /** Reads into all of `target`, or less at the end of the file; returns how much. */
  read(target: Uint8Array, position: number): number;
  /** As `read`, without holding up the caller while the device is slow. `target` must be left alone until it is done. */
  readAsync(target: Uint8Array, position: number): Promise<number>;
  /** A view of bytes that are in memory anyway and will never change, or undefined when this storage has none. */
  view(position: number, length: number): Uint8Array | undefined;
  /** Cuts or extends the file to `size` bytes; extended bytes are zero. */
  truncate(size: number): void;
  /** Resolves when everything written before the call survives a loss of power. A file that does not exist is no error. */
  sync(): Promise<void>;
  /** Renames the file if it exists; in any case later calls use the new path. */
  rename(path: string): void;
  /** The file's folder was renamed by somebody: later calls use the new path. */
  relocate(path: string): void;
  /** Removes the file if it exists. A retained descriptor stays readable. */
  delete(): void;
  /** Keeps the descriptor open until `release`; the bytes stay readable even if the file is deleted. */
  retain(): void;
  release(): void;
  /** The place of `position` for a zero-copy sender, while retained; undefined where there is no descriptor. */
  region(position: number): FileRegion | undefined;
  /** Closes the descriptor unless retained. The file may be used again. */
  close(): void;
}

/** Folders and files. */
export interface Storage {
  /** A file by its path; nothing is touched. */
  file(path: string): StorageFile;
  status(path: string): FileStatus | null;
  /** The names in a folder, sorted. */
  list(directory: string): DirectoryEntry[];
  /** Creates a folder and those above it; returns false when it exists already. */
  makeDirectory(directory: string): boolean;
  /** Moves a file or a folder, replacing a file that is there. */
  rename(from: string, to: string): void;
  /** Removes a file; returns whether it existed. */
  delete(path: string): boolean;
  /** Removes a file, or a folder with all that is in it, without holding up the caller; fine when it does not exist. */
  remove(path: string): Promise<void>;
  /** All bytes of a file, or null when it does not exist. */
  readFile(path: string): Uint8Array | null;
  /** Replaces a file as a whole: readers see the old or the new bytes. Not durable before `syncDirectory` and a sync of the file. */
  replaceFile(path: string, bytes: Uint8Array): void;
  /** Replaces a file as a whole; resolves when the new bytes survive a loss of power, and never exposes half of them. */
  replaceFileDurably(path: string, bytes: Uint8Array): Promise<void>;
  /** Makes creations, renames and deletions in a folder durable. A folder that does not exist is no error. */
  syncDirectory(directory: string): Promise<void>;
  /** Sets the modification time of a file. */
  setModifiedMs(path: string, modifiedMs: number): void;
  /** Total and usable bytes of the volume. */
  space(path: string): { readonly totalBytes: number; readonly usableBytes: number };
  /** Takes the folder for this process by its file `name`, or returns null when somebody else has it. Returns the release. */
  lock(directory: string, name: string): (() => void) | null;
  /** Closes every descriptor that is not retained. */
  close(): void;
}
