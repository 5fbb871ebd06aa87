import assert from 'node:assert/strict';
import { test } from 'node:test';
import { truncationPoint } from './truncation-point.ts';

/** A log with epochs 1 from 0, 3 from 10, 5 from 20, up to 30. */
const log = {
  logEndOffset: 30,
  endOffsetForEpoch: (epoch: number) => {
    if (epoch < 1 || epoch > 5) return null;
    const [own, endOffset] = epoch < 3 ? [1, 10] : epoch < 5 ? [3, 20] : [5, 30];
    return { epoch: own, endOffset };
  },
};

test('the common past ends where the epoch of the leader ends first', () => {
  assert.equal(truncationPoint(log, { epoch: 5, endOffset: 25 }), 25);
  assert.equal(truncationPoint(log, { epoch: 3, endOffset: 25 }), 20);
  assert.equal(truncationPoint(log, { epoch: 3, endOffset: 12 }), 12);
});

test('an epoch that the follower does not know: it cuts what came after the one before', () => {
  assert.equal(truncationPoint(log, { epoch: 4, endOffset: 28 }), 20);
  assert.equal(truncationPoint(log, { epoch: 2, endOffset: 5 }), 10);
  assert.equal(truncationPoint(log, { epoch: 0, endOffset: 4 }), 4);
  assert.equal(truncationPoint(log, { epoch: 7, endOffset: 99 }), 30);
});
