import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { PersistentMap } from './persistent-map.ts';

test('agrees with a Map after ten thousand random updates, and old versions stay what they were', () => {
  const random = seededRandom(7);
  const expected = new Map<string, number>();
  let map = PersistentMap.empty<number>();
  const kept: { map: PersistentMap<number>; copy: Map<string, number> }[] = [];
  for (let i = 0; i < 10_000; i++) {
    const key = `topic-${random.int(700)}`;
    if (random.int(3) === 0) {
      expected.delete(key);
      map = map.delete(key);
    } else {
      expected.set(key, i);
      map = map.set(key, i);
    }
    if (i % 1000 === 0) kept.push({ map, copy: new Map(expected) });
  }
  kept.push({ map, copy: expected });
  for (const version of kept) {
    assert.equal(version.map.size, version.copy.size);
    assert.deepEqual(new Map(version.map), version.copy);
    for (const [key, value] of version.copy) assert.equal(version.map.get(key), value);
    assert.equal(version.map.get('absent'), undefined);
  }
});

test('keeps keys of equal hash apart', () => {
  // FNV-1a over 16-bit units folds these two to the same 32 bits.
  const [a, b] = collidingKeys();
  const map = PersistentMap.from([
    [a, 1],
    [b, 2],
    ['other', 3],
  ]);
  assert.deepEqual([map.get(a), map.get(b), map.size], [1, 2, 3]);
  const without = map.delete(a);
  assert.deepEqual([without.get(a), without.get(b), without.get('other'), without.size], [undefined, 2, 3, 2]);
  assert.deepEqual(map.set(b, 4).get(a), 1);
  assert.deepEqual(map.set(a, 5).get(b), 2);
});

test('deleting an absent key returns the same map, deleting the last the empty one', () => {
  const map = PersistentMap.from([['a', 1]]);
  assert.equal(map.delete('b'), map);
  assert.equal(map.delete('a'), PersistentMap.empty());
  assert.deepEqual([...map.delete('a')], []);
});

/** Two keys that collide: h(xy) = ((s^x)*p ^ y)*p, so any y' = y ^ (s^x)*p ^ (s^x')*p within 16 bits will do. */
function collidingKeys(): [string, string] {
  const seed = 0x811c9dc5;
  const prime = 0x01000193;
  const seen = new Map<number, number>();
  for (let x = 0; x < 65536; x++) {
    const high = Math.imul(seed ^ x, prime) >>> 16;
    const before = seen.get(high);
    if (before !== undefined) {
      const difference = (Math.imul(seed ^ x, prime) ^ Math.imul(seed ^ before, prime)) & 0xffff;
      return [String.fromCharCode(before, 0x41), String.fromCharCode(x, 0x41 ^ difference)];
    }
    seen.set(high, x);
  }
  throw new Error('no collision');
}
