import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { CorruptDataError, type Random, seededRandom } from '@skarab/base';
import { buildBatch } from './batch-builder.ts';
import type { SimpleRecord } from './record.ts';
import { RecordBatch } from './record-batch.ts';
import { checkRecords, type RecordFindings, type RecordRules } from './record-check.ts';
import { scanRecords } from './record-scan.ts';

const BASE = 1_700_000_000_000;
const rules: RecordRules = {
  nowMs: BASE,
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  timestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
  compactedTopic: true,
  topicPartition: 't-0',
};

function randomRecord(random: Random): SimpleRecord {
  const bytes = (): Buffer => Buffer.from(random.bytes(random.int(2 ** random.int(9))));
  const headers = Array.from({ length: random.int(4) ** 2 }, () => ({
    key: random.int(99).toString(36).repeat(random.int(80)),
    value: random.int(3) ? bytes() : null,
  }));
  return {
    timestamp: BASE + random.int(2 ** random.int(30)) - random.int(2 ** random.int(30)),
    key: random.int(40) ? bytes() : null,
    value: random.int(4) ? bytes() : null,
    headers,
  };
}

/** What the thorough way finds, null when it throws. */
function check(batch: RecordBatch): RecordFindings | null {
  try {
    return checkRecords(batch, batch.recordBytes, rules);
  } catch (error) {
    assert.ok(error instanceof CorruptDataError, String(error));
    return null;
  }
}

function scan(batch: RecordBatch): number | null {
  const result = { minTimestamp: 0, maxTimestamp: 0 };
  const { recordBytes, recordCount, baseTimestamp } = batch;
  const isGood = scanRecords(
    recordBytes,
    0,
    recordBytes.length,
    recordCount,
    { baseTimestamp, needsKeys: true },
    result,
  );
  return isGood ? Math.max(-1, result.maxTimestamp) : null;
}

test('the scan accepts what the check accepts, and never more', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1e9);
  console.log(`# seed ${seed}`);
  const random = seededRandom(seed);
  for (let round = 0; round < 1500; round++) {
    const records = Array.from({ length: 1 + random.int(80) }, () => randomRecord(random));
    const batch = new RecordBatch(buildBatch({ records }));
    const found = check(batch)!;
    const isGood = found.errors.length === 0;
    assert.equal(scan(batch), isGood ? found.maxTimestamp : null);
    const { recordBytes } = batch;
    for (let damage = 0; damage < 20; damage++) {
      recordBytes[random.int(recordBytes.length)] = random.int(256);
      const scanned = scan(batch);
      if (scanned === null) continue;
      const checked = check(batch);
      assert.ok(checked?.isContiguous && checked.errors.length === 0);
      assert.equal(scanned, checked.maxTimestamp);
    }
  }
});

test('timestamps weeks apart are left to the check', () => {
  const records = [0, 2 ** 31, 2 ** 40].map((delta) => ({
    timestamp: BASE + delta,
    key: Buffer.from('k'),
    value: null,
  }));
  assert.equal(scan(new RecordBatch(buildBatch({ records: records.slice(0, 2) }))), null);
  assert.equal(scan(new RecordBatch(buildBatch({ records }))), null);
  assert.equal(check(new RecordBatch(buildBatch({ records })))!.maxTimestamp, BASE + 2 ** 40);
});
