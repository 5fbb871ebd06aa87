import assert from 'node:assert/strict';
import { test } from 'node:test';
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
