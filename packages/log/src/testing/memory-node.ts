/**
 * What lies in a storage in memory: folders of names, and the bytes of files.
 *
 * Bytes that were handed out as views never change: a write that would touch them, or a truncation, moves to a new buffer first.
 */

/** The content of one file. */
export class MemoryNode {
  #buffer: Uint8Array = new Uint8Array(0);
  size = 0;
  modifiedMs: number;

  constructor(nowMs: number) {
    this.modifiedMs = nowMs;
  }

  /** The bytes there are; valid for good. */
  view(position: number, length: number): Uint8Array {
    const end = Math.min(position + length, this.size);
    return this.#buffer.subarray(Math.min(position, end), end);
  }

  /** Overwrites and extends; a gap is filled with zeros. */
  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (position < this.size) this.#move(Math.max(end, this.size));
    else if (end > this.#buffer.length) this.#move(Math.max(end, 2 * this.#buffer.length, 256));
    this.#buffer.set(bytes, position);
    this.size = Math.max(this.size, end);
  }

  /** Cuts or extends with zeros. */
  truncate(size: number): void {
    const kept = Math.min(size, this.size);
    const buffer = new Uint8Array(size);
    buffer.set(this.#buffer.subarray(0, kept));
    this.#buffer = buffer;
    this.size = size;
  }

  #move(capacity: number): void {
    const buffer = new Uint8Array(capacity);
    buffer.set(this.#buffer.subarray(0, this.size));
    this.#buffer = buffer;
  }
}

/** A folder by the names in it. */
export class MemoryFolder {
  readonly entries = new Map<string, MemoryFolder | MemoryNode>();
}
