import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { PartitionSet, PartitionSets } from './partition-set.ts';

const [A, B] = ['a'.padEnd(22, 'A'), 'b'.padEnd(22, 'A')];
const listOf = (set: Iterable<{ topicId: string; partition: number }>): string[] =>
  [...set].map(({ topicId, partition }) => `${topicId[0]}${partition}`);

test('a set of partitions is what a set of their names is', () => {
  const random = seededRandom(7);
  const set = new PartitionSet();
  const names = new Set<string>();
  for (let i = 0; i < 5000; i++) {
    const [topicId, partition] = [random.int(2) === 0 ? A : B, random.int(200)];
    const name = `${topicId[0]}${partition}`;
    if (random.int(2) === 0) {
      set.add(topicId, partition);
      names.add(name);
    } else {
      set.delete(topicId, partition);
      names.delete(name);
    }
    assert.equal(set.has(topicId, partition), names.has(name));
    if (i % 100 === 0) assert.deepEqual(listOf(set).sort(), [...names].sort());
  }
  for (const { topicId, partition } of set) set.delete(topicId, partition);
  assert(set.isEmpty, 'deleted while going through it');
});

test('sets that are empty are gone', () => {
  const sets = new PartitionSets<number>();
  sets.add(1, A, 31);
  sets.add(1, A, 32);
  sets.add(1, A, 9999);
  sets.delete(1, A, 32);
  sets.delete(2, A, 32);
  assert.deepEqual(listOf(sets.get(1)), ['a31', 'a9999']);
  sets.delete(1, A, 31);
  sets.delete(1, A, 9999);
  assert(!sets.has(1));
});
