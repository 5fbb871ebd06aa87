/**
 * Requests of two other clients, written by their own encoders, have the bytes that ours write.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { cases } from './bench/cases.ts';

for (const { name, rivalName, bytes } of cases) {
  if (bytes === undefined) continue;
  test(`${name}: the same bytes as ${rivalName}`, async () => {
    const [own, other] = await bytes();
    assert.equal(own.toString('hex'), other.toString('hex'));
  });
}
