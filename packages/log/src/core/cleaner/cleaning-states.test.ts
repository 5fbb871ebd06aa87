import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionError } from '@skarab/base';
import { CleaningStates } from './cleaning-states.ts';

test('a cleaning starts on a free log and ends; cancelling it is heard once', () => {
  const states = new CleaningStates();
  const heard: string[] = [];
  states.start('a', () => heard.push('cancel a'));
  assert.deepEqual([states.isFree('a'), states.isRunning('a'), states.runningCount], [false, true, 1]);
  assert.throws(() => states.start('a', () => {}), AssertionError);
  states.whenIdle('a', () => heard.push('idle a'));
  states.whenIdle('b', () => heard.push('idle b'));
  states.cancel('a');
  states.cancel('a');
  states.cancelAll();
  states.cancel('b');
  assert.equal(states.isCancelled('a'), true);
  states.finish('a');
  assert.deepEqual(heard, ['idle b', 'cancel a', 'idle a']);
  assert.deepEqual([states.isFree('a'), states.isCancelled('a'), states.runningCount], [true, false, 0]);
  assert.throws(() => states.finish('a'), AssertionError);
});

test('a paused log is free again when it was resumed as often, and its cleaning has ended', () => {
  const states = new CleaningStates();
  states.pause('a');
  states.pause('a');
  states.resume('a');
  assert.equal(states.isFree('a'), false);
  states.resume('a');
  assert.equal(states.isFree('a'), true);
  assert.throws(() => states.resume('a'), AssertionError);

  let cancelled = 0;
  states.start('a', () => cancelled++);
  states.pause('a');
  states.resume('a');
  assert.deepEqual([cancelled, states.isFree('a'), states.isRunning('a')], [1, false, true]);
  states.pause('a');
  states.finish('a');
  assert.deepEqual([states.isFree('a'), states.isRunning('a')], [false, false]);
  states.resume('a');
  assert.equal(states.isFree('a'), true);
});
