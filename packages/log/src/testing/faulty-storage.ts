/**
 * A storage in memory that fails as real ones do: on command, torn in the middle of a write, full, and by losing power.
 *
 * `crash` keeps of every file what was synced and a random part of what was written since, the last write perhaps torn; of the names
 * it keeps all up to the last synced folder and a random number of later changes, in their order, as journaling file systems do. A file
 * is cut in that order too: not before the names that changed earlier.
 */
import type { Random } from '@skarab/base';
import type { Storage } from '../ports.ts';
import type { MemoryNode } from './memory-node.ts';
import {
  failure,
  MemoryStorage,
  type MemoryStorageOptions,
  type StorageObserver,
  type StorageOperation,
} from './memory-storage.ts';

type Change =
  | { readonly bytes: Uint8Array; readonly position: number }
  /** A cut, and how many names had changed before it. */
  | { readonly size: number; readonly namesBefore: number };

/** A failure to come. */
export interface Fault {
  readonly operation: StorageOperation;
  /** Only for paths that contain this. */
  readonly path?: string;
  readonly errno: string;
  /** How many matching operations pass before it; default 0. */
  readonly after?: number;
  /** How many times it happens; default 1. */
  readonly times?: number;
}

interface ArmedFault extends Fault {
  passing: number;
  remaining: number;
}

export class FaultyStorage extends MemoryStorage implements StorageObserver {
  readonly #random: Random;
  readonly #durable = new Map<MemoryNode, Uint8Array>();
  readonly #changes = new Map<MemoryNode, Change[]>();
  /** Of the names that are not durable, what takes each change back. */
  readonly #undo: (() => void)[] = [];
  #durableNames = 0;
  #faults: ArmedFault[] = [];
  #usableBytes = Number.MAX_SAFE_INTEGER;

  constructor(random: Random, options: MemoryStorageOptions = {}) {
    super(options);
    this.#random = random;
    this.observer = this;
  }

  /** Makes the next matching operation fail. */
  fail(fault: Fault): void {
    this.#faults.push({ ...fault, passing: fault.after ?? 0, remaining: fault.times ?? 1 });
  }

  /** Forgets all failures to come. */
  heal(): void {
    this.#faults = [];
    this.#usableBytes = Number.MAX_SAFE_INTEGER;
  }

  /** Lets so many bytes more be written before ENOSPC. */
  fill(usableBytes: number): void {
    this.#usableBytes = usableBytes;
  }

  override space(): { totalBytes: number; usableBytes: number } {
    return { totalBytes: Number.MAX_SAFE_INTEGER, usableBytes: this.#usableBytes };
  }

  /** As one process sees it, until the next crash. */
  attach(): Storage {
    return this.openForProcess();
  }

  /** Loses power: see the head of this file. */
  crash(): void {
    this.detach();
    this.heal();
    const keptNames = this.#random.int(this.#undo.length + 1);
    while (this.#undo.length > keptNames) this.#undo.pop()!();
    this.onSyncDirectory();
    for (const [node, changes] of this.#changes) {
      this.#replay(node, changes);
      this.#durable.set(node, node.view(0, node.size));
    }
    this.#changes.clear();
  }

  before(operation: StorageOperation, path: string): void {
    for (const fault of this.#faults) {
      if (fault.operation !== operation || !path.includes(fault.path ?? '')) continue;
      if (fault.passing-- > 0) continue;
      if (fault.remaining-- <= 0) continue;
      throw failure(path, fault.errno);
    }
  }

  onWrite(path: string, node: MemoryNode, bytes: Uint8Array, position: number): number {
    const extending = Math.max(0, position + bytes.length - node.size);
    if (extending > this.#usableBytes) {
      const arriving = Math.min(bytes.length, this.#usableBytes);
      this.#note(node, { bytes: bytes.slice(0, arriving), position });
      node.write(bytes.subarray(0, arriving), position);
      throw failure(path, 'ENOSPC');
    }
    this.#usableBytes -= extending;
    this.#note(node, { bytes: bytes.slice(), position });
    return bytes.length;
  }

  onTruncate(node: MemoryNode, size: number): void {
    this.#note(node, { size, namesBefore: this.#durableNames + this.#undo.length });
  }

  onSync(node: MemoryNode): void {
    for (const change of this.#changes.get(node) ?? []) {
      // With the cut, the names that changed before it are durable too.
      if ('size' in change) this.#keepNames(change.namesBefore - this.#durableNames);
    }
    this.#durable.set(node, node.view(0, node.size));
    this.#changes.delete(node);
  }

  onNames(undo: () => void): void {
    this.#undo.push(undo);
  }

  onSyncDirectory(): void {
    this.#keepNames(this.#undo.length);
  }

  /** The next so many changes of names are durable. */
  #keepNames(count: number): void {
    if (count <= 0) return;
    this.#undo.splice(0, count);
    this.#durableNames += count;
  }

  #note(node: MemoryNode, change: Change): void {
    const changes = this.#changes.get(node);
    if (changes === undefined) this.#changes.set(node, [change]);
    else changes.push(change);
  }

  #replay(node: MemoryNode, changes: readonly Change[]): void {
    const durable = this.#durable.get(node);
    node.truncate(0);
    if (durable !== undefined) node.write(durable, 0);
    const tooEarly = changes.findIndex((change) => 'size' in change && change.namesBefore > this.#durableNames);
    const kept = this.#random.int((tooEarly < 0 ? changes.length : tooEarly) + 1);
    changes.slice(0, kept).forEach((change, index) => {
      if ('size' in change) node.truncate(change.size);
      else if (index < kept - 1) node.write(change.bytes, change.position);
      else node.write(change.bytes.subarray(0, this.#random.int(change.bytes.length + 1)), change.position);
    });
  }
}
