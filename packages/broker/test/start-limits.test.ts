import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStorage } from '@skarab/log';
import { startInMemoryNode } from './in-memory-node.ts';

test('a node that does not start within server.max.startup.time.ms is stopped again', { timeout: 20_000 }, async () => {
  await assert.rejects(startInMemoryNode('/memory', { 'log.dirs': '/memory', 'server.max.startup.time.ms': '0' }), {
    code: 'STATE',
    message: 'the node has not started within 0 ms',
  });
});

test('controlled.shutdown.enable=false leaves without asking the controller', { timeout: 20_000 }, async () => {
  const node = await startInMemoryNode('/memory', { 'log.dirs': '/memory', 'controlled.shutdown.enable': 'false' });
  await node.stop();
});

test('nobody starts in a folder that another one uses, nor touches its metadata', { timeout: 20_000 }, async (t) => {
  const storage = new MemoryStorage();
  const node = await startInMemoryNode('/memory', { 'log.dirs': '/memory' }, storage);
  t.after(() => node.stop());
  const before = storage.readFile('/memory/__cluster_metadata-0/quorum-state');
  await assert.rejects(
    startInMemoryNode('/memory', { 'log.dirs': '/memory' }, storage),
    /Failed to acquire lock on file/,
  );
  assert.deepEqual(storage.readFile('/memory/__cluster_metadata-0/quorum-state'), before);
});
