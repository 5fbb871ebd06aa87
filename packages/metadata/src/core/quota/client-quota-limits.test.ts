import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientQuotasImage } from '../image/client-quotas-image.ts';
import { ClientQuotaLimits } from './client-quota-limits.ts';

const KEY = 'producer_byte_rate';

/** Limits by entity: [user, client id], null for defaults, '-' for what an entity does not have. */
function limitsOf(...entities: [string | null, string | null, number][]): ClientQuotaLimits {
  const image: ClientQuotasImage = {
    entities: new Map(
      entities.map(([user, clientId, limit], i) => {
        const parts: [string, string | null][] = [
          ['user', user],
          ['client-id', clientId],
        ];
        const entity = new Map(parts.filter(([, name]) => name !== '-'));
        return [String(i), { entity, quotas: new Map([[KEY, limit]]) }];
      }),
    ),
  };
  return new ClientQuotaLimits(image, KEY);
}

const all: [string | null, string | null, number][] = [
  ['u', 'c', 1],
  ['u', null, 2],
  ['u', '-', 3],
  [null, 'c', 4],
  [null, null, 5],
  [null, '-', 6],
  ['-', 'c', 7],
  ['-', null, 8],
];

test('the most precise entity counts, in Kafka’s order', () => {
  for (let first = 0; first < all.length; first++) {
    assert.equal(limitsOf(...all.slice(first)).find({ user: 'u', clientId: 'c' })?.limit, first + 1);
  }
  assert.equal(limitsOf().find({ user: 'u', clientId: 'c' }), undefined);
});

test('clients without a client id have the quotas of users', () => {
  const limits = limitsOf(...all);
  assert.equal(limits.find({ user: 'u', clientId: null })?.limit, 3);
  assert.equal(limits.find({ user: 'v', clientId: '' })?.limit, 6);
  assert.equal(limitsOf(['-', null, 8]).find({ user: 'u', clientId: null }), undefined);
});

test('a quota is shared by the clients of a user, by the users of a client id, or by nobody', () => {
  const sharedBy = (limits: ClientQuotaLimits, user: string, clientId: string) =>
    limits.find({ user, clientId })?.sharedBy;
  const ofUsers = limitsOf([null, '-', 6]);
  assert.equal(sharedBy(ofUsers, 'u', 'c'), sharedBy(ofUsers, 'u', 'd'));
  assert.notEqual(sharedBy(ofUsers, 'u', 'c'), sharedBy(ofUsers, 'v', 'c'));
  const ofClients = limitsOf(['-', null, 8]);
  assert.equal(sharedBy(ofClients, 'u', 'c'), sharedBy(ofClients, 'v', 'c'));
  assert.notEqual(sharedBy(ofClients, 'u', 'c'), sharedBy(ofClients, 'u', 'd'));
  const ofBoth = limitsOf([null, null, 5]);
  assert.notEqual(sharedBy(ofBoth, 'u', 'c'), sharedBy(ofBoth, 'u', 'd'));
  assert.notEqual(sharedBy(ofBoth, 'u', 'c'), sharedBy(ofBoth, 'v', 'c'));
});

test('other keys and quotas of addresses are not looked at', () => {
  const entities = new Map([
    ['a', { entity: new Map([['ip', null]]), quotas: new Map([[KEY, 1]]) }],
    ['b', { entity: new Map([['user', null]]), quotas: new Map([['consumer_byte_rate', 1]]) }],
  ]);
  assert.equal(new ClientQuotaLimits({ entities }, KEY).isEmpty, true);
});
