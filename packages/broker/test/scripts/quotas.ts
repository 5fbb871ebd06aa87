/**
 * DescribeClientQuotas, AlterClientQuotas: of users and clients that are not there, so that nobody is throttled.
 */
import {
  type AlterClientQuotasResponse,
  ApiKey,
  type ComponentData,
  type DescribeClientQuotasResponse,
  newAlterClientQuotasRequest,
  newDescribeClientQuotasRequest,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';

const [EXACT, DEFAULT, SPECIFIED] = [0, 1, 2];

type Entity = readonly (readonly [entityType: string, entityName: string | null])[];
type Change = readonly [key: string, value: number | null];

const alice: Entity = [['user', 'alice']];
const aliceApp: Entity = [...alice, ['client-id', 'app']];
const nobodysIp: Entity = [['ip', '192.0.2.1']];

function alter(entity: Entity, changes: readonly Change[], validateOnly = false) {
  return newAlterClientQuotasRequest({ validateOnly, entries: [entryOf(entity, changes)] });
}

function entryOf(entity: Entity, changes: readonly Change[]) {
  return {
    entity: entity.map(([entityType, entityName]) => ({ entityType, entityName })),
    ops: changes.map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
  };
}

function describe(components: readonly ComponentData[], strict = false) {
  return newDescribeClientQuotasRequest({ components: [...components], strict });
}

function component(entityType: string, matchType: number, match: string | null = null): ComponentData {
  return { entityType, matchType, match };
}

/** Kafka keeps entities and quotas in hash maps. */
const inOrder = {
  show: ({ entries, ...rest }: DescribeClientQuotasResponse | AlterClientQuotasResponse): unknown => ({
    ...rest,
    entries: entries === null ? null : entries.map((entry) => ordered(entry)).sort(byText),
  }),
};

function ordered(entry: object): object {
  const lists = Object.entries(entry).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.toSorted(byText) : value,
  ]);
  return Object.fromEntries(lists);
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

async function altered(r: Recorder): Promise<void> {
  const api = ApiKey.ALTER_CLIENT_QUOTAS;
  const change = (title: string, request: object) => r.call(title, api, 1, request, inOrder);
  const rates: Change[] = [
    ['producer_byte_rate', 1024],
    ['consumer_byte_rate', 2048],
  ];
  await r.call('quotas of a user', api, [0, 1], alter(alice, rates), inOrder);
  await change('quotas of a client of a user', alter(aliceApp, [['request_percentage', 12.5]]));
  await change('a quota of an address', alter(nobodysIp, [['connection_creation_rate', 5]]));
  await change('validate only', alter([['user', 'bob']], rates, true));
  await change('remove what is not there', alter([['user', 'bob']], [['producer_byte_rate', null]]));
  await change('no entity', alter([], rates));
  await change('an empty name', alter([['user', '']], rates));
  await change('an unknown type', alter([['group', 'g']], rates));
  await change('an address and a user', alter([...nobodysIp, ...alice], [['connection_creation_rate', 5]]));
  await change('no address', alter([['ip', 'no address']], [['connection_creation_rate', 5]]));
  await change('an unknown quota', alter(alice, [['no.such', 1]]));
  await change('a quota of addresses for a user', alter(alice, [['connection_creation_rate', 5]]));
  await change('a quota of zero', alter(alice, [['producer_byte_rate', 0]]));
  await change('a part of a byte', alter(alice, [['producer_byte_rate', 1.5]]));
  const twice = [entryOf(alice, [['producer_byte_rate', 7]]), entryOf(alice, [['producer_byte_rate', 8]])];
  await change('an entity twice', newAlterClientQuotasRequest({ entries: twice }));
}

async function described(r: Recorder): Promise<void> {
  const api = ApiKey.DESCRIBE_CLIENT_QUOTAS;
  const look = (title: string, request: object) => r.call(title, api, 1, request, inOrder);
  /** Of the change that was the last. */
  const isThere = ({ entries }: DescribeClientQuotasResponse): boolean =>
    entries?.some(({ values }) => values.some(({ value }) => value === 7)) === true;
  await r.call('all quotas', api, [0, 1], describe([]), { ...inOrder, until: isThere });
  await look('of a user', describe([component('user', EXACT, 'alice')]));
  await look('of a user alone', describe([component('user', EXACT, 'alice')], true));
  await look('of clients of users', describe([component('user', SPECIFIED), component('client-id', SPECIFIED)], true));
  await look('of the default user', describe([component('user', DEFAULT)]));
  await look('of an address', describe([component('ip', EXACT, '192.0.2.1')]));
  await look('of addresses and users', describe([component('ip', SPECIFIED), component('user', SPECIFIED)]));
  await look('of an unknown type', describe([component('group', SPECIFIED)]));
  await look('of no type', describe([component('', SPECIFIED)]));
  await look('of a type twice', describe([component('user', SPECIFIED), component('user', DEFAULT)]));
  await look('of nobody exactly', describe([component('user', EXACT)]));
  await look('of the default with a name', describe([component('user', DEFAULT, 'alice')]));
  await look('of an unknown match', describe([component('user', 9)]));
}

export const quotasScript: Script = {
  name: 'quotas',
  run: async (r) => {
    await altered(r);
    await described(r);
    for (const [entity, key] of [
      [alice, 'producer_byte_rate'],
      [alice, 'consumer_byte_rate'],
      [aliceApp, 'request_percentage'],
      [nobodysIp, 'connection_creation_rate'],
    ] as const) {
      await r.call(`without ${key}`, ApiKey.ALTER_CLIENT_QUOTAS, 1, alter(entity, [[key, null]]), inOrder);
    }
  },
};
