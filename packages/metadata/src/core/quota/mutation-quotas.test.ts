import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientQuotasImage } from '../image/client-quotas-image.ts';
import { MutationQuotas } from './mutation-quotas.ts';

const client = { user: 'u', clientId: 'c' };
const NOW = 1_000_000;

function imageOf(rate: number): ClientQuotasImage {
  const quotas = new Map([['controller_mutation_rate', rate]]);
  return { entities: new Map([['u', { entity: new Map([['user', 'u']]), quotas }]]) };
}

test('a strict quota may be overdrawn once, then refuses until it is paid back', () => {
  const quotas = new MutationQuotas(11);
  const image = imageOf(2);
  const first = quotas.of(image, client, true, NOW)!;
  assert.equal(first.charge(30, NOW), null, '22 are there, 30 are taken');
  assert.equal(first.throttleMs(NOW), 0);
  assert.equal(first.charge(1, NOW), 4000, '8 are owed, 2 come in a second');
  assert.equal(first.throttleMs(NOW), 4000);
  assert.equal(first.throttleMs(NOW + 1500), 2500, 'what has passed since does not count');
  assert.equal(quotas.of(image, client, true, NOW + 3999)!.charge(1, NOW + 3999), 1);
  assert.equal(quotas.of(image, client, true, NOW + 4000)!.charge(1, NOW + 4000), null);
});

test('a permissive quota refuses nothing, and has the client wait as soon as it is overdrawn', () => {
  const quotas = new MutationQuotas(11);
  const quota = quotas.of(imageOf(2), client, false, NOW)!;
  assert.equal(quota.charge(22, NOW), null);
  assert.equal(quota.throttleMs(NOW), 0);
  assert.equal(quota.charge(4, NOW), null);
  assert.equal(quota.throttleMs(NOW), 2000);
});

test('permits are kept up to the burst, and a change of the rate counts at once', () => {
  const quotas = new MutationQuotas(10);
  const slow = imageOf(1);
  quotas.of(slow, client, true, NOW)!.charge(10, NOW);
  const later = NOW + 3_600_000;
  quotas.of(slow, client, true, later)!.charge(15, later);
  assert.equal(quotas.of(slow, client, true, later)!.charge(1, later), 5000);
  assert.equal(quotas.of(imageOf(5), client, true, later)!.charge(1, later), 1000);
});

test('a wait is never longer than responses can say', () => {
  const quota = new MutationQuotas(11).of(imageOf(0.001), client, false, NOW)!;
  assert.equal(quota.charge(10_000, NOW), null);
  assert.equal(quota.throttleMs(NOW), 2 ** 31 - 1);
});

test('who has no quota is not held to one', () => {
  const quotas = new MutationQuotas(11);
  assert.equal(quotas.of(imageOf(1), { user: 'v', clientId: 'c' }, true, NOW), undefined);
  assert.equal(quotas.of({ entities: new Map() }, client, true, NOW), undefined);
});
