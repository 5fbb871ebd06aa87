/**
 * The performance tools and the verifiable clients, each in a JVM of its own as they end by JVM hooks: not how fast, but that every
 * record arrives and the tools end well.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type KafkaJvm, requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { type BrokerProcess, startBrokerUnderTest } from '../harness.ts';
import { serves } from '../served-apis.ts';

async function prepare(t: TestContext): Promise<{ jvm: KafkaJvm; broker: BrokerProcess } | undefined> {
  const jvm = await requireKafkaJvm(t);
  const broker = jvm && (await startBrokerUnderTest(t));
  return broker && jvm && { jvm, broker };
}

test('producer-perf, consumer-perf and e2e-latency', { timeout: 180_000 }, async (t) => {
  const found = await prepare(t);
  if (found === undefined) return;
  const { jvm, broker } = found;
  const server = ['--bootstrap-server', broker.bootstrapServers];
  const records = 50_000;
  for (const codec of ['none', 'lz4', 'zstd']) {
    const args = ['--topic', 'perf', '--num-records', `${records}`, '--record-size', '200', '--throughput', '-1'];
    const flags = ['--command-property', `compression.type=${codec}`, 'linger.ms=5'];
    const { code, stdout, stderr } = await jvm.run('producer-perf-test', [...server, ...args, ...flags]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^${records} records sent, .* 99\\.9th\\.$`, 'm'));
  }
  const consumed = await jvm.run('consumer-perf-test', [
    ...server,
    '--topic',
    'perf',
    '--num-records',
    `${3 * records}`,
  ]);
  assert.equal(consumed.code, 0, consumed.stderr);
  const columns = consumed.stdout.trim().split('\n').at(-1)?.split(', ');
  assert.equal(Number(columns?.[4]), 3 * records, consumed.stdout);

  const latency = ['--topic', 'latency', '--num-records', '300', '--producer-acks', 'all', '--record-size', '100'];
  const e2e = await jvm.run('e2e-latency', [...server, ...latency]);
  assert.equal(e2e.code, 0, e2e.stderr);
  assert.match(e2e.stdout, /^Percentiles: 50th = \d+, 99th = \d+, 99\.9th = \d+$/m);
});

test('verifiable producer and consumer', { timeout: 120_000 }, async (t) => {
  const found = await prepare(t);
  if (found === undefined) return;
  const { jvm, broker } = found;
  const server = ['--bootstrap-server', broker.bootstrapServers];
  const events = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map(
        (line) => JSON.parse(line) as { name: string; count?: number; value?: string; sent?: number; acked?: number },
      );

  const produced = await jvm.run('verifiable-producer', [
    ...server,
    '--topic',
    'v',
    '--max-messages',
    '500',
    '--acks',
    '-1',
  ]);
  assert.equal(produced.code, 0, produced.stderr);
  const sent = events(produced.stdout);
  assert.equal(sent.filter(({ name }) => name === 'producer_send_success').length, 500);
  const { sent: total, acked } = sent.findLast(({ name }) => name === 'tool_data') ?? {};
  assert.deepEqual({ total, acked }, { total: 500, acked: 500 });

  const hasConsumerProtocol = await serves(broker, ['ConsumerGroupHeartbeat']);
  for (const protocol of hasConsumerProtocol ? ['classic', 'consumer'] : ['classic']) {
    const args = ['--topic', 'v', '--group-id', protocol, '--group-protocol', protocol, '--max-messages', '500'];
    const consumed = await jvm.run('verifiable-consumer', [
      ...server,
      ...args,
      '--reset-policy',
      'earliest',
      '--verbose',
    ]);
    assert.equal(consumed.code, 0, consumed.stderr);
    const values = events(consumed.stdout).filter(({ name }) => name === 'record_data');
    assert.deepEqual(new Set(values.map(({ value }) => value)), new Set(Array.from({ length: 500 }, (_, i) => `${i}`)));
    const counts = events(consumed.stdout).filter(({ name }) => name === 'records_consumed');
    assert.equal(
      counts.reduce((sum, { count = 0 }) => sum + count, 0),
      500,
    );
  }
});
