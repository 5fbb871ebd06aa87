/**
 * Clients beyond their quotas, on the JVM's broker and on ours: the same requests, the same waits.
 *
 * The client does not wait by itself, so what it measures is what the broker does. Times differ by what the machine does besides.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { type Answered, QuotaClient } from '../../tools/raw-client/quota-client.ts';
import { type BrokerProcess, skarab, startBroker } from '../harness.ts';
import { servedApiKeys } from '../served-apis.ts';

const WINDOW_MS = 1000;
const WINDOWS = 3;
const properties = {
  'quota.window.num': String(WINDOWS),
  'controller.quota.window.num': String(WINDOWS),
};
const TOPIC_ALREADY_EXISTS = 36;
const THROTTLING_QUOTA_EXCEEDED = 89;

/** Runs a scenario on both brokers, the JVM's first. */
async function onBoth<T>(
  t: TestContext,
  scenario: (broker: BrokerProcess) => Promise<T>,
): Promise<{ readonly jvm: T; readonly ours: T } | undefined> {
  const kafka = await requireKafkaJvm(t);
  if (kafka === undefined) return undefined;
  const ours = process.env['SKARAB_FOREIGN_BROKER'] === 'jvm' ? kafka : skarab;
  const jvm = await scenario(await startBroker(t, kafka, properties));
  return { jvm, ours: await scenario(await startBroker(t, ours, properties)) };
}

/** Sends for so long, one request after the other. */
async function hammer(durationMs: number, send: (i: number) => Promise<Answered>): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) answers.push(await send(answers.length));
  return answers;
}

/** The rate once the client is held to its quota, as the first requests may come in a burst. */
function bytesPerSecond(answers: readonly Answered[]): number {
  const held = answers.slice(answers.findIndex(({ throttleMs }) => throttleMs > 0) + 1);
  const bytes = held.reduce((sum, answer) => sum + answer.bytes, 0);
  return (bytes * 1000) / held.reduce((sum, { tookMs }) => sum + tookMs, 0);
}

/** The first that is told to wait, and whether the next is made to. */
function firstThrottled(answers: readonly Answered[]): { index: number; throttleMs: number; nextTookMs: number } {
  const index = answers.findIndex(({ throttleMs }) => throttleMs > 0);
  return { index, throttleMs: answers[index]?.throttleMs ?? 0, nextTookMs: answers[index + 1]?.tookMs ?? 0 };
}

/** Both hold the client to the rate, begin to at the same request, tell it as long a wait, and have it wait that long. */
function assertHeldAlike(
  found: { jvm: readonly Answered[]; ours: readonly Answered[] },
  { least, most }: { readonly least: number; readonly most: number },
): void {
  for (const [name, answers] of Object.entries(found) as ['jvm' | 'ours', readonly Answered[]][]) {
    const rate = bytesPerSecond(answers);
    assert.ok(rate > least && rate < most, `${name}: ${rate} B/s`);
    const { throttleMs, nextTookMs } = firstThrottled(answers);
    assert.ok(nextTookMs >= throttleMs - 20, `${name}: told ${throttleMs} ms, waited ${nextTookMs}`);
    assert.ok(nextTookMs < throttleMs + 500, `${name}: told ${throttleMs} ms, waited ${nextTookMs}`);
  }
  const [jvm, ours] = [firstThrottled(found.jvm), firstThrottled(found.ours)];
  assert.equal(ours.index, jvm.index);
  assert.ok(Math.abs(ours.throttleMs - jvm.throttleMs) < 300, `${ours.throttleMs} ms, the JVM ${jvm.throttleMs} ms`);
}

/** Three requests are within the quota, the fourth is not, whatever time they take. */
const BYTES = 60_000;
const QUOTA = 100_000;

test('who produces beyond producer_byte_rate waits as with the JVM', { timeout: 120_000 }, async (t) => {
  const found = await onBoth(t, async (broker) => {
    const admin = await QuotaClient.connect(t, broker, 'admin');
    await admin.createTopic('t');
    await admin.setQuota({ 'client-id': 'p' }, 'producer_byte_rate', QUOTA);
    // The broker takes on what the controller has decided a moment later.
    await sleep(500);
    const client = await QuotaClient.connect(t, broker, 'p');
    const answers = await hammer(8000, () => client.produce('t', BYTES));
    const free = await hammer(500, () => admin.produce('t', BYTES));
    assert.ok(free.every(({ throttleMs }) => throttleMs === 0));
    await admin.setQuota({ 'client-id': 'p' }, 'producer_byte_rate', null);
    await sleep(1000);
    assert.equal((await client.produce('t', 10 * BYTES)).throttleMs, 0);
    return answers;
  });
  if (found === undefined) return;
  assertHeldAlike(found, { least: 0.75 * QUOTA, most: 1.25 * QUOTA });
});

