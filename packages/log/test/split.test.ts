/**
 * Segments whose offsets do not fit their indexes: split when they are recovered and when they are cleaned, whatever fails on the way.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { RecordBatch } from '@skarab/records';
import { defaultLogConfig } from '../src/core/log-config.ts';
import { type LogConfig, openPartitionLog, type PartitionLog } from '../src/index.ts';
import { FaultyStorage, type StorageOperation } from '../src/testing/index.ts';
import { batchOf, LOG_DIR, LogFixture, namesIn, readAll, START_MS } from '../src/testing/log-fixture.ts';
import { cleanerOf } from './cleaner-fixture.ts';

const FAR = 2 ** 31;
const DIRECTORY = `${LOG_DIR}/t-0`;
const FIRST_LOG = `${DIRECTORY}/00000000000000000000.log`;
const config: Partial<LogConfig> = { indexIntervalBytes: 100, compact: true, delete: false, minCleanableDirtyRatio: 0 };

const offsets = [0, 1, 2, FAR - 1, FAR, FAR + 7, 2 * FAR + 5, 2 * FAR + 6];
const values = offsets.map((offset) => `${offset}:v${offset}`);

const batchAt = (baseOffset: number): Uint8Array => {
  const bytes = batchOf([`v${baseOffset}`], { partitionLeaderEpoch: 0 });
  new RecordBatch(bytes).setLastOffset(baseOffset);
  return bytes;
};

/** A folder with one segment of these offsets, and nothing else; durable. */
async function folderOf(storage: FaultyStorage, of: readonly number[], tail = Buffer.alloc(0)): Promise<void> {
  storage.makeDirectory(LOG_DIR);
  storage.makeDirectory(DIRECTORY);
  const file = storage.file(FIRST_LOG);
  file.write([...of.map(batchAt), tail], 0);
  await file.sync();
  await storage.syncDirectory(DIRECTORY);
  await storage.syncDirectory(LOG_DIR);
}

function newStorage(seed = 1): FaultyStorage {
  return new FaultyStorage(seededRandom(seed), { nowMs: () => START_MS });
}

function open(fixture: LogFixture, isClean = false): Promise<PartitionLog> {
  return openPartitionLog(fixture.host, DIRECTORY, { config: { ...defaultLogConfig, ...config }, isClean });
}

function transientNames(storage: FaultyStorage): string[] {
  return namesIn(storage, DIRECTORY).filter((name) => /\.(cleaned|swap)$/.test(name));
}

describe('recovery', () => {
  test('splits a segment, and keeps every byte', async () => {
    const storage = newStorage();
    await folderOf(storage, offsets);
    const before = Buffer.from(storage.readFile(FIRST_LOG)!);
    const log = await open(new LogFixture({ storage }));
    assert.deepEqual(log.segmentBaseOffsets, [0, FAR, 2 * FAR + 5]);
    assert.deepEqual(readAll(log), values);
    assert.deepEqual(
      Buffer.concat(log.state.segments.all().map((segment) => storage.readFile(segment.log.path)!)),
      before,
    );
    assert.deepEqual(transientNames(storage), []);
    for (const offset of offsets) assert.equal(log.offsetMetadata(offset).offset, offset);
  });

  test('splits a segment without its index after an orderly stop', async () => {
    const storage = newStorage();
    await folderOf(storage, offsets);
    assert.deepEqual(readAll(await open(new LogFixture({ storage }), true)), values);
  });

  test('leaves an empty segment where nothing is near the base offset', async () => {
    const storage = newStorage();
    await folderOf(storage, [FAR + 3, FAR + 4]);
    const log = await open(new LogFixture({ storage }));
    assert.deepEqual(log.segmentBaseOffsets, [0, FAR + 3]);
    assert.deepEqual(readAll(log), [`${FAR + 3}:v${FAR + 3}`, `${FAR + 4}:v${FAR + 4}`]);
    assert.equal(log.logStartOffset, 0);
  });

  test('cuts off an unfinished end all the same', async () => {
    for (const tail of [
      Buffer.from(batchAt(2 * FAR + 7)).subarray(0, 40),
      Buffer.alloc(300),
      Buffer.alloc(300, 0xff),
    ]) {
      const storage = newStorage();
      await folderOf(storage, offsets, tail);
      const log = await open(new LogFixture({ storage }));
      assert.deepEqual(readAll(log), values);
      assert.equal(log.logEndOffset, 2 * FAR + 7);
    }
  });

  test('ends with the same log whatever fails on the way', async () => {
    let failures = 0;
    for (const operation of ['write', 'sync', 'rename', 'delete', 'truncate'] as StorageOperation[]) {
      for (let n = 0; n < 25; n++) {
        const storage = newStorage(n);
        await folderOf(storage, offsets);
        storage.fail({ operation, errno: 'EIO', after: n });
        const hasFailed = await open(new LogFixture({ storage })).then(
          () => false,
          () => true,
        );
        storage.crash();
        const log = await open(new LogFixture({ storage }));
        assert.deepEqual(readAll(log), values, `${operation} ${n}`);
        assert.deepEqual(transientNames(storage), [], `${operation} ${n}`);
        if (hasFailed) failures++;
      }
    }
    assert.ok(failures > 20, `${failures} failures`);
  });
});

