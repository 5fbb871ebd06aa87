/**
 * The directories of `log.dirs` together: which are online, what they are called, and which one gets the next log.
 */
import { StorageError, type Uuid } from '@skarab/base';
import type { LogDirectory } from './log-directory.ts';

/** What is known of a log directory. */
export interface LogDirectoryDescription {
  readonly path: string;
  readonly id: Uuid | null;
  readonly isOnline: boolean;
}

export class LogDirectories {
  readonly all: readonly LogDirectory[];
  readonly #isOnline: (path: string) => boolean;
  #cordoned: ReadonlySet<string> = new Set();

  constructor(all: readonly LogDirectory[], isOnline: (path: string) => boolean) {
    this.all = all;
    this.#isOnline = isOnline;
  }

  online(): LogDirectory[] {
    return this.all.filter(({ path }) => this.#isOnline(path));
  }

  /** The first directory that is offline. */
  firstOffline(): LogDirectory | undefined {
    return this.all.find(({ path }) => !this.#isOnline(path));
  }

  get(path: string): LogDirectory | undefined {
    return this.all.find((directory) => directory.path === path);
  }

  /** An online directory by its path or id. */
  find(directory: Uuid | string): LogDirectory | undefined {
    return this.online().find(({ path, id }) => path === directory || id === directory);
  }

  describe(): LogDirectoryDescription[] {
    return this.all.map(({ path, id }) => ({ path, id, isOnline: this.#isOnline(path) }));
  }

  /** Ids of the directories that are online, or of those that are not, as far as they have one. */
  ids(isOnline: boolean): Uuid[] {
    return this.all.flatMap(({ path, id }) => (id !== null && this.#isOnline(path) === isOnline ? [id] : []));
  }

  /** These directories get no new logs, as long as there are others. */
  cordon(paths: readonly string[]): void {
    this.#cordoned = new Set(paths);
  }

  /** The directory with the fewest logs of those that have these; a cordoned one only if there is no other. Errors: `StorageError`. */
  emptiest(countIn: (path: string) => number): LogDirectory {
    const online = this.online();
    const open = online.filter(({ path }) => !this.#cordoned.has(path));
    const candidates = open.length > 0 ? open : online.slice(0, 1);
    if (candidates.length === 0) throw new StorageError('', 'OFFLINE', 'No log directories available');
    return candidates.reduce((a, b) => (countIn(b.path) < countIn(a.path) ? b : a));
  }

  /** The broker epoch of an orderly stop that all directories agree on; null otherwise. */
  get previousBrokerEpoch(): number | null {
    const epochs = this.all.map(({ path, previousBrokerEpoch }) => (this.#isOnline(path) ? previousBrokerEpoch : null));
    return epochs.every((epoch) => epoch === epochs[0]) ? (epochs[0] ?? null) : null;
  }
}
