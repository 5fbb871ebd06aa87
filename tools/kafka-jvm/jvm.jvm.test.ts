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
  const tools = jvm.toolServer();
  t.after(() => tools.close());
  const args = ['--bootstrap-server', broker.bootstrapServers];
  const created = await tools.tool('topics', [...args, '--create', '--topic', 'x', '--partitions', '2']);
  assert.deepEqual(created, { code: 0, stdout: 'Created topic x.\n', stderr: '' });
  const listed = await jvm.run('topics', [...args, '--list']);
  assert.deepEqual(listed, { code: 0, stdout: 'x\n', stderr: '' });
  const produced = await tools.tool('console-producer', [...args, '--topic', 'x'], { input: 'one\ntwo\n' });
  assert.equal(produced.code, 0);
  const consumerArgs = [...args, '--topic', 'x', '--from-beginning', '--max-messages', '2'];
  const consumed = await tools.tool('console-consumer', consumerArgs);
  assert.deepEqual([consumed.code, consumed.stdout], [0, 'one\ntwo\n']);
  assert.match(consumed.stderr, /^Processed a total of 2 messages$/m);
});

test('tools in one JVM end where their exits are', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const tools = jvm.toolServer();
  t.after(() => tools.close());
  const wrong = await tools.tool('topics', ['--bogus']);
  const alone = await jvm.run('topics', ['--bogus']);
  const essence = ({ code, stdout, stderr }: typeof wrong) => ({ code, stdout, said: stderr.split('\n')[0] });
  assert.deepEqual(essence(wrong), essence(alone));
  assert.deepEqual(await tools.tool('configs', ['--version']), { code: 0, stdout: '4.3.1\n', stderr: '' });
});
