/**
 * An immutable map from strings: an update returns a new map that shares all but one path with the old one.
 *
 * Images hold tens of thousands of topics and change one at a time; copying a Map for each change would cost a millisecond, this costs
 * about a microsecond. Iteration order is the order of hashes, the same for equal contents only if they were built alike.
 *
 * Shape: a hash trie with 32 slots a level; `bitmap` says which slots exist, `slots` holds them packed.
 *
 *     node { bitmap: 0b…0101, slots: [leaf a, node { … }] }
 *
 * Source: Bagwell, "Ideal Hash Trees".
 */

/** A key with its value; `next` chains keys of one 32-bit hash. */
interface Leaf<V> {
  readonly hash: number;
  readonly key: string;
  readonly value: V;
  readonly next: Leaf<V> | null;
}

interface Branch<V> {
  readonly bitmap: number;
  readonly slots: readonly Node<V>[];
}

type Node<V> = Leaf<V> | Branch<V>;

const isBranch = <V>(node: Node<V>): node is Branch<V> => 'slots' in node;
const BITS = 5;
const MASK = 31;

/** An immutable map from strings to `V`. */
export class PersistentMap<V> implements Iterable<[string, V]> {
  readonly #root: Branch<V>;
  /** Number of entries. */
  readonly size: number;

  private constructor(root: Branch<V>, size: number) {
    this.#root = root;
    this.size = size;
  }

  static readonly #empty = new PersistentMap<never>({ bitmap: 0, slots: [] }, 0);

  /** The map without entries. */
  static empty<V>(): PersistentMap<V> {
    return PersistentMap.#empty as unknown as PersistentMap<V>;
  }

  /** A map with `entries`; of equal keys the last wins. */
  static from<V>(entries: Iterable<readonly [string, V]>): PersistentMap<V> {
    let map = PersistentMap.empty<V>();
    for (const [key, value] of entries) map = map.set(key, value);
    return map;
  }

  /** The value under `key`. */
  get(key: string): V | undefined {
    const hash = hashOf(key);
    let node: Node<V> = this.#root;
    for (let shift = 0; isBranch(node); shift += BITS) {
      const bit = 1 << ((hash >>> shift) & MASK);
      if ((node.bitmap & bit) === 0) return undefined;
      node = node.slots[slotIndex(node.bitmap, bit)]!;
    }
    for (let leaf: Leaf<V> | null = node; leaf !== null; leaf = leaf.next) if (leaf.key === key) return leaf.value;
    return undefined;
  }

  /** True when `key` has a value. */
  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** A map in which `key` has `value`. */
  set(key: string, value: V): PersistentMap<V> {
    const added = this.get(key) === undefined ? 1 : 0;
    const leaf: Leaf<V> = { hash: hashOf(key), key, value, next: null };
    return new PersistentMap(setIn(this.#root, 0, leaf), this.size + added);
  }

  /** A map without `key`; this map when it has none. */
  delete(key: string): PersistentMap<V> {
    if (this.get(key) === undefined) return this;
    const root = deleteIn(this.#root, 0, hashOf(key), key);
    return root === null ? PersistentMap.empty() : new PersistentMap(asBranch(root, 0), this.size - 1);
  }

  *entries(): Generator<[string, V]> {
    yield* entriesOf(this.#root);
  }

  *keys(): Generator<string> {
    for (const [key] of entriesOf(this.#root)) yield key;
  }

  *values(): Generator<V> {
    for (const [, value] of entriesOf(this.#root)) yield value;
  }

  [Symbol.iterator](): Generator<[string, V]> {
    return this.entries();
  }
}

/** FNV-1a over UTF-16 units, finished so that all five-bit groups are spread. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  return hash >>> 0;
}

function slotIndex(bitmap: number, bit: number): number {
  let rest = bitmap & (bit - 1);
  rest -= (rest >>> 1) & 0x55555555;
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function setIn<V>(branch: Branch<V>, shift: number, leaf: Leaf<V>): Branch<V> {
  const bit = 1 << ((leaf.hash >>> shift) & MASK);
  const index = slotIndex(branch.bitmap, bit);
  if ((branch.bitmap & bit) === 0) {
    return { bitmap: branch.bitmap | bit, slots: branch.slots.toSpliced(index, 0, leaf) };
  }
  const child = branch.slots[index]!;
  return { bitmap: branch.bitmap, slots: branch.slots.with(index, setInChild(child, shift + BITS, leaf)) };
}

function setInChild<V>(child: Node<V>, shift: number, leaf: Leaf<V>): Node<V> {
  if (isBranch(child)) return setIn(child, shift, leaf);
  if (child.hash === leaf.hash) return { ...leaf, next: withoutKey(child, leaf.key) };
  return setIn(asBranch(child, shift), shift, leaf);
}

/** The chain of leaves without `key`. */
function withoutKey<V>(leaf: Leaf<V> | null, key: string): Leaf<V> | null {
  if (leaf === null) return null;
  return leaf.key === key ? leaf.next : { ...leaf, next: withoutKey(leaf.next, key) };
}

/** `node` as a branch at depth `shift`. */
function asBranch<V>(node: Node<V>, shift: number): Branch<V> {
  return isBranch(node) ? node : { bitmap: 1 << ((node.hash >>> shift) & MASK), slots: [node] };
}

/** The branch without `key`, a lone leaf in its place, or null when nothing is left. */
function deleteIn<V>(branch: Branch<V>, shift: number, hash: number, key: string): Node<V> | null {
  const bit = 1 << ((hash >>> shift) & MASK);
  const index = slotIndex(branch.bitmap, bit);
  const child = branch.slots[index]!;
  const rest = isBranch(child) ? deleteIn(child, shift + BITS, hash, key) : withoutKey(child, key);
  if (rest !== null) {
    if (branch.slots.length === 1 && !isBranch(rest)) return rest;
    return { bitmap: branch.bitmap, slots: branch.slots.with(index, rest) };
  }
  const slots = branch.slots.toSpliced(index, 1);
  if (slots.length === 0) return null;
  const only = slots[0]!;
  return slots.length === 1 && !isBranch(only) ? only : { bitmap: branch.bitmap & ~bit, slots };
}

function* entriesOf<V>(node: Node<V>): Generator<[string, V]> {
  if (isBranch(node)) {
    for (const slot of node.slots) yield* entriesOf(slot);
    return;
  }
  for (let leaf: Leaf<V> | null = node; leaf !== null; leaf = leaf.next) yield [leaf.key, leaf.value];
}
