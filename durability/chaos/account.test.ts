import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildBatch, RecordBatch } from '@skarab/records';
import { recordValue } from '../ledger.ts';
import { PartitionAccount } from './account.ts';

function batch(baseOffset: number, value: string): Uint8Array {
  return buildBatch({ baseOffset, records: [{ timestamp: 0, key: null, value: Buffer.from(value) }] });
}

/** A log of one record a batch, `numbers` at the offsets 0, 1, 2 …, held against what is acknowledged: numbers and their offsets. */
function audit(numbers: readonly number[], acknowledged: readonly (readonly [number: number, offset: number])[]): void {
  const account = new PartitionAccount('t', 3);
  for (const [number, offset] of acknowledged) account.add({ partition: 3, number, count: 1, offset });
  assert.equal(account.acknowledged, acknowledged.length);
  const pass = account.audit();
  for (const [offset, number] of numbers.entries()) {
    assert.equal(pass.check(new RecordBatch(batch(offset, recordValue('t', 3, number))), offset), offset + 1);
  }
  pass.end();
}

test('acknowledged records are there once, at their offsets, in order; others once or not at all', () => {
  audit([], []);
  audit(
    [0, 1, 2, 3],
    [
      [0, 0],
      [1, 1],
      [2, 2],
    ],
  );
  audit(
    [0, 2, 4, 5],
    [
      [4, 2],
      [0, 0],
      [5, 3],
    ],
  );
});

test('what is wrong is found', () => {
  assert.throws(() => audit([0], [[1, 1]]), /t-3 at 1: record 1 was acknowledged, and is lost/);
  assert.throws(() => audit([0, 2], [[1, 1]]), /t-3 at 1: record 2, but 1 was acknowledged at 1/);
  assert.throws(() => audit([0, 2], [[2, 2]]), /t-3 at 1: record 2, acknowledged at 2/);
  assert.throws(() => audit([0, 1, 1], []), /t-3 at 2: record 1 follows record 1/);
  assert.throws(() => audit([0, 2, 1], []), /t-3 at 2: record 1 follows record 2/);
  const twice = [
    [0, 0],
    [0, 1],
  ] as const;
  assert.throws(() => audit([0, 1], twice), /t-3 at 1: record 1, but 0 was acknowledged at 1/);
});

test('foreign values, gaps in the offsets and wrong checksums are found', () => {
  const pass = new PartitionAccount('t', 3).audit();
  assert.throws(() => pass.check(new RecordBatch(batch(0, 't-3:0:y')), 0), /t-3 at 0: holds 't-3:0:y'/);
  const bytes = batch(7, recordValue('t', 3, 0));
  assert.throws(() => pass.check(new RecordBatch(bytes), 5), /t-3 at 5: offset 7 follows/);
  bytes[bytes.length - 2]! ^= 1;
  assert.throws(() => pass.check(new RecordBatch(bytes), 7), /t-3 at 7: wrong checksum/);
});
