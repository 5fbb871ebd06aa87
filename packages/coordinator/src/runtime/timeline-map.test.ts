import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { Timeline } from './timeline.ts';
import { TimelineMap } from './timeline-map.ts';

test('changes are seen at once, and as committed only when their offset is', () => {
  const timeline = new Timeline();
  const map = new TimelineMap<string, number>(timeline);
  map.set('a', 1);
  timeline.advanceTo(1);
  map.set('a', 2);
  map.set('b', 3);
  timeline.advanceTo(2);
  assert.deepEqual(
    [...map],
    [
      ['a', 2],
      ['b', 3],
    ],
  );
  assert.deepEqual([...map.committedEntries()], []);
  timeline.commitTo(1);
  assert.deepEqual([...map.committedEntries()], [['a', 1]]);
  timeline.commitTo(2);
  assert.deepEqual(
    [...map.committedEntries()],
    [
      ['a', 2],
      ['b', 3],
    ],
  );
  assert.equal(timeline.uncommittedCount, 0);
});

test('a deleted key stays committed until its deletion is', () => {
  const timeline = new Timeline();
  const map = new TimelineMap<string, number>(timeline);
  map.set('a', 1);
  timeline.advanceTo(1);
  timeline.commitTo(1);
  assert.equal(map.delete('a'), true);
  assert.equal(map.delete('a'), false);
  timeline.advanceTo(2);
  assert.deepEqual([map.has('a'), map.getCommitted('a'), [...map.committedEntries()]], [false, 1, [['a', 1]]]);
  timeline.revertTo(1);
  assert.deepEqual([map.get('a'), map.size], [1, 1]);
});

test('reverting goes back through nested maps', () => {
  const timeline = new Timeline();
  const outer = new TimelineMap<string, TimelineMap<string, number>>(timeline);
  const inner = new TimelineMap<string, number>(timeline);
  outer.set('g', inner);
  inner.set('t', 1);
  timeline.advanceTo(1);
  timeline.commitTo(1);
  inner.delete('t');
  outer.delete('g');
  timeline.advanceTo(2);
  timeline.revertTo(1);
  assert.deepEqual([...outer.get('g')!], [['t', 1]]);
});

test('records below the committed offset leave nothing to take back', () => {
  const timeline = new Timeline();
  const map = new TimelineMap<string, number>(timeline);
  timeline.commitTo(10);
  map.set('a', 1);
  timeline.advanceTo(10);
  map.set('b', 2);
  assert.deepEqual([timeline.uncommittedCount, [...map.committedEntries()]], [1, [['a', 1]]]);
});

test('random changes, commits and reverts agree with a copy per offset', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed);
    const timeline = new Timeline();
    const map = new TimelineMap<number, number>(timeline);
    // What the map held when the next offset was its index.
    const states = new Map<number, Map<number, number>>([[0, new Map()]]);
    let next = 0;
    let committed = 0;
    for (let step = 0; step < 200; step++) {
      const dice = random.int(10);
      if (dice < 7) {
        const key = random.int(6);
        if (random.int(3) === 0) map.delete(key);
        else map.set(key, step);
        timeline.advanceTo(++next);
        states.set(next, new Map(map));
      } else if (dice < 9) {
        committed += random.int(next - committed + 1);
        timeline.commitTo(committed);
      } else {
        next = committed + random.int(next - committed + 1);
        timeline.revertTo(next);
      }
      const sorted = (entries: Iterable<[number, number]>) => [...entries].sort(([a], [b]) => a - b);
      assert.deepEqual(sorted(map), sorted(states.get(next)!), `seed ${seed} step ${step}`);
      assert.deepEqual(sorted(map.committedEntries()), sorted(states.get(committed)!), `seed ${seed} step ${step}`);
    }
  }
});