test('who fetches beyond consumer_byte_rate gets nothing and waits as with the JVM', {
  timeout: 120_000,
}, async (t) => {
  const found = await onBoth(t, async (broker) => {
    const admin = await QuotaClient.connect(t, broker, 'admin');
    await admin.createTopic('t');
    for (let i = 0; i < 20; i++) await admin.produce('t', BYTES);
    // Of the default user: all that have no client id of their own share it.
    await admin.setQuota({ user: null }, 'consumer_byte_rate', QUOTA);
    await sleep(500);
    const client = await QuotaClient.connect(t, broker, 'c');
    const answers = await hammer(8000, (i) => client.fetch('t', i % 20));
    for (const { throttleMs, bytes } of answers) if (throttleMs > 0) assert.equal(bytes, 0);
    return answers;
  });
  if (found === undefined) return;
  // What would get beyond the quota is not sent, so that the rate stays below it by up to a request in two windows.
  assertHeldAlike(found, { least: 0.5 * QUOTA, most: 1.25 * QUOTA });
});

test('who keeps the broker busier than request_percentage waits, a window at most', { timeout: 120_000 }, async (t) => {
  const found = await onBoth(t, async (broker) => {
    const admin = await QuotaClient.connect(t, broker, 'admin');
    await admin.setQuota({ 'client-id': 'r' }, 'request_percentage', 0.01);
    await sleep(500);
    const client = await QuotaClient.connect(t, broker, 'r');
    return hammer(4000, () => client.metadata());
  });
  if (found === undefined) return;
  for (const answers of [found.jvm, found.ours]) {
    const { throttleMs, nextTookMs } = firstThrottled(answers);
    assert.ok(throttleMs > 0 && throttleMs <= WINDOW_MS, `${throttleMs} ms`);
    assert.ok(nextTookMs >= throttleMs - 20, `told ${throttleMs} ms, waited ${nextTookMs}`);
  }
});

test('who changes more partitions than controller_mutation_rate is refused, or waits', {
  timeout: 120_000,
}, async (t) => {
  const found = await onBoth(t, async (broker) => {
    const admin = await QuotaClient.connect(t, broker, 'admin');
    await admin.setQuota({ 'client-id': 'm' }, 'controller_mutation_rate', 2);
    await sleep(500);
    // Each on a connection of its own, since who is told to wait is not heard meanwhile.
    const client = (): Promise<QuotaClient> => QuotaClient.connect(t, broker, 'm');
    const clients = await Promise.all(Array.from({ length: 8 }, client));
    const steps = [
      // Six are there; the first may overdraw by four, the others are refused for two seconds.
      await clients[0]!.createTopic('a', 10),
      await clients[1]!.createTopic('b', 1),
      await clients[2]!.createTopic('a', 1),
      await clients[3]!.createPartitions('a', 11),
      await clients[4]!.deleteTopic('a'),
    ];
    await sleep(2500);
    steps.push(await clients[5]!.createPartitions('a', 11));
    // In old versions nobody is refused, but has to wait.
    steps.push(await clients[6]!.createTopic('c', 5, 5), await clients[7]!.createTopic('d', 1, 5));
    steps.push(await admin.createTopic('e', 50));
    return steps;
  });
  if (found === undefined) return;
  assert.deepEqual(
    found.jvm.map(({ errorCodes }) => errorCodes[0]),
    [
      0,
      THROTTLING_QUOTA_EXCEEDED,
      TOPIC_ALREADY_EXISTS,
      THROTTLING_QUOTA_EXCEEDED,
      THROTTLING_QUOTA_EXCEEDED,
      0,
      0,
      0,
      0,
    ],
  );
  for (const [i, ours] of found.ours.entries()) {
    const jvm: Answered = found.jvm[i]!;
    assert.deepEqual(ours.errorCodes, jvm.errorCodes);
    assert.equal(
      ours.throttleMs > 0,
      jvm.throttleMs > 0,
      `step ${i}: ${ours.throttleMs} ms, the JVM ${jvm.throttleMs} ms`,
    );
    // How long depends on how long the steps before took.
    assert.ok(
      Math.abs(ours.throttleMs - jvm.throttleMs) < 1500,
      `step ${i}: ${ours.throttleMs} ms, the JVM ${jvm.throttleMs} ms`,
    );
  }
});

test('who connects faster than connection_creation_rate is ended unheard', { timeout: 120_000 }, async (t) => {
  const found = await onBoth(t, async (broker) => {
    const admin = await QuotaClient.connect(t, broker, 'admin');
    await admin.setQuota({ ip: '127.0.0.1' }, 'connection_creation_rate', 3);
    await sleep(WINDOWS * WINDOW_MS + 500);
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => servedApiKeys(broker.port)));
    await sleep(WINDOWS * WINDOW_MS + 500);
    await servedApiKeys(broker.port);
    return attempts.filter(({ status }) => status === 'fulfilled').length;
  });
  if (found === undefined) return;
  assert.equal(found.jvm, 3 * (WINDOWS - 1));
  assert.equal(found.ours, found.jvm);
});
