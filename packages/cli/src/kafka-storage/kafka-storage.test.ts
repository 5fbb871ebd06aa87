import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isUuid } from '@skarab/base';
import { FakeServer } from '../../test/fake-node.ts';
import { runProgram } from '../../test/run-program.ts';
import { kafkaStorage } from './kafka-storage.ts';
import { storageInfo } from './storage-info.ts';

const server = new FakeServer();
const storage = (...args: string[]) => runProgram(kafkaStorage(server.loadFormatter), args);

test('random-uuid prints an id', async () => {
  const { code, stdout } = await storage('random-uuid');
  assert.deepEqual([code, isUuid(stdout.trim())], [0, true]);
});

test('version-mapping and feature-dependencies', async () => {
  const newest = [
    'metadata.version=30 (4.3-IV0)',
    'kraft.version=1',
    'transaction.version=2',
    'group.version=1',
    'eligible.leader.replicas.version=1',
    'share.version=1',
    'streams.version=1',
    '',
  ];
  assert.deepEqual(await storage('version-mapping'), { code: 0, stdout: newest.join('\n'), stderr: '' });
  assert.deepEqual(
    await storage('feature-dependencies', '-feligible.leader.replicas.version=1', '--feature=group.version=2'),
    {
      code: 1,
      stdout: 'eligible.leader.replicas.version=1 requires:\n    metadata.version=23 (4.0-IV1)\n',
      stderr: 'Feature level 2 is not supported for feature group.version\n',
    },
  );
});

test('arguments are refused as Kafka refuses them', async () => {
  const said = async (...args: string[]) => (await storage(...args)).stderr.split('\n').at(-2);
  assert.equal(await said(), 'kafka-storage: error: too few arguments');
  assert.equal(await said('info', '-c'), 'kafka-storage: error: argument --config/-c: expected one argument');
  assert.equal(await said('info'), 'kafka-storage: error: argument --config/-c is required');
  assert.equal(
    await said('format', '-c', 'x', '-s', '-N'),
    'kafka-storage: error: argument --no-initial-controllers/-N: not allowed with argument --standalone/-s',
  );
  assert.equal(await said('format', '--s'), 'kafka-storage: error: argument --config/-c is required');
  assert.equal(
    await said('format', '--i'),
    'kafka-storage: error: ambiguous option: --i could match --ignore-formatted, --initial-controllers',
  );
  assert.match(
    (await storage('format', '--help')).stdout,
    /^usage: kafka-storage format \[-h\] --config CONFIG --cluster-id CLUSTER_ID\n/,
  );
});

test('info tells what directories hold and what is wrong with them', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'info-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  for (const name of ['a', 'b', 'bare']) mkdirSync(at(name));
  writeFileSync(at('file'), '');
  const meta = (name: string, node: number) =>
    writeFileSync(
      join(at(name), 'meta.properties'),
      `version=1\nnode.id=${node}\ncluster.id=c\ndirectory.id=d${name}\n`,
    );
  meta('a', 1);
  meta('b', 1);
  const metadata = 'Found metadata: {cluster.id=c, directory.id=da, node.id=1, version=1}\n\n';
  assert.deepEqual(storageInfo([]), { text: 'No directories specified.\n', code: 0 });
  assert.deepEqual(storageInfo([at('b'), at('a')]), {
    text: `Found log directories:\n  ${at('a')}\n  ${at('b')}\n\n${metadata}`,
    code: 0,
  });
  assert.deepEqual(storageInfo([at('a'), at('bare'), at('file'), at('none')]), {
    text:
      `Found log directories:\n  ${at('a')}\n  ${at('bare')}\n\n${metadata}` +
      `Found problems:\n  ${at('bare')} is not formatted.\n  ${at('file')} is not a directory\n  ${at('none')} does not exist\n\n`,
    code: 1,
  });
  meta('b', 2);
  assert.match(
    storageInfo([at('a'), at('b')]).text,
    /Found problem:\n {2}Mismatched node IDs between storage directories\.\n/,
  );
});
