/** The JVM's broker as the benchmark runs it: formatted, started, loaded, stopped, started again, killed; and how a bad answer shows. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { rawProduce } from '../src/load/raw-load.ts';
import { cpuSecondsOf } from '../src/process/proc-stat.ts';
import { systemOf } from '../src/systems/catalogue.ts';
import { JvmInstallation } from '../src/systems/jvm-installation.ts';
import { Server } from '../src/systems/server.ts';
import { parseAddress } from '../src/wire/address.ts';
import { produce } from '../src/wire/api.ts';
import { append, awaitLed, createTopic, deleteTopic } from '../src/wire/topics.ts';

const marks = { onBegin: () => {}, onEnd: () => {} };

test('a life of the JVM system', async (t) => {
  if ((await requireKafkaJvm(t)) === undefined) return;
  const workFolder = mkdtempSync(join(tmpdir(), 'bench-jvm-'));
  t.after(() => rmSync(workFolder, { recursive: true }));
  const server = await Server.create(systemOf('jvm-256m', await JvmInstallation.open()), workFolder);
  t.after(() => server.discard());

  await server.start();
  await createTopic(server.client, 'life', 2);
  const topic = await awaitLed(server.client, 'life', 2);
  await append(server.client, topic, [0, 1]);
  assert.ok((cpuSecondsOf(server.pids[0]!) ?? 1) > 0);
  const options = {
    address: parseAddress(server.bootstrap),
    topic,
    partitions: 2,
    size: 1024,
    connections: 2,
    window: 2,
    seconds: 30,
    requests: 50,
    version: server.client.versionOf(produce.key),
  };
  assert.equal((await rawProduce(options, -1, marks)).requests, 50);
  const unknown = { name: 'life', topicId: 'AAAAAAAAAAAAAAAAAAAAEQ' };
  await assert.rejects(rawProduce({ ...options, topic: unknown }, -1, marks), /the broker answered UNKNOWN_TOPIC_ID/);

  assert.ok((await server.stop()) > 0);
  await server.start();
  assert.deepEqual(await awaitLed(server.client, 'life', 2), topic);
  await deleteTopic(server.client, 'life');
  assert.equal(readdirSync(workFolder).length, 1);
  await server.discard();
  assert.ok(existsSync(workFolder) && readdirSync(workFolder).length === 0);
});
