import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { CorruptDataError } from '@skarab/base';
import { buildBatch, compressionTypes, RecordBatch, type SimpleRecord } from '@skarab/records';
import { RecordKeys } from './record-keys.ts';

const records: SimpleRecord[] = [
  { timestamp: 5, key: Buffer.from('a'), value: Buffer.from('1'), offset: 10 },
  { timestamp: 2 ** 50, key: null, value: Buffer.alloc(300), offset: 12 },
  {
    timestamp: -7,
    key: Buffer.alloc(200, 'k'),
    value: null,
    headers: [{ key: 'h', value: Buffer.from('x') }],
    offset: 700,
  },
  { timestamp: 5, key: Buffer.alloc(0), value: Buffer.alloc(0), offset: 701 },
];

test('offset, key and presence of a value of each record, whatever the compression', () => {
  for (const compression of compressionTypes) {
    const keys = new RecordKeys(new RecordBatch(buildBatch({ baseOffset: 8, records, compression })));
    const seen: unknown[] = [];
    while (keys.next()) seen.push([keys.offset, keys.key && Buffer.from(keys.key).toString(), keys.hasValue]);
    assert.deepEqual(seen, [
      [10, 'a', true],
      [12, null, true],
      [700, 'k'.repeat(200), false],
      [701, '', true],
    ]);
  }
});

test('an emptied batch has no records', () => {
  const empty = new RecordKeys(new RecordBatch(buildBatch({ baseOffset: 8, lastOffset: 9, records: [] })));
  assert.equal(empty.next(), false);
});

test('damage is reported as such, wherever it is', () => {
  const bytes = buildBatch({ records });
  for (let at = 61; at < bytes.length; at++) {
    const damaged = Uint8Array.from(bytes);
    damaged[at]! ^= 0x55;
    try {
      const keys = new RecordKeys(new RecordBatch(damaged));
      while (keys.next());
    } catch (error) {
      assert.ok(error instanceof CorruptDataError, String(error));
    }
  }
});
