import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { Purgatory } from './purgatory.ts';

test('operations expire in the order of their deadlines, completed ones never', () => {
  const seed = Date.now() >>> 0;
  const random = seededRandom(seed);
  const clock = new ManualClock(0);
  const purgatory = new Purgatory(clock);
  const expired: number[] = [];
  const expected: number[] = [];
  for (let i = 0; i < 500; i++) {
    const wait = random.int(1000);
    const operation = purgatory.park(wait, () => expired.push(wait));
    if (random.int(3) === 0) operation.complete();
    else expected.push(wait);
  }
  assert.equal(purgatory.size, expected.length);
  for (let t = 0; t < 1001; t++) clock.advance(1);
  assert.deepEqual(
    expired,
    expected.sort((a, b) => a - b),
    `seed ${seed}`,
  );
  assert.equal(purgatory.size, 0);
});

test('an operation ends once', () => {
  const clock = new ManualClock(0);
  const purgatory = new Purgatory(clock);
  let expirations = 0;
  const operation = purgatory.park(10, () => expirations++);
  assert.deepEqual([operation.complete(), operation.complete()], [true, false]);
  clock.advance(20);
  assert.equal(expirations, 0);
});
