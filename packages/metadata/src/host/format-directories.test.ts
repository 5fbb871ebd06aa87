import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { decodeMetaProperties, MemoryStorage } from '@skarab/log';
import type { FormatRequest } from '../core/format/format-request.ts';
import { readBootstrap } from './bootstrap-file.ts';
import { formatDirectories } from './format-directories.ts';

const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';

async function format(storage: MemoryStorage, changes: Partial<FormatRequest> = {}): Promise<string[]> {
  const lines: string[] = [];
  const environment = { storage, clock: new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5)), random: seededRandom(1) };
  const request: FormatRequest = {
    directories: ['/b', '/a'],
    metadataLogDir: '/b',
    nodeId: 1,
    clusterId: CLUSTER_ID,
    controllerListenerName: 'CONTROLLER',
    hasDynamicQuorum: true,
    ignoreFormatted: false,
    featureLevels: new Map(),
    unstableFeatureVersionsEnabled: false,
    ...changes,
  };
  await formatDirectories(environment, request, (line) => lines.push(line));
  return lines;
}

const metaProperties = (storage: MemoryStorage, directory: string) =>
  decodeMetaProperties(storage.readFile(`${directory}/meta.properties`)!, directory);

test('formats every directory, each under an id of its own', async () => {
  const storage = new MemoryStorage();
  const [, ...lines] = await format(storage);
  assert.deepEqual(lines, [
    'Formatting data directory /a with metadata.version 4.3-IV0.',
    'Formatting metadata directory /b with metadata.version 4.3-IV0.',
  ]);
  const [a, b] = ['/a', '/b'].map((directory) => metaProperties(storage, directory));
  assert.deepEqual([a!.clusterId, a!.nodeId, a!.version], [CLUSTER_ID, 1, 1]);
  assert.notEqual(a!.directoryId, b!.directoryId);
  assert.match(Buffer.from(storage.readFile('/a/meta.properties')!).toString(), /^#\n#Fri Jan 02 03:04:05 UTC 2026\n/);
  assert.equal(readBootstrap(storage, '/a').metadataVersion, 30);
  assert.equal(readBootstrap(storage, '/nowhere').source, 'the default bootstrap');
});

test('a formatted directory is left alone, or is a mistake', async () => {
  const storage = new MemoryStorage();
  await format(storage, { directories: ['/b'] });
  const before = metaProperties(storage, '/b');
  await assert.rejects(format(storage), /Log directory \/b is already formatted. Use --ignore-formatted/);
  assert.equal(storage.status('/a'), null);
  const [, ...lines] = await format(storage, { ignoreFormatted: true });
  assert.deepEqual(lines, ['Formatting data directory /a with metadata.version 4.3-IV0.']);
  assert.deepEqual(metaProperties(storage, '/b'), before);
  assert.deepEqual(await format(storage, { ignoreFormatted: true }), [
    'All of the log directories are already formatted.',
  ]);
});

test('directories of others are refused', async () => {
  const storage = new MemoryStorage();
  await format(storage);
  await assert.rejects(
    format(storage, { clusterId: 'another', ignoreFormatted: true }),
    /Invalid cluster.id in: \/a\/meta.properties. Expected another, but read 5L6/,
  );
  await assert.rejects(
    format(storage, { nodeId: 2, ignoreFormatted: true }),
    /Stored node id 1 doesn't match previous node id 2/,
  );
  storage.replaceFile('/b/meta.properties', storage.readFile('/a/meta.properties')!);
  await assert.rejects(
    format(storage, { ignoreFormatted: true }),
    /Duplicate directory ID .* found. It was the ID of \/a, but also of \/b/,
  );
});

test('requests that make no sense are refused', async () => {
  const refused = (changes: Partial<FormatRequest>, message: RegExp) =>
    assert.rejects(format(new MemoryStorage(), changes), message);
  await refused({ nodeId: -1 }, /You must specify a valid non-negative node ID/);
  await refused({ clusterId: '' }, /You must specify the cluster id/);
  await refused({ directories: [] }, /You must specify at least one directory/);
  await refused(
    { metadataLogDir: '/c' },
    /The specified metadata log directory, \/c was not one of the given directories: \[\/a, \/b\]/,
  );
});
