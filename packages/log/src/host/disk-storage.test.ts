import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { StorageError, systemClock } from '@skarab/base';
import { FileSlice } from '../file-slice.ts';
import { batchOf, valuesOf } from '../testing/log-fixture.ts';
import { DiskStorage } from './disk-storage.ts';
import { LogHost } from './log-host.ts';
import { closePartitionLog, openPartitionLog } from './open-log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'skarab-disk-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('descriptors stay within the bound, whatever the number of files', () => {
  const storage = new DiskStorage({ maxOpenFiles: 10 });
  const files = Array.from({ length: 100 }, (_, i) => storage.file(join(directory, `f${i}`)));
  for (let round = 0; round < 3; round++) {
    files.forEach((file, i) => {
      file.write([Buffer.from(`${i}.`)], round * 4);
    });
    assert.equal(storage.openFileCount, 10);
  }
  const target = Buffer.alloc(12);
  files.forEach((file, i) => {
    assert.equal(file.read(target, 8), `${i}.`.length);
  });
  assert.equal(storage.openFileCount, 10);
  for (const file of files.slice(0, 20)) file.retain();
  assert.equal(storage.openFileCount, 20);
  storage.close();
  assert.equal(storage.openFileCount, 20);
  for (const file of files) {
    if (files.indexOf(file) < 20) file.release();
    file.delete();
  }
  assert.deepEqual([storage.openFileCount, readdirSync(directory)], [0, []]);
});

describe('when the process has no descriptors left, files give theirs up', () => {
  for (const [action, openCount] of [
    ["storage.file(folder + '/more').write([Buffer.from('x')], 0)", 11],
    ["storage.replaceFile(folder + '/small', Buffer.from('x'))", 10],
    ["await storage.replaceFileDurably(folder + '/small', Buffer.from('x'))", 10],
    ["storage.readFile(folder + '/f0')", 10],
    ['storage.list(folder)', 10],
    ['await storage.syncDirectory(folder)', 10],
    ["storage.makeDirectory(folder + '/d'); await storage.remove(folder + '/d')", 10],
  ] as const) {
    test(action, () => {
      const script = `import { DiskStorage } from ${JSON.stringify(fileURLToPath(new URL('./disk-storage.ts', import.meta.url)))};
        import { openSync } from 'node:fs';
        const folder = ${JSON.stringify(directory)};
        const storage = new DiskStorage();
        const files = Array.from({ length: 20 }, (_, i) => storage.file(folder + '/f' + i));
        for (const file of files) file.write([Buffer.from('x')], 0);
        storage.makeDirectory(folder + '/d/e');
        try { for (;;) openSync('/dev/null'); } catch {}
        ${action};
        console.log(storage.openFileCount);`;
      const args = ['-c', 'ulimit -n 200; exec "$0" --input-type=module-typescript -e "$1"', process.execPath, script];
      const { stdout, stderr } = spawnSync('bash', args);
      assert.equal(stdout.toString().trim(), String(openCount), stderr.toString());
    });
  }
});

test('a log on disk: appends, slices that outlive their segment, an orderly stop', async () => {
  const storage = new DiskStorage({ maxOpenFiles: 4 });
  const host = new LogHost({ storage, clock: systemClock, tailCacheBytes: 0 });
  const log = await openPartitionLog(host, `${directory}/t-0`);
  for (const value of ['a', 'b', 'c']) {
    log.appendAsLeader(batchOf([value], { timestamp: Date.now() }), { leaderEpoch: 0 });
    if (value === 'b') log.roll();
  }
  host.writer.flushStaged();
  const read = log.read({ startOffset: 1, maxBytes: 1000, minOneMessage: true, upperBound: 'logEnd' });
  assert.ok(read.records instanceof FileSlice);
  const region = read.records.fileRegion();
  assert.ok(region !== undefined && region.fd > 0 && region.position === read.fetchOffset.position);
  log.truncateFullyAndStartAt(10);
  const target = Buffer.alloc(read.records.byteLength + 5);
  assert.equal(await read.records.readInto(0, target), read.records.byteLength);
  const rest = Buffer.alloc(10);
  assert.equal(await read.records.readInto(read.records.byteLength - 3, rest), 3);
  assert.deepEqual(rest.subarray(0, 3), target.subarray(-8, -5));
  assert.deepEqual(valuesOf(target), ['1:b']);
  read.records.release();
  await closePartitionLog(host, log);
  const again = await openPartitionLog(host, `${directory}/t-0`);
  assert.deepEqual([again.logStartOffset, again.logEndOffset], [10, 10]);
  await closePartitionLog(host, again);
  assert.equal(storage.openFileCount, 0);
});

test('a slice of a file that was cut meanwhile cannot be read', async () => {
  const storage = new DiskStorage();
  const file = storage.file(join(directory, 'f'));
  file.write([Buffer.alloc(100)], 0);
  for (const isRecent of [true, false]) {
    const slice = new FileSlice(file, 10, 50, isRecent);
    file.truncate(40);
    await assert.rejects(async () => slice.readInto(0, Buffer.alloc(50)), StorageError);
    slice.release();
    file.truncate(100);
  }
});

test('another process is kept out of a locked directory, and let in when the owner dies', () => {
  const storage = new DiskStorage();
  const release = storage.lock(directory, '.lock');
  assert.ok(release !== null);
  const module = fileURLToPath(new URL('./directory-lock.ts', import.meta.url));
  const script = `import { lockDirectory } from ${JSON.stringify(module)};
    console.log(lockDirectory(${JSON.stringify(directory)}, '.lock') === null);`;
  const lockElsewhere = (): string =>
    spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script]).stdout.toString().trim();
  assert.equal(lockElsewhere(), 'true');
  release();
  assert.equal(lockElsewhere(), 'false');
  // That process ended without releasing it.
  const again = storage.lock(directory, '.lock');
  assert.ok(again !== null);
  again();
});
