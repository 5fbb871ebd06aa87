import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { seededRandom } from '@skarab/base';
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
