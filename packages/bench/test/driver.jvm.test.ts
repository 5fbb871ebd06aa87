/** The Java driver against the null broker: every load that needs no storage, with figures that add up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { NullBroker } from '../src/null-broker/null-broker.ts';
import { LineProcess } from '../src/process/line-process.ts';
import { JvmInstallation } from '../src/systems/jvm-installation.ts';
import { createTopic } from '../src/wire/topics.ts';
import { WireClient } from '../src/wire/wire-client.ts';

const TIMEOUT_MS = 60_000;

test('the driver makes its loads', async (t) => {
  if ((await requireKafkaJvm(t)) === undefined) return;
  const broker = new NullBroker(0);
  await broker.start();
  const driver = await LineProcess.start('driver', await (await JvmInstallation.open()).driver());
  t.after(async () => {
    await driver.close();
    await broker.stop();
  });
  const client = await WireClient.connect({ host: '127.0.0.1', port: broker.port });
  await createTopic(client, 'load', 3);
  client.close();

  const options = { bootstrap: `127.0.0.1:${broker.port}`, topic: 'load', partitions: 3, size: 200 };
  const seen: string[] = [];
  const marks = { onBegin: () => void seen.push('begin'), onEnd: () => void seen.push('end') };
  const ask = (load: string, more: Record<string, string | number | boolean>): Promise<Record<string, number>> =>
    driver.ask(load, { ...options, ...more }, TIMEOUT_MS, marks);

  const produced = await ask('produce', { records: 5000, clients: 2, compression: 'lz4' });
  assert.deepEqual(seen, ['begin', 'end']);
  assert.deepEqual([produced['records'], produced['failures'], produced['bytes']], [5000, 0, 1_000_000]);
  const timed = await ask('produce', { seconds: 0.2, acks: 1, batch: 0, linger: 0, buffer: 65_536 });
  assert.ok((timed['seconds'] ?? 0) >= 0.2 && (timed['records'] ?? 0) > 0);
  const consumed = await ask('consume', { records: 2000, clients: 2 });
  assert.ok((consumed['records'] ?? 0) >= 2000 && consumed['bytes'] === (consumed['records'] ?? 0) * 200);
  const closed = await ask('closed-loop', { seconds: 0.2, linger: 0 });
  assert.ok((closed['p99Ms'] ?? 0) >= (closed['p50Ms'] ?? 1));
  const open = await ask('open-loop', { seconds: 0.2, rate: 500, clients: 10, follow: false });
  assert.deepEqual([open['records'], open['failures']], [100, 0]);
  assert.ok((open['ackP99Ms'] ?? 0) > 0 && open['p99Ms'] === undefined);
  await assert.rejects(ask('consume', {}), /missing option records/);
  await assert.rejects(ask('sing', {}), /no load named sing/);
});
