/**
 * Logs by name, and how many of them each log directory has: asked for with every log that is made.
 */
import type { PartitionLog } from '../core/partition-log.ts';

export class LogTable {
  readonly #byName = new Map<string, PartitionLog>();
  readonly #countByDirectory = new Map<string, number>();

  get(name: string): PartitionLog | undefined {
    return this.#byName.get(name);
  }

  /** Enters a log, in the place of the one of that name. */
  set(name: string, log: PartitionLog): void {
    this.delete(name);
    this.#byName.set(name, log);
    this.#count(log, 1);
  }

  /** Returns whether there was one. */
  delete(name: string): boolean {
    const log = this.#byName.get(name);
    if (log !== undefined) this.#count(log, -1);
    return this.#byName.delete(name);
  }

  values(): IterableIterator<PartitionLog> {
    return this.#byName.values();
  }

  /** Number of logs in a log directory. */
  countIn(logDir: string): number {
    return this.#countByDirectory.get(logDir) ?? 0;
  }

  #count({ logDir }: PartitionLog, by: number): void {
    this.#countByDirectory.set(logDir, this.countIn(logDir) + by);
  }
}
