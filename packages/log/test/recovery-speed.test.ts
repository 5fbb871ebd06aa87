/**
 * Recovery after an unclean stop takes two seconds for a gigabyte at most: measured with less, the best of three times, for small machines.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '@skarab/base';
import { buildBatch, RecordBatch } from '@skarab/records';
import { closePartitionLog, DiskStorage, LogHost, openPartitionLog } from '../src/index.ts';

const root = mkdtempSync(join(tmpdir(), 'skarab-recovery-'));
after(() => rmSync(root, { recursive: true, force: true }));

const BYTES = 128 * 1024 * 1024;
const MAX_SECONDS_PER_GB = 2;

test('recovery checks a log of batches of 16 KiB at half a gigabyte a second at least', async (t) => {
  const records = Array.from({ length: 15 }, () => ({ timestamp: 1e12, key: null, value: Buffer.alloc(1024, 97) }));
  const batch = buildBatch({ producerId: 5, producerEpoch: 0, baseSequence: 0, records });
  const count = Math.floor(BYTES / batch.length);
  const log = Buffer.alloc(count * batch.length);
  for (let i = 0; i < count; i++) {
    log.set(batch, i * batch.length);
    new RecordBatch(log, i * batch.length).setLastOffset((i + 1) * records.length - 1);
  }
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const directory = join(root, `t-${round}`);
    mkdirSync(directory);
    writeFileSync(join(directory, '00000000000000000000.log'), log);
    const host = new LogHost({ storage: new DiskStorage(), clock: systemClock });
    const startMs = performance.now();
    const opened = await openPartitionLog(host, directory, { isClean: false });
    best = Math.min(best, performance.now() - startMs);
    assert.equal(opened.logEndOffset, count * records.length);
    await closePartitionLog(host, opened);
    rmSync(directory, { recursive: true });
  }
  const secondsPerGb = (best / log.length) * 1e6;
  t.diagnostic(`${secondsPerGb.toFixed(2)} s/GB`);
  assert.ok(secondsPerGb <= MAX_SECONDS_PER_GB, `${secondsPerGb} s/GB`);
});