describe('cleaning', () => {
  /** A log with such a segment, which was closed in order with an index that says nothing, and a segment behind it. */
  async function overflowing(storage: FaultyStorage): Promise<{ fixture: LogFixture; log: PartitionLog }> {
    await folderOf(storage, offsets);
    storage.file(FIRST_LOG.replace('.log', '.index')).write([], 0);
    storage.file(FIRST_LOG.replace('.log', '.timeindex')).write([], 0);
    const fixture = new LogFixture({ storage, config });
    const log = fixture.open();
    log.roll();
    await fixture.settle();
    log.updateHighWatermark(log.logEndOffset);
    return { fixture, log };
  }

  test('splits a segment and then cleans it', async () => {
    const storage = newStorage();
    const { fixture, log } = await overflowing(storage);
    assert.equal(log.segmentCount, 2);
    const cleaner = cleanerOf(fixture, [log]);
    assert.equal(await cleaner.cleanFilthiest(), true);
    assert.deepEqual(log.segmentBaseOffsets.slice(0, 3), [0, FAR, 2 * FAR + 5]);
    assert.deepEqual(readAll(log), values);
    assert.equal(await cleaner.cleanFilthiest(), true);
    assert.deepEqual([readAll(log), cleaner.uncleanableLogs(), fixture.failures], [values, [], []]);
    assert.deepEqual(transientNames(storage), []);
  });

  test('ends with the same log whatever fails on the way', async () => {
    let failures = 0;
    for (const operation of ['write', 'sync', 'rename', 'delete'] as StorageOperation[]) {
      for (let n = 0; n < 25; n++) {
        const storage = newStorage(n);
        const { fixture, log } = await overflowing(storage);
        await storage.syncDirectory(DIRECTORY);
        storage.fail({ operation, errno: 'EIO', after: n });
        await cleanerOf(fixture, [log]).cleanFilthiest();
        await fixture.settle();
        if (fixture.failures.length > 0) failures++;
        storage.crash();
        const loaded = await open(new LogFixture({ storage }));
        assert.deepEqual(readAll(loaded), values, `${operation} ${n}`);
        assert.deepEqual(transientNames(storage), [], `${operation} ${n}`);
      }
    }
    assert.ok(failures > 20, `${failures} failures`);
  });
});

test('what a follower is given goes into segments that can express its offsets', () => {
  const fixture = new LogFixture({ config });
  const log = fixture.open();
  const bytes = Buffer.concat(offsets.map(batchAt));
  assert.equal(log.appendAsFollower(bytes, { leaderEpoch: 0 }).errorCode, 0);
  fixture.endTurn();
  assert.deepEqual(log.segmentBaseOffsets, [0, FAR, 2 * FAR + 5]);
  assert.deepEqual(readAll(log), values);
});
