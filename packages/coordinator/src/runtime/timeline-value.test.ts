import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timeline } from './timeline.ts';
import { TimelineValue } from './timeline-value.ts';

test('a value shows the newest and the committed state, and goes back', () => {
  const timeline = new Timeline();
  const value = new TimelineValue(timeline, 'a');
  value.set('b');
  timeline.advanceTo(1);
  value.set('c');
  timeline.advanceTo(2);
  assert.deepEqual([value.get(), value.getCommitted()], ['c', 'a']);
  timeline.commitTo(1);
  assert.deepEqual([value.get(), value.getCommitted()], ['c', 'b']);
  timeline.revertTo(1);
  assert.deepEqual([value.get(), value.getCommitted()], ['b', 'b']);
});

test('a change that is committed already is not tracked', () => {
  const timeline = new Timeline();
  timeline.commitTo(10);
  const value = new TimelineValue(timeline, 1);
  value.set(2);
  assert.deepEqual([value.get(), value.getCommitted(), timeline.uncommittedCount], [2, 2, 0]);
});
