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
