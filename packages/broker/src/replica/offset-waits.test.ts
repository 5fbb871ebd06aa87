import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OffsetWaits } from './offset-waits.ts';

test('those whose offset is reached are told, in their order', () => {
  const waits = new OffsetWaits();
  const told: string[] = [];
  for (const offset of [1, 2, 2, 5]) waits.add(offset, (errorCode) => told.push(`${offset}: ${errorCode}`));
  waits.reach(2, 0);
  assert.deepEqual(told, ['1: 0', '2: 0', '2: 0']);
  assert.equal(waits.size, 1);
  waits.fail(6);
  assert.deepEqual(told.slice(3), ['5: 6']);
  assert.equal(waits.length, 0);
});

test('whoever gives up is not told, and may say so twice', () => {
  const waits = new OffsetWaits();
  const told: number[] = [];
  waits.add(1, () => told.push(1));
  const leave = waits.add(2, () => told.push(2));
  leave();
  leave();
  assert.equal(waits.size, 1);
  waits.reach(3, 0);
  leave();
  assert.deepEqual(told, [1]);
  assert.equal(waits.size, 0);
  assert.equal(waits.length, 0);
});

test('the queue is as long as those who wait, though no offset is reached', () => {
  const waits = new OffsetWaits();
  const leaving: (() => void)[] = [];
  for (let offset = 0; offset < 100_000; offset++) {
    leaving.push(waits.add(offset, () => assert.fail('has given up')));
    if (leaving.length > 100) leaving.shift()!();
    assert.ok(waits.length <= 2 * waits.size + 64, `${waits.length} places for ${waits.size}`);
  }
});

test('a waiter may wait again, and take others back, while all are told', () => {
  const waits = new OffsetWaits();
  const told: string[] = [];
  waits.add(1, () => {
    told.push('first');
    waits.add(2, () => told.push('again'));
  });
  waits.add(1, () => told.push('second'));
  waits.reach(1, 0);
  assert.deepEqual(told, ['first', 'second']);
  waits.reach(2, 0);
  assert.deepEqual(told, ['first', 'second', 'again']);
});
