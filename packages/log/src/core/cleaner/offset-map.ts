/**
 * From keys to the last offset that each has: what compaction knows of the dirty section of a log, in bounded memory.
 *
 * ```
 *  entry of 24 bytes: hash of the key (4 words) | offset + 1 (high word, low word), both zero when free
 * ```
 * The table has a prime number of slots and is probed by double hashing. It begins small and grows fourfold up to the bound; while it
 * does, the old table is there too. Keys cannot be removed. Source: org.apache.kafka.storage.internals.log.SkimpyOffsetMap.
 */
import { assert } from '@skarab/base';
import { hashKey } from './key-hash.ts';

const WORDS = 6;
const BYTES_PER_ENTRY = 4 * WORDS;
const INITIAL_SLOTS = 4096;
const GROWTH = 4;
/** The share of the slots in use at which a table that is not at its bound grows. */
const GROWS_AT = 0.75;
const TWO_32 = 0x1_0000_0000;

/** How many keys fit into a map. */
export function offsetMapCapacity(maxBytes: number, loadFactor: number): number {
  return Math.floor(Math.floor(maxBytes / BYTES_PER_ENTRY) * Math.min(loadFactor, 1));
}

/** Bounds of a map. */
export interface OffsetMapOptions {
  /** Bytes of the table at most; 24 a key. */
  readonly maxBytes: number;
  /** Which share of the slots may be in use, of (0, 1]. */
  readonly loadFactor: number;
  readonly seed: number;
}

export class OffsetMap {
  /** How many keys fit in. */
  readonly capacity: number;
  /** The last offset that the map covers; -1 at first. */
  latestOffset = -1;
  readonly #maxSlots: number;
  readonly #seed: number;
  readonly #hash = new Uint32Array(4);
  #table: Uint32Array;
  #slots: number;
  #count = 0;

  constructor({ maxBytes, loadFactor, seed }: OffsetMapOptions) {
    this.#maxSlots = Math.floor(maxBytes / BYTES_PER_ENTRY);
    this.capacity = offsetMapCapacity(maxBytes, loadFactor);
    assert(this.capacity > 1, `an offset map of ${maxBytes} bytes holds no key`);
    this.#seed = seed;
    this.#slots = primeAbove(Math.min(INITIAL_SLOTS, this.#maxSlots));
    this.#table = new Uint32Array(WORDS * this.#slots);
  }

  /** How many keys it holds. */
  get size(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= this.capacity;
  }

  /** The share of the slots in use, if the table had its full size. */
  get utilization(): number {
    return this.#count / this.#maxSlots;
  }

  /** Sets the offset of a key; not to be called when the map is full. */
  put(key: Uint8Array, offset: number): void {
    assert(!this.isFull, 'the offset map is full');
    hashKey(key, this.#seed, this.#hash);
    const at = this.#find(this.#hash, 0);
    if (this.#isFree(at)) {
      this.#table.set(this.#hash, at);
      this.#count++;
    }
    this.#table[at + 4] = Math.floor((offset + 1) / TWO_32);
    this.#table[at + 5] = offset + 1;
    this.latestOffset = offset;
    if (this.#slots < this.#maxSlots && this.#count >= this.#slots * GROWS_AT) this.#grow();
  }

  /** The offset of a key, -1 when it is not there. */
  get(key: Uint8Array): number {
    hashKey(key, this.#seed, this.#hash);
    const at = this.#find(this.#hash, 0);
    return this.#table[at + 4]! * TWO_32 + this.#table[at + 5]! - 1;
  }

  /** Where the entry of the hash at `from` of `source` is, or the free one where it belongs. */
  #find(source: Uint32Array, from: number): number {
    const table = this.#table;
    const slots = this.#slots;
    const h1 = source[from]!;
    const h2 = source[from + 1]!;
    const h3 = source[from + 2]!;
    const h4 = source[from + 3]!;
    // A step below a prime number of slots leads to all of them.
    const step = 1 + (h2 % (slots - 1));
    let slot = h1 % slots;
    for (;;) {
      const at = WORDS * slot;
      if (table[at] === h1 && table[at + 1] === h2 && table[at + 2] === h3 && table[at + 3] === h4) return at;
      if (this.#isFree(at)) return at;
      slot += step;
      if (slot >= slots) slot -= slots;
    }
  }

  #isFree(at: number): boolean {
    return this.#table[at + 5] === 0 && this.#table[at + 4] === 0;
  }

  #grow(): void {
    const old = this.#table;
    this.#slots = primeAbove(Math.min(GROWTH * this.#slots, this.#maxSlots));
    this.#table = new Uint32Array(WORDS * this.#slots);
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 5] === 0 && old[from + 4] === 0) continue;
      const at = this.#find(old, from);
      for (let i = 0; i < WORDS; i++) this.#table[at + i] = old[from + i]!;
    }
  }
}

/** The next prime, so that there is always a free slot. */
function primeAbove(bound: number): number {
  let candidate = bound + 1;
  while (!isPrime(candidate)) candidate++;
  return candidate;
}

function isPrime(value: number): boolean {
  if (value % 2 === 0) return value === 2;
  for (let divisor = 3; divisor * divisor <= value; divisor += 2) if (value % divisor === 0) return false;
  return true;
}
