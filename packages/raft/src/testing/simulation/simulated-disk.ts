/**
 * The disk of a node: what waits for the device takes its time, and what was not durable is gone when the process dies.
 */
import type { Random } from '@skarab/base';
import { MemoryStorage, type StorageFile } from '@skarab/log';
import { MemoryRaftLog } from '../memory-raft-log.ts';
import type { ProcessClock } from './simulated-clock.ts';

/** Longest time of a flush, but for a few slow ones. */
const FLUSH_MS = 4;
const SLOW_FLUSH_MS = 60;

/** How long the device takes. */
function flushTimeMs(random: Random): number {
  return random.int(20) === 0 ? random.int(SLOW_FLUSH_MS) : random.int(FLUSH_MS);
}

/** A log whose flushes take time. */
export class SimulatedLog extends MemoryRaftLog {
  readonly #clock: ProcessClock;
  readonly #random: Random;

  constructor(clock: ProcessClock, random: Random) {
    super();
    this.flushesByItself = false;
    this.#clock = clock;
    this.#random = random;
  }

  override flush(onFlushed: Parameters<MemoryRaftLog['flush']>[0]): void {
    super.flush(onFlushed);
    this.#clock.after(flushTimeMs(this.#random), () => this.completeFlush());
  }
}

/** Files that outlive processes. */
export class SimulatedStorage extends MemoryStorage {
  readonly #random: Random;
  #clock: ProcessClock;

  constructor(clock: ProcessClock, random: Random) {
    super({ nowMs: () => this.#clock.nowMs() });
    this.#clock = clock;
    this.#random = random;
  }

  /** Another process has the files now. */
  attachTo(clock: ProcessClock): void {
    this.#clock = clock;
  }

  override file(path: string): StorageFile {
    const file = super.file(path);
    file.sync = () => this.#waitForDevice();
    return file;
  }

  override async replaceFileDurably(path: string, bytes: Uint8Array): Promise<void> {
    await this.#waitForDevice();
    this.replaceFile(path, bytes);
  }

  override async syncDirectory(): Promise<void> {}

  #waitForDevice(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(flushTimeMs(this.#random), resolve));
  }
}
