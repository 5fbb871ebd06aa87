import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientQuotasImage } from '@skarab/metadata';
import { ClientQuotaManager } from './client-quota-manager.ts';

const KEY = 'producer_byte_rate';
const windows = { count: 11, sizeMs: 1000 };

/** Quotas of client ids; null is the default. */
function imageOf(...limits: [string | null, number][]): ClientQuotasImage {
  const entities = limits.map(([clientId, limit]) => {
    const image = { entity: new Map([['client-id', clientId]]), quotas: new Map([[KEY, limit]]) };
    return [String(clientId), image] as const;
  });
  return { entities: new Map(entities) };
}

const client = (clientId: string) => ({ user: 'ANONYMOUS', clientId });

test('who goes beyond its quota waits until the rate is down to it; others do not', () => {
  const manager = new ClientQuotaManager({ key: KEY, windows });
  const image = imageOf(['a', 100], ['b', 100]);
  assert.equal(manager.charge(image, client('a'), 1000, 0), 0);
  assert.equal(manager.charge(image, client('a'), 200, 0), 2000);
  assert.equal(manager.charge(image, client('b'), 1000, 0), 0);
  assert.equal(manager.charge(image, client('c'), 1e9, 0), 0);
});

test('a client that waits as told has its rate in the long run', () => {
  const manager = new ClientQuotaManager({ key: KEY, windows });
  const image = imageOf([null, 10_000]);
  let nowMs = 0;
  let bytes = 0;
  while (nowMs < 120_000) {
    bytes += 3000;
    nowMs += 1 + manager.charge(image, client('a'), 3000, nowMs);
  }
  const rate = (bytes * 1000) / nowMs;
  assert.ok(rate > 9500 && rate < 11_000, `${rate} bytes a second`);
});

test('a wait may be bounded', () => {
  const manager = new ClientQuotaManager({ key: KEY, windows, maxThrottleMs: 1000 });
  assert.equal(manager.charge(imageOf(['a', 1]), client('a'), 1e6, 0), 1000);
});

test('a wait is never longer than responses can say', () => {
  const manager = new ClientQuotaManager({ key: KEY, windows });
  assert.equal(manager.charge(imageOf(['a', 1]), client('a'), 1e9, 0), 2 ** 31 - 1);
});

test('what is taken back, and what is older than all windows, does not count', () => {
  const manager = new ClientQuotaManager({ key: KEY, windows });
  const image = imageOf(['a', 100]);
  assert.ok(manager.charge(image, client('a'), 5000, 0) > 0);
  manager.takeBack(image, client('a'), 5000, 0);
  assert.equal(manager.charge(image, client('a'), 1000, 0), 0);
  assert.equal(manager.charge(image, client('a'), 1000, 11_000), 0);
});

test('a quota that is changed counts at once, for what was had before too', () => {
  const manager = new ClientQuotaManager({ key: KEY, windows });
  assert.equal(manager.charge(imageOf(['a', 1000]), client('a'), 5000, 0), 0);
  assert.equal(manager.charge(imageOf(['a', 250]), client('a'), 0, 0), 10_000);
  assert.equal(manager.charge(imageOf(), client('a'), 5000, 0), 0);
});

test('the most at once is what all windows but one hold', () => {
  const manager = new ClientQuotaManager({ key: KEY, windows });
  assert.equal(manager.mostAtOnce(imageOf(['a', 100]), client('a')), 1000);
  assert.equal(manager.mostAtOnce(imageOf(['a', 100]), client('b')), Number.POSITIVE_INFINITY);
});
