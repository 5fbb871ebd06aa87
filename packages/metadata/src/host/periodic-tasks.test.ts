import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { PeriodicTasks } from './periodic-tasks.ts';

test('tasks run every period, sooner when there is more to do, later after an error', () => {
  const clock = new ManualClock(0);
  const runs: number[] = [];
  let outcome: () => boolean = () => false;
  const run = (): boolean => {
    runs.push(clock.monotonicMs());
    return outcome();
  };
  const tasks = new PeriodicTasks([{ name: 'a', periodMs: 100, run }], clock, silentLogger);
  tasks.start();
  clock.advance(250);
  assert.deepEqual(runs.splice(0), [100, 200]);
  outcome = () => runs.length < 3;
  clock.advance(75);
  assert.deepEqual(runs.splice(0), [300, 310, 320]);
  outcome = () => {
    throw new Error('no');
  };
  clock.advance(300_000);
  assert.deepEqual(runs.splice(0), [420]);
  outcome = () => false;
  clock.advance(525);
  assert.deepEqual(runs.splice(0), [300_420, 300_520, 300_620, 300_720, 300_820]);
  tasks.stop();
  clock.advance(1000);
  assert.deepEqual(runs, []);
});
