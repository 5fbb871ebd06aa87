import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { ExponentialBackoff } from './exponential-backoff.ts';

test('delays double up to the limit, give or take the jitter', () => {
  const backoff = new ExponentialBackoff({ initialMs: 100, maxMs: 500, multiplier: 2, jitter: 0.2 }, seededRandom(1));
  for (const [attempts, middle] of [100, 200, 400, 500, 500, 500].entries()) {
    for (let i = 0; i < 50; i++) {
      const delay = backoff.delayMs(attempts);
      assert.ok(delay >= Math.floor(middle * 0.8) && delay <= middle * 1.2, `${delay} after ${attempts}`);
    }
  }
  const steady = new ExponentialBackoff({ initialMs: 50, maxMs: 50, multiplier: 2, jitter: 0 }, seededRandom(1));
  assert.deepEqual(
    [0, 1, 9].map((attempts) => steady.delayMs(attempts)),
    [50, 50, 50],
  );
  const none = new ExponentialBackoff({ initialMs: 0, maxMs: 0, multiplier: 2, jitter: 0.2 }, seededRandom(1));
  assert.equal(none.delayMs(7), 0);
});
