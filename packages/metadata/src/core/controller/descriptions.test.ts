/** What is answered from an image: quotas, credentials, access. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ComponentData,
  newDescribeClientQuotasRequest,
  newDescribeUserScramCredentialsRequest,
} from '@skarab/protocol';
import { MetadataDelta } from '../delta/metadata-delta.ts';
import { clientQuotaRecord } from '../image/client-quotas-image.ts';
import { EMPTY_IMAGE } from '../image/metadata-image.ts';
import { scramRecord } from '../image/scram-image.ts';
import { aclMatches } from './acl-control.ts';
import { describeClientQuotas } from './client-quota-control.ts';
import { describeScramCredentials } from './scram-control.ts';

const delta = new MetadataDelta(EMPTY_IMAGE);
const entities: [string, string | null][][] = [
  [['user', 'alice']],
  [['user', null]],
  [
    ['user', 'alice'],
    ['client-id', 'c'],
  ],
  [['client-id', 'c']],
  [['ip', '1.2.3.4']],
];
for (const entity of entities) delta.replay(clientQuotaRecord(new Map(entity), 'producer_byte_rate', 5));
for (const mechanism of [1, 2]) {
  const bytes = new Uint8Array([mechanism]);
  delta.replay(
    scramRecord({
      user: 'alice',
      mechanism,
      salt: bytes,
      storedKey: bytes,
      serverKey: bytes,
      iterations: 4096 * mechanism,
    }),
  );
}
const image = delta.apply(EMPTY_IMAGE.provenance);

function quotas(components: [string, number, string | null][], strict = false) {
  const parts: ComponentData[] = components.map(([entityType, matchType, match]) => ({ entityType, matchType, match }));
  const response = describeClientQuotas(
    image.clientQuotas,
    newDescribeClientQuotasRequest({ components: parts, strict }),
  );
  if (response.errorCode !== 0) return `${response.errorCode} ${response.errorMessage}`;
  return response.entries
    ?.map(({ entity }) => entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`).join(','))
    .sort();
}

test('quotas are found by exact, default and any names', () => {
  assert.equal(quotas([])?.length, 5);
  assert.deepEqual(quotas([['user', 0, 'alice']]), ['user=alice', 'user=alice,client-id=c']);
  assert.deepEqual(quotas([['user', 0, 'alice']], true), ['user=alice']);
  assert.deepEqual(quotas([['user', 1, null]]), ['user=null']);
  assert.deepEqual(quotas([['user', 2, null]], true), ['user=alice', 'user=null']);
  assert.deepEqual(
    quotas([
      ['user', 2, null],
      ['client-id', 2, null],
    ]),
    ['user=alice,client-id=c'],
  );
  assert.deepEqual(quotas([['ip', 0, '9.9.9.9']]), []);
});

test('filters that make no sense are refused', () => {
  assert.equal(quotas([['', 0, 'x']]), '42 Invalid empty entity type.');
  assert.equal(
    quotas([
      ['user', 0, 'x'],
      ['user', 1, null],
    ]),
    '42 Entity type user cannot appear more than once in the filter.',
  );
  assert.equal(quotas([['nonsense', 0, 'x']]), '35 Unsupported entity type nonsense');
  assert.equal(quotas([['user', 0, null]]), '42 Request specified MATCH_TYPE_EXACT, but set match string to null.');
  assert.equal(
    quotas([['user', 2, 'x']]),
    '42 Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.',
  );
  assert.equal(quotas([['user', 7, null]]), '42 Unknown match type 7');
  assert.match(
    String(
      quotas([
        ['user', 1, null],
        ['ip', 1, null],
      ]),
    ),
    /^42 Invalid entity filter component combination/,
  );
});

test('credentials are described by user, without their secrets', () => {
  const described = (names: string[] | null) =>
    describeScramCredentials(
      image.scram,
      newDescribeUserScramCredentialsRequest({ users: names?.map((name) => ({ name })) ?? null }),
    ).results.map(({ user, errorCode, credentialInfos }) => [user, errorCode, credentialInfos]);
  const alice = [
    'alice',
    0,
    [
      { mechanism: 1, iterations: 4096 },
      { mechanism: 2, iterations: 8192 },
    ],
  ];
  assert.deepEqual(described(null), [alice]);
  assert.deepEqual(described(['alice', 'nobody']), [alice, ['nobody', 91, []]]);
  assert.deepEqual(described(['alice', 'alice']), [['alice', 92, []]]);
});

test('entries match filters by literal names, prefixes and wildcards', () => {
  const acl = (resourceName: string, patternType: number) => ({
    resourceType: 2,
    resourceName,
    patternType,
    principal: 'User:alice',
    host: '*',
    operation: 3,
    permissionType: 3,
  });
  const filter = (patternTypeFilter: number, resourceNameFilter: string | null) => ({
    resourceTypeFilter: 2,
    resourceNameFilter,
    patternTypeFilter,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  });
  const [any, match, literal, prefixed] = [1, 2, 3, 4];
  const entries = [acl('orders', literal!), acl('ord', prefixed!), acl('*', literal!), acl('other', literal!)];
  const found = (kind: number, name: string | null) =>
    entries.filter((entry) => aclMatches(filter(kind, name), entry)).map(({ resourceName }) => resourceName);
  assert.deepEqual(found(match!, 'orders'), ['orders', 'ord', '*']);
  assert.deepEqual(found(literal!, 'orders'), ['orders']);
  assert.deepEqual(found(prefixed!, 'ord'), ['ord']);
  assert.deepEqual(found(any!, null).length, 4);
  assert.deepEqual(aclMatches({ ...filter(any!, null), principalFilter: 'User:bob' }, entries[0]!), false);
  assert.deepEqual(aclMatches({ ...filter(any!, null), operation: 4 }, entries[0]!), false);
});
