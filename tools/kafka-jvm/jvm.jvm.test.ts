import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireKafkaJvm } from './jvm.ts';

test('a tool runs and its streams come back apart', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  assert.deepEqual(await jvm.run('topics', ['--version']), { code: 0, stdout: '4.3.1\n', stderr: '' });
  const wrong = await jvm.run('kafka-storage.sh', ['nonsense']);
  assert.equal(wrong.code, 1);
  assert.equal(wrong.stdout, '');
  assert.match(wrong.stderr, /invalid {2}choice: {2}'nonsense'/);
});

test('a Java file is compiled once for its content', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const folder = await mkdtemp(join(tmpdir(), 'jvm-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'Hello.java');
  await writeFile(
    file,
    'public class Hello { public static void main(String[] a) { System.out.print(org.apache.kafka.common.Uuid.METADATA_TOPIC_ID); } }',
  );
  const classes = await jvm.compile(file);
  assert.equal(await jvm.compile(file), classes);
  assert.equal((await jvm.runClass('Hello', [], { classes })).stdout, 'AAAAAAAAAAAAAAAAAAAAAQ');
});

test('a broker starts on free ports, serves the tools, and stops', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const broker = await jvm.startBroker();
  t.after(() => broker.stop());
  const args = ['--bootstrap-server', broker.bootstrapServers];
  const created = await jvm.run('topics', [...args, '--create', '--topic', 'x', '--partitions', '2']);
  assert.deepEqual(created, { code: 0, stdout: 'Created topic x.\n', stderr: '' });
  const listed = await jvm.run('topics', [...args, '--list']);
  assert.deepEqual(listed, { code: 0, stdout: 'x\n', stderr: '' });
});
