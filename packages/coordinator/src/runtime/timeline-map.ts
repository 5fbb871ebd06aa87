/**
 * A map with two faces: the newest state, and the state as of the last commit.
 *
 * `get`, `has`, iteration show the newest state. `getCommitted` and `committedEntries` show what is true after every uncommitted write
 * fails; they cost nothing more than the newest ones for keys without an uncommitted change. Values are replaced, not mutated (a value may be
 * a TimelineMap itself, on the same timeline). Source: org.apache.kafka.timeline.TimelineHashMap.
 */
import type { Timeline, TimelineChange } from './timeline.ts';

/** A key's value before one uncommitted change. */
class MapChange<K, V> implements TimelineChange {
  readonly map: TimelineMap<K, V>;
  readonly key: K;
  readonly previous: V | undefined;

  constructor(map: TimelineMap<K, V>, key: K, previous: V | undefined) {
    this.map = map;
    this.key = key;
    this.previous = previous;
  }

  revert(): void {
    this.map.takeBack(this);
  }

  commit(): void {
    this.map.settle(this);
  }
}

/** What maps hold that nothing was ever put into: there are several in each of thousands of groups. */
const NOTHING = new Map<never, never>();

/** A map on a timeline; `undefined` is no value. */
export class TimelineMap<K, V> {
  readonly #timeline: Timeline;
  #current: Map<K, V> = NOTHING;
  /** Uncommitted changes by key, oldest first; null when there are none. */
  #uncommitted: Map<K, MapChange<K, V>[]> | null = null;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get size(): number {
    return this.#current.size;
  }

  get(key: K): V | undefined {
    return this.#current.get(key);
  }

  has(key: K): boolean {
    return this.#current.has(key);
  }

  keys(): MapIterator<K> {
    return this.#current.keys();
  }

  values(): MapIterator<V> {
    return this.#current.values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#current[Symbol.iterator]();
  }

  set(key: K, value: V): void {
    this.#track(key);
    if (this.#current === NOTHING) this.#current = new Map();
    this.#current.set(key, value);
  }

  /** Returns whether there was something to delete. */
  delete(key: K): boolean {
    if (!this.#current.has(key)) return false;
    this.#track(key);
    return this.#current.delete(key);
  }

  /** The value as of the last commit. */
  getCommitted(key: K): V | undefined {
    const oldest = this.#uncommitted?.get(key)?.[0];
    return oldest === undefined ? this.#current.get(key) : oldest.previous;
  }

  /** The entries as of the last commit. */
  *committedEntries(): Generator<[K, V]> {
    const uncommitted = this.#uncommitted;
    for (const [key, value] of this.#current) {
      const oldest = uncommitted?.get(key)?.[0];
      if (oldest === undefined) yield [key, value];
      else if (oldest.previous !== undefined) yield [key, oldest.previous];
    }
    if (uncommitted === null) return;
    for (const [key, changes] of uncommitted) {
      const previous = changes[0]!.previous;
      if (previous !== undefined && !this.#current.has(key)) yield [key, previous];
    }
  }

  #track(key: K): void {
    if (!this.#timeline.isTracking) return;
    const change = new MapChange(this, key, this.#current.get(key));
    this.#timeline.record(change);
    this.#uncommitted ??= new Map();
    const changes = this.#uncommitted.get(key);
    if (changes === undefined) this.#uncommitted.set(key, [change]);
    else changes.push(change);
  }

  /** For the timeline only: undoes the newest change of its key. */
  takeBack(change: MapChange<K, V>): void {
    if (change.previous === undefined) this.#current.delete(change.key);
    else this.#current.set(change.key, change.previous);
    this.#forget(change.key, (changes) => changes.pop());
  }

  /** For the timeline only: forgets the oldest change of its key. */
  settle(change: MapChange<K, V>): void {
    this.#forget(change.key, (changes) => changes.shift());
  }

  #forget(key: K, remove: (changes: MapChange<K, V>[]) => void): void {
    const uncommitted = this.#uncommitted!;
    const changes = uncommitted.get(key)!;
    remove(changes);
    if (changes.length > 0) return;
    if (uncommitted.size === 1) this.#uncommitted = null;
    else uncommitted.delete(key);
  }
}
