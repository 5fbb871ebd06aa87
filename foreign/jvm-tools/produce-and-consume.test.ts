/** Console producer and consumer, offsets and deletion of records, with every codec and every way to start reading. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder, writeProperties } from '../harness.ts';
import { compareWithJvm } from './transcript.ts';

const lines = (count: number, prefix = 'v'): string =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}\n`).join('');

test('what is produced in any way is consumed in any way', { timeout: 180_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    const produce = (topic: string, input: string, args = '') =>
      s.tool('console-producer', `--topic ${topic} ${args}`, { input });
    const consume = (topic: string, args: string) =>
      s.tool('console-consumer', `--topic ${topic} --timeout-ms 15000 ${args}`);

    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      await s.tool('topics', `--create --topic ${codec}`);
      await produce(codec, lines(100, codec), `--compression-codec ${codec}`);
      await consume(codec, '--from-beginning --max-messages 100');
    }
    for (const acks of ['0', '1', 'all']) {
      await s.tool('topics', `--create --topic acks-${acks}`);
      await produce(
        `acks-${acks}`,
        lines(3),
        `--command-property acks=${acks} --command-property enable.idempotence=false`,
      );
      await consume(`acks-${acks}`, '--from-beginning --max-messages 3');
    }
    const reader = (...properties: string[]) => properties.flatMap((property) => ['--reader-property', property]);
    const parsed = reader(
      'parse.key=true',
      'parse.headers=true',
      'key.separator=:',
      'headers.separator=;',
      'null.marker=NULL',
    );
    const columns = ['key', 'headers', 'offset', 'partition', 'timestamp', 'epoch'];
    const shown = columns.flatMap((what) => ['--formatter-property', `print.${what}=true`]);
    const show = (topic: string, ...args: string[]) =>
      s.tool('console-consumer', ['--topic', topic, ...args, ...shown], {
        mask: [[/(CreateTime|LogAppendTime):\d+/g, '$1:NOW']],
      });
    await s.tool('topics', '--create --topic full');
    await s.tool('console-producer', ['--topic', 'full', ...parsed], {
      input: 'h1:a;h2:b\tk1:v1\nh1:\tk2:\nNULL\tk3:ünïcode ✓\nNULL\tk1:NULL\nNULL\tNULL:v\n',
    });
    await show('full', '--from-beginning', '--max-messages', '5');
    await show('full', '--partition', '0', '--offset', '3', '--max-messages', '2');
    await s.tool('topics', '--create --topic stamped --config message.timestamp.type=LogAppendTime');
    await produce('stamped', 'x\n');
    await show('stamped', '--from-beginning', '--max-messages', '1');

    await s.tool('topics', '--create --topic spread --partitions 3');
    await s.tool('console-producer', ['--topic', 'spread', ...reader('parse.key=true', 'key.separator=:')], {
      input: Array.from({ length: 30 }, (_, i) => `k${i}:v${i}\n`).join(''),
    });
    for (const partition of [0, 1, 2])
      await consume('spread', `--partition ${partition} --offset earliest --max-messages 5`);
    await consume('spread', '--partition 1 --offset 2 --max-messages 3');
    await s.tool('console-consumer', '--topic none --partition 7 --offset 0 --max-messages 1 --timeout-ms 500');
    await produce('made-by-the-producer', lines(2));
    await consume('made-by-the-producer', '--from-beginning --max-messages 2');
    await consume(
      'acks-1',
      '--from-beginning --max-messages 2 --group g --command-property auto.commit.interval.ms=100',
    );
    await consume('acks-1', '--max-messages 1 --group g');
    await s.tool('console-consumer', ['--include', 'acks-.*', '--from-beginning', '--max-messages', '9'], {
      sorted: true,
    });
    await consume('none', '--from-beginning --max-messages 2 --isolation-level read_committed');
    await produce('none', 'too large', `--command-property max.request.size=4000000 --request-required-acks 1`);
  }),
);

test('a record that is too large is refused as the JVM broker does it', { timeout: 60_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    await s.tool('topics', '--create --topic small --config max.message.bytes=1000');
    await s.tool('console-producer', '--topic small --command-property acks=1', { input: `${'x'.repeat(5000)}\n` });
    await s.tool('get-offsets', '--topic small');
    await s.tool('topics', '--create --topic strict --config min.insync.replicas=2');
    await s.tool(
      'console-producer',
      '--topic strict --command-property retries=0 --command-property enable.idempotence=false',
      { input: 'x\n' },
    );
    await s.tool('get-offsets', '--topic strict');
  }),
);

test('offsets are listed and records deleted as the JVM broker does it', { timeout: 120_000 }, async (t) => {
  const folder = await scratchFolder(t);
  await compareWithJvm(t, async (s) => {
    await s.tool('topics', '--create --topic a --partitions 2');
    await s.tool('topics', '--create --topic b --config message.timestamp.type=LogAppendTime');
    await s.tool('console-producer', '--topic a --reader-property parse.key=true --reader-property key.separator=:', {
      input: lines(10, 'k:'),
    });
    await s.tool('console-producer', '--topic b', { input: lines(7) });
    await s.tool('get-offsets', '--topic b');
    for (const time of [
      '-1',
      '-2',
      '-3',
      '-4',
      '-5',
      'latest',
      'earliest',
      'max-timestamp',
      'earliest-local',
      'latest-tiered',
      '0',
      '99999999999999',
    ]) {
      await s.tool('get-offsets', `--topic b --time ${time}`);
    }
    await s.tool('get-offsets', ['--topic-partitions', 'b:0,a:0-2']);
    await s.tool('get-offsets', ['--topic', 'a', '--partitions', '7']);
    await s.tool('get-offsets', '--topic nowhere');
    await s.tool('get-offsets', '--exclude-internal-topics');

    const file = join(folder, 'delete.json');
    const wanted = (partitions: object[]) => writeFile(file, JSON.stringify({ version: 1, partitions }));
    const impatient = await writeProperties(join(folder, 'client.properties'), {
      'default.api.timeout.ms': '3000',
      'request.timeout.ms': '2000',
    });
    const del = () =>
      s.tool('delete-records', `--offset-json-file ${file} --command-config ${impatient}`, {
        mask: [
          [new RegExp(folder, 'g'), 'FOLDER'],
          [/(TimeoutException): .*/g, '$1: …'],
        ],
      });
    await wanted([{ topic: 'b', partition: 0, offset: 3 }]);
    await del();
    await s.tool('get-offsets', '--topic b --time -2');
    await s.tool('console-consumer', '--topic b --from-beginning --max-messages 4');
    await wanted([{ topic: 'b', partition: 0, offset: 2 }]);
    await del();
    await wanted([{ topic: 'b', partition: 0, offset: 99 }]);
    await del();
    await wanted([{ topic: 'nowhere', partition: 0, offset: 1 }]);
    await del();
    await wanted([{ topic: 'b', partition: 0, offset: -1 }]);
    await del();
    await s.tool('get-offsets', '--topic b --time -2');
    await s.tool('get-offsets', '--topic b --time -1');
  });
});
