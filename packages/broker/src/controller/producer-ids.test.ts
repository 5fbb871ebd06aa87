import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProducerIds } from './producer-ids.ts';

test('ids are unique and in order across blocks, also for askers side by side', async () => {
  let first = 0;
  const ids = new ProducerIds(async () => {
    first += 10;
    return { first: first - 10, length: 10 };
  });
  const given = await Promise.all(Array.from({ length: 25 }, () => ids.next()));
  assert.deepEqual(
    [...given].sort((a, b) => a - b),
    Array.from({ length: 25 }, (_, i) => i),
  );
});

test('a failed allocation is asked again', async () => {
  let attempts = 0;
  const ids = new ProducerIds(async () => {
    attempts++;
    if (attempts === 1) throw new Error('no controller');
    return { first: 5, length: 1 };
  });
  await assert.rejects(ids.next(), /no controller/);
  assert.equal(await ids.next(), 5);
});

test('an id is taken at once when one is at hand, and a block is asked for when none is', async () => {
  let first = 0;
  const ids = new ProducerIds(async () => {
    first += 2;
    return { first: first - 2, length: 2 };
  });
  assert.equal(ids.takeNow(), null);
  await ids.whenAvailable();
  assert.deepEqual([ids.takeNow(), ids.takeNow(), ids.takeNow()], [0, 1, null]);
  await ids.whenAvailable();
  assert.deepEqual([ids.takeNow(), ids.takeNow()], [2, 3]);
});
