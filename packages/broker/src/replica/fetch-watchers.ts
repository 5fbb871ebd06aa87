/**
 * Fetches that wait for more of one partition: followers for what is written, consumers for what is replicated.
 *
 * Keeps account of bytes that are written and not yet replicated, so that both are told how many more they can read.
 */

/** A consumer or follower that waits for more bytes of partitions. */
export interface FetchWatcher {
  /** `bytes` more can be read from this partition; 0 where the amount is not known. */
  onReadable(bytes: number): void;
  /** The partition cannot be read any more, or its bounds changed: answer now. */
  onDisturbed(): void;
}

/** A write that is not replicated yet. */
interface UnreplicatedWrite {
  readonly endOffset: number;
  readonly bytes: number;
}

/** Writes beyond this are counted together. */
const MAX_WRITES = 1024;

export class FetchWatchers {
  readonly #ofWritten = new Set<FetchWatcher>();
  readonly #ofReplicated = new Set<FetchWatcher>();
  readonly #unreplicated: UnreplicatedWrite[] = [];

  /** True while something written is not known to be replicated. */
  get hasUnreplicated(): boolean {
    return this.#unreplicated.length > 0;
  }

  add(watcher: FetchWatcher, isFollower: boolean): void {
    (isFollower ? this.#ofWritten : this.#ofReplicated).add(watcher);
  }

  remove(watcher: FetchWatcher): void {
    this.#ofWritten.delete(watcher);
    this.#ofReplicated.delete(watcher);
  }

  /** `bytes` came; they are written and replicated (a leader without followers). */
  onWrittenAndReplicated(bytes: number): void {
    tell(this.#ofWritten, bytes);
    tell(this.#ofReplicated, bytes);
  }

  /** `bytes` came: the log ends at `endOffset` now, which is not replicated yet. */
  onWritten(endOffset: number, bytes: number): void {
    const last = this.#unreplicated.length >= MAX_WRITES ? this.#unreplicated.pop() : undefined;
    this.#unreplicated.push({ endOffset, bytes: bytes + (last?.bytes ?? 0) });
    tell(this.#ofWritten, bytes);
  }

  /** The high watermark has moved. */
  onReplicated(highWatermark: number): void {
    let bytes = 0;
    while (this.#unreplicated[0] !== undefined && this.#unreplicated[0].endOffset <= highWatermark)
      bytes += this.#unreplicated.shift()!.bytes;
    // It may have moved within a write: by at least one byte.
    tell(this.#ofReplicated, Math.max(1, bytes));
  }

  /** The high watermark of a follower has moved; nobody counts there. */
  onFollowerHighWatermark(): void {
    tell(this.#ofReplicated, Number.POSITIVE_INFINITY);
  }

  /** Whoever waits looks again. */
  recheck(): void {
    tell(this.#ofWritten, 0);
    tell(this.#ofReplicated, 0);
  }

  /** The partition cannot be read as before. */
  disturb(): void {
    this.#unreplicated.length = 0;
    for (const watcher of [...this.#ofWritten, ...this.#ofReplicated]) watcher.onDisturbed();
  }
}

function tell(watchers: ReadonlySet<FetchWatcher>, bytes: number): void {
  // Whoever is told may leave.
  if (watchers.size > 0) for (const watcher of [...watchers]) watcher.onReadable(bytes);
}
