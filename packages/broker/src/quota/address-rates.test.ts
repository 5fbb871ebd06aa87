import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientQuotasImage } from '@skarab/metadata';
import { AddressRates } from './address-rates.ts';

const windows = { count: 3, sizeMs: 1000 };

function imageOf(...limits: [string | null, number][]): ClientQuotasImage {
  const entities = limits.map(([ip, limit]) => {
    const image = { entity: new Map([['ip', ip]]), quotas: new Map([['connection_creation_rate', limit]]) };
    return [String(ip), image] as const;
  });
  return { entities: new Map(entities) };
}

const lookUp = async (name: string): Promise<string> => {
  if (name === 'known') return '10.0.0.9';
  throw new Error('unknown');
};

/** How many of a hundred connections at once are admitted. */
function admitted(rates: AddressRates, image: ClientQuotasImage, address: string, nowMs = 0): number {
  return Array.from({ length: 100 }, () => rates.record(image, address, nowMs)).filter((ms) => ms === 0).length;
}

test('an address is held to its own rate, others to the default, and what is refused does not count', () => {
  const rates = new AddressRates(windows, lookUp);
  const image = imageOf(['10.0.0.1', 10], [null, 3]);
  assert.equal(admitted(rates, image, '10.0.0.1'), 20, 'two windows of three, as if nothing came in the others');
  assert.equal(admitted(rates, image, '10.0.0.2'), 6);
  assert.equal(admitted(rates, image, '10.0.0.2', 3000), 6);
  assert.equal(admitted(rates, imageOf(['10.0.0.1', 10]), '10.0.0.3'), 100);
});

test('a wait is at most a window', () => {
  const rates = new AddressRates(windows, lookUp);
  const image = imageOf(['10.0.0.1', 1]);
  assert.deepEqual(
    Array.from({ length: 3 }, () => rates.record(image, '10.0.0.1', 0)),
    [0, 0, 1000],
  );
});

test('an address is the same however it is written', () => {
  const rates = new AddressRates(windows, lookUp);
  const image = imageOf(['10.0.0.1', 1], ['0:0:0:0:0:0:0:1', 2]);
  assert.equal(admitted(rates, image, '::ffff:10.0.0.1'), 2);
  assert.equal(admitted(rates, image, '::1'), 4);
});

test('names of hosts are looked up', async () => {
  const rates = new AddressRates(windows, lookUp);
  const image = imageOf(['known', 1], ['unknown', 1]);
  rates.record(image, '10.0.0.1', 0);
  await Promise.resolve();
  assert.equal(admitted(rates, image, '10.0.0.9'), 2);
});
