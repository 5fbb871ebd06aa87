/**
 * One folder has one broker: a second one is refused in a sentence, and a dead one leaves no lock behind.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ApiKey, type MetadataResponse, newMetadataRequest } from '@skarab/protocol';
import { connectTo, scratchFolder, skarab, startBroker } from '../tools/raw-client/brokers.ts';
import { createTopics } from './topics.ts';

const failure = (start: Promise<unknown>): Promise<string> =>
  start.then(
    () => 'it started',
    (error: Error) => error.message,
  );

test('a folder in use is refused, and free again after kill -9', { timeout: 60_000 }, async (t) => {
  const dataDir = await scratchFolder(t);
  const first = await startBroker(t, skarab, { dataDir });
  const client = await connectTo(t, first.port);
  await createTopics(client, [{ name: 'mine', partitions: 1 }]);

  const message = await failure(startBroker(t, skarab, { dataDir, format: false }));
  assert.match(message, /did not start/);
  assert.match(message, new RegExp(dataDir));
  assert.match(message, /lock|in use|already/i);

  const { topics } = await client.call<MetadataResponse>(ApiKey.METADATA, 12, newMetadataRequest({ topics: null }));
  assert.deepEqual(
    topics.map(({ name }) => name),
    ['mine'],
  );
  await first.kill();
  const second = await startBroker(t, skarab, { dataDir, format: false });
  await second.stop();
});

test('a folder of another node or cluster, or without its identity, is refused', { timeout: 60_000 }, async (t) => {
  const dataDir = await scratchFolder(t);
  const first = await startBroker(t, skarab, { dataDir });
  await first.stop();
  const file = join(dataDir, 'meta.properties');
  const good = readFileSync(file, 'utf8');
  const cases = {
    'node.id=7': good.replace(/node\.id=\d+/, 'node.id=7'),
    'no cluster.id': good.replace(/cluster\.id=.*\n/, ''),
    'version=9': good.replace(/version=\d+/, 'version=9'),
    'not properties': 'garbage\u0000\n',
  };
  for (const [what, text] of Object.entries(cases)) {
    writeFileSync(file, text);
    const message = await failure(startBroker(t, skarab, { dataDir, format: false }));
    assert.match(message, /did not start/, what);
    assert.match(message, new RegExp(`${dataDir}|node\\.id|cluster\\.id`), `${what}: ${message}`);
    assert.doesNotMatch(message, /TypeError|AssertionError|ReferenceError/, what);
  }
  writeFileSync(file, good);
  const again = await startBroker(t, skarab, { dataDir, format: false });
  await again.stop();
});
