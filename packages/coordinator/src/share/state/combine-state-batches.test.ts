import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combineStateBatches } from './combine-state-batches.ts';
import type { StateBatch } from './state-batch.ts';

/** `first-last state/count`. */
function parse(text: string): StateBatch[] {
  return text
    .split(',')
    .filter((one) => one !== '')
    .map((one) => {
      const [, first, last, state, count] = /^\s*(\d+)-(\d+) (\d)\/(\d+)$/.exec(one)!;
      return {
        firstOffset: BigInt(first!),
        lastOffset: BigInt(last!),
        deliveryState: Number(state),
        deliveryCount: Number(count),
      };
    });
}

const print = (batches: readonly StateBatch[]): string =>
  batches.map((one) => `${one.firstOffset}-${one.lastOffset} ${one.deliveryState}/${one.deliveryCount}`).join(', ');

const combined = (known: string, added: string, startOffset = -1n): string =>
  print(combineStateBatches(parse(known), parse(added), startOffset));

test('nothing stays nothing, one batch stays itself', () => {
  assert.equal(combined('', ''), '');
  assert.equal(combined('', '5-9 0/1'), '5-9 0/1');
});

test('neighbours and overlaps of the same state become one', () => {
  assert.equal(combined('0-4 2/1', '5-9 2/1'), '0-9 2/1');
  assert.equal(combined('0-6 2/1', '3-9 2/1, 20-29 2/1'), '0-9 2/1, 20-29 2/1');
  assert.equal(combined('0-4 2/1', '5-9 2/2'), '0-4 2/1, 5-9 2/2');
});

test('the later state wins where two overlap', () => {
  assert.equal(combined('0-9 0/1', '3-5 0/2'), '0-2 0/1, 3-5 0/2, 6-9 0/1');
  assert.equal(combined('0-9 0/2', '3-5 0/1'), '0-9 0/2');
  assert.equal(combined('0-9 0/1', '5-14 2/1'), '0-4 0/1, 5-14 2/1');
  assert.equal(combined('0-9 2/1', '5-14 0/1'), '0-9 2/1, 10-14 0/1');
  assert.equal(combined('0-9 0/1', '0-9 4/1'), '0-9 4/1');
  assert.equal(combined('0-4 2/1', '0-9 0/1'), '0-4 2/1, 5-9 0/1');
});

test('what lies below the start offset goes', () => {
  assert.equal(combined('0-4 2/1, 5-9 0/1', '', 7n), '7-9 0/1');
  assert.equal(combined('0-4 2/1', '', 5n), '');
});
