/** Clients in other languages: each is a small program of ours over a stranger's library that says which steps held. */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireForeign, runProgram, type StartBroker, testOnBoth } from '../harness.ts';
import { serves } from '../served-apis.ts';

const python = join(dirname(fileURLToPath(import.meta.url)), '..', 'python');

/** The consumer protocol takes its heartbeat interval from the broker. */
const quickHeartbeats = {
  'group.consumer.min.heartbeat.interval.ms': '300',
  'group.consumer.heartbeat.interval.ms': '300',
};

/** Steps that a program takes only when told to, by the APIs they need. */
const optional: Readonly<Record<string, readonly string[]>> = {
  'groups consumer': ['ConsumerGroupHeartbeat', 'ConsumerGroupDescribe'],
  'groups expression': ['ConsumerGroupHeartbeat', 'ConsumerGroupDescribe'],
  'share groups': ['ShareGroupHeartbeat', 'ShareFetch', 'ShareAcknowledge', 'ShareGroupDescribe'],
  transactions: ['AddPartitionsToTxn', 'EndTxn'],
};

async function holds(
  t: TestContext,
  start: StartBroker,
  what: 'python' | 'go',
  program: string,
  steps: readonly string[],
): Promise<void> {
  const software = await requireForeign(t, what);
  const broker = software && (await start(quickHeartbeats));
  if (software === undefined || broker === undefined) return;
  const wanted: string[] = [];
  const flags: string[] = [];
  for (const step of steps) {
    const needs = optional[step] ?? [];
    if (await serves(broker, needs)) wanted.push(step);
    else t.diagnostic(`not served yet: ${needs.join(', ')}`);
    if (needs.length > 0 && wanted.at(-1) === step) flags.push(`--${step.replace(' ', '-')}`);
  }
  const [command, file] = what === 'go' ? [software.go(program), []] : [software.python, [join(python, program)]];
  const result = await runProgram(command, [...file, broker.bootstrapServers, ...flags], { timeoutMs: 90_000 });
  assert.equal(result.stdout, wanted.map((step) => `ok ${step}\n`).join(''), result.stderr);
  assert.equal(result.code, 0, result.stderr);
}

testOnBoth('franz-go', { timeout: 120_000 }, (t, start) => {
  const groups = ['groups', 'groups consumer', 'groups expression', 'share groups'];
  return holds(t, start, 'go', 'franz', ['topics', 'codecs', 'acks', ...groups, 'transactions', 'administration']);
});

testOnBoth('kafka-go', { timeout: 120_000 }, (t, start) =>
  holds(t, start, 'go', 'kafkago', ['topics', 'codecs', 'acks', 'groups', 'administration']),
);

testOnBoth('confluent-kafka (librdkafka)', { timeout: 120_000 }, (t, start) => {
  const groups = ['groups eager', 'groups cooperative', 'groups consumer', 'groups expression'];
  return holds(t, start, 'python', 'with_confluent.py', [
    'topics',
    'codecs',
    'acks',
    ...groups,
    'transactions',
    'administration',
  ]);
});

testOnBoth('kafka-python', { timeout: 120_000 }, (t, start) =>
  holds(t, start, 'python', 'with_kafka_python.py', ['topics', 'codecs', 'acks', 'groups', 'administration']),
);
