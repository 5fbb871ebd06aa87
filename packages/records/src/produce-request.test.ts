import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { buildBatch } from './batch-builder.ts';
import { validateProduceBatches } from './produce-request.ts';

const records = [{ timestamp: 1, key: null, value: Buffer.from('v') }];

test('exactly one batch v2 per partition, without zstd before version 7', () => {
  const one = Buffer.from(buildBatch({ records }));
  const zstd = buildBatch({ records, compression: 'zstd' });
  const old = Buffer.from(one);
  old[16] = 1;
  const wrong = Buffer.from(one);
  wrong[16] = 9;
  const check = (bytes: Uint8Array | null, version = 9): unknown => {
    const failure = validateProduceBatches(bytes, version);
    return failure === null ? null : [failure.error, failure.message];
  };
  const prefix = 'Produce requests with version';
  const none = [87, `${prefix} 9 must have at least one record batch per partition`];
  assert.deepEqual(check(null), none);
  assert.deepEqual(check(Buffer.alloc(0)), none);
  assert.deepEqual(check(one.subarray(0, one.length - 1)), none);
  assert.equal(check(one), null);
  assert.equal(check(Buffer.concat([one, one.subarray(0, 30)])), null);
  assert.equal(check(zstd, 7), null);
  assert.deepEqual(check(zstd, 6), [76, `${prefix} 6 are not allowed to use ZStandard compression`]);
  assert.deepEqual(check(old, 3), [87, `${prefix} 3 are only allowed to contain record batches with magic version 2`]);
  assert.deepEqual(check(Buffer.concat([one, one])), [
    87,
    `${prefix} 9 are only allowed to contain exactly one record batch per partition`,
  ]);
  assert.deepEqual(check(wrong), [2, 'Invalid magic found in record: 9']);
});
