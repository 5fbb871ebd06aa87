/** The storage tool against the JVM's: the same calls, the same output, the same exit code. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { kafkaStorage } from '../src/kafka-storage/kafka-storage.ts';
import { runProgram } from './run-program.ts';

const storage = kafkaStorage(async () => (await import('../src/node/format-directories.ts')).formatDirectories);

const calls: readonly string[] = [
  '',
  'nonsense',
  'random-uuid x',
  'version-mapping',
  'version-mapping --release-version 3.3',
  'version-mapping -r 4.0-IV1',
  'version-mapping --release-version 4.2.0',
  'version-mapping --release-version 4.4',
  'version-mapping --release-version 2.8',
  'version-mapping --release-version 3.3-IV0',
  'feature-dependencies',
  'feature-dependencies --feature metadata.version=7',
  'feature-dependencies --feature metadata.version=6',
  'feature-dependencies -f group.version=1 -f eligible.leader.replicas.version=1',
  'feature-dependencies --feature transaction.version=3',
  'feature-dependencies --feature=no.such=1',
  'feature-dependencies --feature group.version',
  'feature-dependencies --feature group.version=x',
  'feature-dependencies --feature group.version=99999',
  'info',
  'info --config',
  'info --config FOLDER/none.properties',
  'info --config FOLDER/wrong.properties',
  'info -c FOLDER/one.properties',
  'format -t x',
  'format --bogus',
  'format -c FOLDER/one.properties',
  'format -c FOLDER/one.properties -t',
  'format -c FOLDER/one.properties --cluster-id x',
  'format -c FOLDER/one.properties -t x --standalone --no-initial-controllers',
  'format -c FOLDER/static.properties -t x --standalone',
  'format -c FOLDER/broker.properties -t x --standalone',
  'format -c FOLDER/one.properties -t x -s --feature no.such=1',
  'format -c FOLDER/one.properties -t x -s --feature group.version=7',
  'format -c FOLDER/one.properties -t x -s --release-version 9.9',
  'format -c FOLDER/one.properties -t x -s --release-version 4.0 --feature metadata.version=30',
  'format -c FOLDER/one.properties -t x -s --feature kraft.version=0',
  'format -c FOLDER/static.properties -t x --feature kraft.version=1',
  'info -c FOLDER/one.properties',
  'format -c FOLDER/one.properties -t 5L6g3nShT-eMCtK--X86sw --stand',
  'info -c FOLDER/one.properties',
  'format -c FOLDER/one.properties -t 5L6g3nShT-eMCtK--X86sw --standalone',
  'format -c FOLDER/one.properties -t 5L6g3nShT-eMCtK--X86sw --standalone --ignore-formatted',
  'format -c FOLDER/two.properties -t 5L6g3nShT-eMCtK--X86sw -N --ignore-formatted',
  'format -c FOLDER/two.properties -t 5L6g3nShT-eMCtK--X86sw -N --ignore-formatted',
  'info -c FOLDER/two.properties',
  'format -c FOLDER/static.properties -t 5L6g3nShT-eMCtK--X86sw --release-version 3.7',
  'format -c FOLDER/broker.properties -t 5L6g3nShT-eMCtK--X86sw',
  'format -c FOLDER/voters.properties -t 5L6g3nShT-eMCtK--X86sw -I 0@a:1:JEXY6aqzQY-32P5TStzaFg,1@b:2:MvDxzVmcRsaTz33bUuRU6A -f transaction.version=1',
  'format -c FOLDER/scram.properties -t x -s -S nonsense',
  'format -c FOLDER/scram.properties -t x -s -S SCRAM-SHA-256=[name=alice]',
  'format -c FOLDER/scram.properties -t x -s -S SCRAM-SHA-1=[name=alice,password=a]',
  'format -c FOLDER/scram.properties -t x -s -r 3.5-IV1 -S SCRAM-SHA-256=[name=alice,password=a]',
  'info -c FOLDER/file.properties',
];

/** server.properties by name, in a folder. */
function writeConfigs(folder: string): void {
  const combined = [
    'process.roles=broker,controller',
    'node.id=1',
    'listeners=PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093',
    'controller.listener.names=CONTROLLER',
  ];
  const dynamic = [...combined, 'controller.quorum.bootstrap.servers=127.0.0.1:19093'];
  const configs: Record<string, readonly string[]> = {
    one: [...dynamic, `log.dirs=${folder}/one`],
    two: [...dynamic, `log.dirs=${folder}/one,${folder}/two`, `metadata.log.dir=${folder}/meta`],
    scram: [...dynamic, `log.dirs=${folder}/scram`],
    voters: [...dynamic, `log.dirs=${folder}/voters`],
    static: [...combined, 'controller.quorum.voters=1@127.0.0.1:19093', `log.dirs=${folder}/static`],
    broker: [
      'process.roles=broker',
      'node.id=2',
      'listeners=PLAINTEXT://127.0.0.1:19092',
      'controller.listener.names=CONTROLLER',
      'controller.quorum.bootstrap.servers=127.0.0.1:19093',
      `log.dirs=${folder}/broker`,
    ],
    wrong: [...dynamic, 'num.partitions=x'],
    file: [...dynamic, `log.dirs=${folder}/file,${folder}/unformatted`],
  };
  for (const [name, lines] of Object.entries(configs))
    writeFileSync(join(folder, `${name}.properties`), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'unformatted'));
}

/** Without what no two runs share, the order of directories (the JVM's is a hash map's), nor the JVM's way to space error lines and to show stacks. */
function essence(text: string, folder: string): string {
  return text
    .replaceAll(folder, 'FOLDER')
    .replace(/(directory\.id=)[\w-]{22}/g, '$1ID')
    .replace(/(?:^Formatting .*\n)+/gm, (lines) =>
      lines
        .split(/(?<=\n)/)
        .sort()
        .join(''),
    )
    .replace(/^\tat .*\n/gm, '')
    .replace(/^Exception in thread "main" (?:java\.lang\.\S+?: )?/gm, '')
    .replace(/(?<=kafka-storage: error:)[\s\S]*/g, (message) => ` ${message.split(/\s+/).filter(Boolean).join(' ')}`)
    .trim();
}

test('the storage tool says what the JVM’s says', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const tools = jvm.toolServer();
  t.after(() => tools.close());
  const folders = await Promise.all(['jvm', 'ours'].map((name) => mkdtemp(join(tmpdir(), `storage-${name}-`))));
  t.after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));
  for (const folder of folders) writeConfigs(folder);
  const [theirFolder = '', ourFolder = ''] = folders;
  for (const call of calls) {
    const words = (folder: string) => call.replaceAll('FOLDER', folder).split(' ').filter(Boolean);
    const theirs = await tools.tool('storage', words(theirFolder));
    const ours = await runProgram(storage, words(ourFolder));
    const shape = (outcome: typeof theirs, folder: string) => ({
      call,
      code: outcome.code,
      stdout: essence(outcome.stdout, folder),
      stderr: essence(outcome.stderr, folder),
    });
    await t.test(call === '' ? 'no arguments' : call, () =>
      assert.deepEqual(shape(ours, ourFolder), shape(theirs, theirFolder)),
    );
  }
});
