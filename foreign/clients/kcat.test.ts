/** kcat: producing with every codec, consuming by offsets and formats, groups, metadata. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { requireForeign, runProgram, type StartBroker, testOnBoth } from '../harness.ts';

async function prepare(t: TestContext, start: StartBroker) {
  const software = await requireForeign(t, 'kcat');
  const broker = software && (await start());
  if (software === undefined || broker === undefined) return undefined;
  const kcat = async (args: string, input = ''): Promise<string> => {
    const words = ['-b', broker.bootstrapServers, ...args.split(' ').filter(Boolean)];
    const { code, stdout, stderr } = await runProgram(software.kcat, words, { input, timeoutMs: 30_000 });
    assert.equal(code, 0, `kcat ${args}: ${stderr}`);
    return stdout;
  };
  return { kcat, broker };
}

testOnBoth('kcat produces and consumes', { timeout: 90_000 }, async (t, start) => {
  const found = await prepare(t, start);
  if (found === undefined) return;
  const { kcat, broker } = found;
  const values = (prefix: string) => Array.from({ length: 100 }, (_, i) => `${prefix}-${i}\n`).join('');

  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    await kcat(`-P -t ${codec} -z ${codec}`, values(codec));
    assert.equal(await kcat(`-C -t ${codec} -o beginning -e -q`), values(codec));
  }
  for (const acks of ['0', '1', 'all']) {
    await kcat(`-P -t acks-${acks} -X acks=${acks}`, values(acks));
    assert.equal(await kcat(`-C -t acks-${acks} -o beginning -c 100 -q`), values(acks));
  }
  await kcat('-P -t once -X enable.idempotence=true', values('once'));
  assert.equal(await kcat('-C -t once -o beginning -e -q'), values('once'));

  await kcat('-P -t keyed -K: -H a=1 -H b=2', 'k1:v1\nk2:v2\nk3:\n');
  assert.equal(
    await kcat('-C -t keyed -o beginning -e -q -f %o|%k|%s|%h\\n'),
    '0|k1|v1|a=1,b=2\n1|k2|v2|a=1,b=2\n2|k3||a=1,b=2\n',
  );
  assert.equal(await kcat('-C -t keyed -o 1 -e -q'), 'v2\n\n');
  assert.equal(await kcat('-C -t keyed -o -1 -e -q -f %o\\n'), '2\n');
  assert.equal(await kcat('-C -t keyed -o s@0 -e -q -f %o\\n'), '0\n1\n2\n');
  assert.equal(await kcat('-Q -t keyed:0:1'), 'keyed [0] offset 0\n');

  const metadata = JSON.parse(await kcat('-L -J -t keyed')) as { brokers: unknown; topics: unknown };
  assert.deepEqual(metadata.brokers, [{ id: 1, name: broker.bootstrapServers }]);
  const partition = { partition: 0, leader: 1, replicas: [{ id: 1 }], isrs: [{ id: 1 }] };
  assert.deepEqual(metadata.topics, [{ topic: 'keyed', partitions: [partition] }]);
});

testOnBoth('kcat consumes in a group', { timeout: 60_000 }, async (t, start) => {
  const found = await prepare(t, start);
  if (found === undefined) return;
  const { kcat } = found;
  await kcat('-P -t g', 'a\nb\nc\n');
  const group = '-X auto.offset.reset=earliest -X session.timeout.ms=6000 -q -e';
  assert.equal(await kcat(`${group} -G group g`), 'a\nb\nc\n');
  await kcat('-P -t g', 'd\n');
  assert.equal(await kcat(`${group} -G group g`), 'd\n');
  assert.equal(await kcat(`${group} -G other g`), 'a\nb\nc\nd\n');
});
