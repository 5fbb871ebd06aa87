import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StorageError, seededRandom } from '@skarab/base';
import { DiskStorage } from '../host/disk-storage.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { MemoryStorage } from './memory-storage.ts';
import { storageContract } from './storage-contract.ts';

const root = mkdtempSync(join(tmpdir(), 'skarab-storage-'));
after(() => rmSync(root, { recursive: true, force: true }));

storageContract('disk', () => ({ storage: new DiskStorage(), directory: mkdtempSync(join(root, 'a-')) }));

storageContract('disk with one descriptor', () => ({
  storage: new DiskStorage({ maxOpenFiles: 1 }),
  directory: mkdtempSync(join(root, 'b-')),
}));

storageContract('memory', () => {
  const storage = new MemoryStorage();
  storage.makeDirectory('/data');
  return { storage, directory: '/data' };
});

storageContract('faulty', () => {
  const storage = new FaultyStorage(seededRandom(1));
  storage.makeDirectory('/data');
  return { storage, directory: '/data' };
});

storageContract('attached to faulty', () => {
  const storage = new FaultyStorage(seededRandom(1)).attach();
  storage.makeDirectory('/data');
  return { storage, directory: '/data' };
});

test('a crash keeps what was synced and a beginning of the rest, and ends what was under way', async () => {
  const kept = new Set<string>();
  for (let seed = 0; seed < 50; seed++) {
    const storage = new FaultyStorage(seededRandom(seed));
    const process = storage.attach();
    process.makeDirectory('/data');
    const file = process.file('/data/a');
    file.write([Buffer.from('synced')], 0);
    await file.sync();
    await process.syncDirectory('/data');
    file.write([Buffer.from(' one')], 6);
    file.write([Buffer.from(' two')], 10);
    storage.crash();
    assert.throws(() => file.read(Buffer.alloc(1), 0), StorageError);
    await assert.rejects(process.replaceFileDurably('/data/a', Buffer.from('x')), StorageError);
    const text = Buffer.from(storage.readFile('/data/a')!).toString();
    assert.ok('synced one two'.startsWith(text) && text.startsWith('synced'), text);
    kept.add(text);
  }
  assert.ok(kept.size > 5);
});

test('faults happen when they are due, and a full storage takes what fits', () => {
  const storage = new FaultyStorage(seededRandom(1));
  storage.makeDirectory('/data');
  const file = storage.file('/data/a');
  storage.fail({ operation: 'write', path: 'a', errno: 'EIO', after: 1, times: 2 });
  const errnoOf = (bytes: string): string => {
    try {
      file.write([Buffer.from(bytes)], file.size());
      return 'none';
    } catch (error) {
      return (error as StorageError).errno;
    }
  };
  assert.deepEqual([errnoOf('1'), errnoOf('2'), errnoOf('3'), errnoOf('4')], ['none', 'EIO', 'EIO', 'none']);
  storage.fill(3);
  assert.deepEqual([errnoOf('56'), errnoOf('789')], ['none', 'ENOSPC']);
  assert.equal(Buffer.from(storage.readFile('/data/a')!).toString(), '14567');
});
