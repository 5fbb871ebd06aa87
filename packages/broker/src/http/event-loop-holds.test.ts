import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLoopHolds } from './event-loop-holds.ts';

test('a loop is held by what its thread computes while a tick is late', () => {
  const holds = new EventLoopHolds(10, 0, 0);
  holds.tick(10, 9);
  assert.equal(holds.takeLongest(), 0, 'in time');
  holds.tick(80, 75);
  holds.tick(92, 80);
  assert.equal(holds.takeLongest(), 60, 'late by 60 ms, computing all the time');
  assert.equal(holds.takeLongest(), 0, 'told once');
  holds.tick(292, 85);
  assert.equal(holds.takeLongest(), 5, 'late by 190 ms, in which the thread was hardly running');
});
