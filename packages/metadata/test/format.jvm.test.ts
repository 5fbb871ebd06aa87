/** Formatting against the JVM's storage tool: the same lines, the same files. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock, systemRandom } from '@skarab/base';
import { DiskStorage } from '@skarab/log';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import type { FormatRequest } from '../src/core/format/format-request.ts';
import { formatDirectories } from '../src/host/format-directories.ts';
import { describeBatches } from './batch-text.ts';

const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';
const DIRECTORY_ID = 'JEXY6aqzQY-32P5TStzaFg';

interface Case {
  readonly name: string;
  readonly properties: readonly string[];
  readonly args: readonly string[];
  readonly request: Partial<FormatRequest>;
}

const dynamic = ['controller.quorum.bootstrap.servers=localhost:19093'];
const self = { id: 1, host: 'localhost', port: 19093, directoryId: DIRECTORY_ID };

const cases: readonly Case[] = [
  {
    name: 'the first voter of a dynamic quorum',
    properties: dynamic,
    args: ['--initial-controllers', `1@localhost:19093:${DIRECTORY_ID}`],
    request: { hasDynamicQuorum: true, initialControllers: [self] },
  },
  {
    name: 'one of three voters',
    properties: dynamic,
    args: [
      '--initial-controllers',
      `0@another:1:AAAAAAAAAAAAAAAAAAAB6w,1@localhost:19093:${DIRECTORY_ID},2@other:2:AAAAAAAAAAAAAAAAAAAB7A`,
    ],
    request: {
      hasDynamicQuorum: true,
      initialControllers: [
        { id: 0, host: 'another', port: 1, directoryId: 'AAAAAAAAAAAAAAAAAAAB6w' },
        self,
        { id: 2, host: 'other', port: 2, directoryId: 'AAAAAAAAAAAAAAAAAAAB7A' },
      ],
    },
  },
  {
    name: 'a static quorum at an older release, with a feature of its own',
    properties: ['controller.quorum.voters=1@localhost:19093'],
    args: ['--release-version', '3.8-IV0', '--feature', 'group.version=1'],
    request: { hasDynamicQuorum: false, releaseVersion: '3.8-IV0', featureLevels: new Map([['group.version', 1]]) },
  },
  {
    name: 'a node that is told no controllers',
    properties: dynamic,
    args: ['--no-initial-controllers', '--release-version', '4.0'],
    request: { hasDynamicQuorum: true, releaseVersion: '4.0' },
  },
  {
    name: 'users to begin with',
    properties: dynamic,
    args: [
      '--no-initial-controllers',
      '--add-scram',
      'SCRAM-SHA-256=[name=alice,iterations=8192,salt="MWx2NHBkbnc0ZndxN25vdGN4bTB5eTFrN3E=",password=alice-secret]',
      '--add-scram',
      'SCRAM-SHA-512=[name=bob,salt=N3E=,saltedpassword="YCE="]',
    ],
    request: {
      hasDynamicQuorum: true,
      scramArguments: [
        'SCRAM-SHA-256=[name=alice,iterations=8192,salt="MWx2NHBkbnc0ZndxN25vdGN4bTB5eTFrN3E=",password=alice-secret]',
        'SCRAM-SHA-512=[name=bob,salt=N3E=,saltedpassword="YCE="]',
      ],
    },
  },
];

test('formats as the storage tool does', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const folder = await mkdtemp(join(tmpdir(), 'skarab-format-'));
  using tools = jvm.toolServer();
  try {
    for (const [index, { name, properties, args, request }] of cases.entries()) {
      await t.test(name, async () => {
        const theirs = join(folder, `${index}`, 'theirs');
        const ours = join(folder, `${index}`, 'ours');
        const config = join(folder, `${index}.properties`);
        await writeFile(config, [...serverProperties(theirs), ...properties, ''].join('\n'));
        const result = await tools.tool('storage', ['format', '-t', CLUSTER_ID, '-c', config, ...args]);
        assert.equal(result.code, 0, result.stdout + result.stderr);
        const lines: string[] = [];
        await formatDirectories(
          { storage: new DiskStorage(), clock: systemClock, random: systemRandom },
          requestOf(ours, request),
          (line) => lines.push(line),
        );
        // The JVM writes the directories in the order of a hash table.
        const theirLines = result.stdout
          .trim()
          .split('\n')
          .map((line) => line.replaceAll(theirs, ours))
          .sort();
        assert.deepEqual([...lines].sort(), theirLines);
        for (const directory of ['a', 'b']) {
          assert.deepEqual(await filesOf(join(ours, directory)), await filesOf(join(theirs, directory)));
        }
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function serverProperties(folder: string): string[] {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    'listeners=PLAINTEXT://localhost:19092,CONTROLLER://localhost:19093',
    'controller.listener.names=CONTROLLER',
    `log.dirs=${folder}/a,${folder}/b`,
    `metadata.log.dir=${folder}/b`,
  ];
}

function requestOf(folder: string, request: Partial<FormatRequest>): FormatRequest {
  return {
    directories: [`${folder}/a`, `${folder}/b`],
    metadataLogDir: `${folder}/b`,
    nodeId: 1,
    clusterId: CLUSTER_ID,
    controllerListenerName: 'CONTROLLER',
    hasDynamicQuorum: true,
    ignoreFormatted: false,
    featureLevels: new Map(),
    unstableFeatureVersionsEnabled: false,
    ...request,
  };
}

/** Every file below a folder with its content, random ids and times left out. */
async function filesOf(folder: string): Promise<Record<string, readonly string[]>> {
  const files: Record<string, readonly string[]> = {};
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    if (name.endsWith('.checkpoint')) files[name] = describeSnapshot(await readFile(join(folder, name)));
    else if (name === 'meta.properties') {
      const lines = (await readFile(join(folder, name), 'utf8')).split('\n').filter((line) => !line.startsWith('#'));
      files[name] = lines.sort().map((line) => line.replace(/^directory\.id=(?!JEXY).*/, 'directory.id=random'));
    } else files[name] = [];
  }
  return files;
}

/** The last eight bytes of the header record are the time in a snapshot of voters. */
function describeSnapshot(bytes: Uint8Array): string[] {
  return describeBatches(bytes).map((line) => line.replace(/^( {2}00000003 00\d\d)[0-9a-f]{16}/, '$1time'));
}
