/**
 * The orders in which Java's hash tables iterate: where Kafka takes "the first", or goes through a map, they decide who gets which partition.
 *
 * A table of capacity c (a power of 2) keeps a key in bucket `spread(hash) & (c - 1)`, and keys of one bucket as they came; growing keeps
 * their order. Sorting by bucket, stably, is therefore the order of iteration. Source: java.util.HashMap,
 * org.apache.kafka.timeline.BaseHashTable.
 */
import type { Uuid } from '@skarab/base';
import { uuidToBytes } from '@skarab/base';
import { javaHashCode } from './java-string.ts';

/** What `hashCode` is for a kind of key. */
export type HashOf<K> = (key: K) => number;

/** `Uuid.hashCode`: the four 32-bit words, exclusive or. */
export function uuidHashCode(uuid: Uuid): number {
  uuidToBytes(uuid, uuidBytes);
  return uuidView.getInt32(0) ^ uuidView.getInt32(4) ^ uuidView.getInt32(8) ^ uuidView.getInt32(12);
}

const uuidBytes = new Uint8Array(16);
const uuidView = new DataView(uuidBytes.buffer);

/** `Integer.hashCode`. */
export function intHashCode(value: number): number {
  return value;
}

/** The least power of 2 that is not below `size`. */
export function tableSizeFor(size: number): number {
  let capacity = 1;
  while (capacity < size) capacity *= 2;
  return capacity;
}

/** The capacity of a `HashMap` that was made with `initial` buckets and has held `maxSize` keys. */
export function grownCapacity(maxSize: number, initial = 16): number {
  let capacity = initial;
  while (maxSize > capacity * 0.75) capacity *= 2;
  return capacity;
}

/** The capacity of `new HashSet(collection)`. */
export function copiedSetCapacity(size: number): number {
  return tableSizeFor(Math.max(Math.trunc(size / 0.75) + 1, 16));
}

/** The keys, given as they came, in the order of a `HashMap` of some capacity. */
export function hashOrder<K>(keys: readonly K[], hashOf: HashOf<K>, capacity: number): K[] {
  if (keys.length < 2) return [...keys];
  const buckets = new Map<K, number>();
  for (const key of keys) {
    const hash = hashOf(key);
    buckets.set(key, (hash ^ (hash >>> 16)) & (capacity - 1));
  }
  return [...buckets.keys()].sort((a, b) => buckets.get(a)! - buckets.get(b)!);
}

/** The distinct strings of a list in the order of `new HashSet(list)`. */
export function stringSetOrder(list: readonly string[]): string[] {
  return hashOrder(list, javaHashCode, copiedSetCapacity(list.length));
}

/** The distinct numbers of a list in the order of `new HashSet(list)`. */
export function intSetOrder(list: readonly number[]): number[] {
  return hashOrder(list, intHashCode, copiedSetCapacity(list.length));
}

/**
 * A `HashMap` whose order of iteration matters: JavaScript's maps for everything else, and the capacity that the Java one would have.
 *
 * `put` appends to a bucket; `compute`, `computeIfAbsent` and `merge` put a new key in front of it.
 */
export class JavaHashMap<K, V> {
  /** Keys that were put in front, the oldest first. */
  readonly #front = new Map<K, V>();
  readonly #back = new Map<K, V>();
  readonly #hashOf: HashOf<K>;
  #capacity: number;

  constructor(hashOf: HashOf<K>, initialCapacity = 16) {
    this.#hashOf = hashOf;
    this.#capacity = initialCapacity;
  }

  get size(): number {
    return this.#front.size + this.#back.size;
  }

  get(key: K): V | undefined {
    return this.#back.get(key) ?? this.#front.get(key);
  }

  put(key: K, value: V): void {
    (this.#front.has(key) ? this.#front : this.#back).set(key, value);
    this.#grow();
  }

  /** As `put`, by one of the methods that compute a value. */
  compute(key: K, value: V): void {
    (this.#back.has(key) ? this.#back : this.#front).set(key, value);
    this.#grow();
  }

  #grow(): void {
    this.#capacity = grownCapacity(this.size, this.#capacity);
  }

  delete(key: K): void {
    this.#front.delete(key);
    this.#back.delete(key);
  }

  /** In Java's order. */
  keys(): K[] {
    return hashOrder([...[...this.#front.keys()].reverse(), ...this.#back.keys()], this.#hashOf, this.#capacity);
  }
}

/**
 * The order of Kafka's own table behind its timeline maps: by the highest bits of a Fibonacci hash, the newest of a bucket first.
 *
 * Only the capacity is kept here; it grows with the map and never shrinks.
 */
export class TimelineTableOrder {
  #capacity = 2;

  /** To be told before every put. */
  onPut(sizeBefore: number): void {
    if ((sizeBefore + 1) * 0.75 > this.#capacity) this.#capacity *= 2;
  }

  /** The keys, given as they came, in the order of iteration. */
  sort(keys: readonly string[]): string[] {
    if (keys.length < 2) return [...keys];
    const shift = Math.clz32(this.#capacity) + 1;
    const placed = keys.map((key) => ({ key, slot: fibonacciHigh32(javaHashCode(key)) >>> shift }));
    return placed
      .reverse()
      .sort((a, b) => a.slot - b.slot)
      .map(({ key }) => key);
  }
}

/** The upper 32 bits of `hash * 0x9E3779B97F4A7C15` in 64-bit arithmetic. */
function fibonacciHigh32(hash: number): number {
  return Number(BigInt.asUintN(64, BigInt(hash) * FIBONACCI) >> 32n);
}

const FIBONACCI = -7046029254386353131n;
