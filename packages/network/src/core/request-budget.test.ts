import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestBudget } from './request-budget.ts';

test('is used up by requests or by bytes, whichever comes first, and recovers', () => {
  const budget = new RequestBudget(2, 100);
  budget.add(10);
  assert.equal(budget.isUsedUp, false);
  budget.add(10);
  assert.equal(budget.isUsedUp, true);
  budget.remove(1, 10);
  assert.equal(budget.isUsedUp, false);
  budget.add(90);
  assert.equal(budget.isUsedUp, true);
  budget.remove(2, 100);
  budget.add(100);
  assert.equal(budget.isUsedUp, true, 'bytes alone');
});

test('no limit of bytes unless it is positive', () => {
  const budget = new RequestBudget(2, -1);
  budget.add(1 << 30);
  assert.equal(budget.isUsedUp, false);
});
