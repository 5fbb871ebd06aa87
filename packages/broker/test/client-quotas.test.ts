/**
 * Clients beyond their quotas, without the JVM; `foreign/jvm-tools/quota-enforcement.test.ts` compares with it.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Answered, QuotaClient } from '../../../tools/raw-client/quota-client.ts';
import { startInMemoryNode } from './in-memory-node.ts';

const QUOTA = 100_000;
const BYTES = 60_000;
const THROTTLING_QUOTA_EXCEEDED = 89;

/** A node with a topic, somebody without quotas, and how others connect. */
async function start(t: TestContext) {
  const properties = { 'quota.window.num': '3', 'controller.quota.window.num': '3' };
  const node = await startInMemoryNode('/memory', { 'log.dirs': '/memory', ...properties });
  t.after(() => node.stop());
  const connect = (clientId: string): Promise<QuotaClient> => QuotaClient.connect(t, node, clientId);
  const admin = await connect('admin');
  await admin.createTopic('t');
  return { node, connect, admin };
}

async function times(count: number, send: (i: number) => Promise<Answered>): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (let i = 0; i < count; i++) answers.push(await send(i));
  return answers;
}

/** The fourth request is over the quota, and the fifth has to wait for it. */
function assertHeld(answers: readonly Answered[]): void {
  const throttles = answers.map(({ throttleMs }) => throttleMs > 0);
  assert.deepEqual(throttles.slice(0, 4), [false, false, false, true]);
  const { throttleMs } = answers[3]!;
  assert.ok(throttleMs > 100 && throttleMs <= 410, `240,000 in 2 s are ${QUOTA} B/s in 2.4 s: ${throttleMs}`);
  assert.ok(answers[3]!.tookMs < 100, 'answered at once');
  assert.ok(answers[4]!.tookMs >= throttleMs - 5, `told ${throttleMs} ms, waited ${answers[4]!.tookMs}`);
}

test('who produces too much is answered, told to wait, and not heard meanwhile', { timeout: 30_000 }, async (t) => {
  const { connect, admin } = await start(t);
  await admin.setQuota({ 'client-id': 'p' }, 'producer_byte_rate', QUOTA);
  const client = await connect('p');
  const answers = await times(5, () => client.produce('t', BYTES));
  assertHeld(answers);
  assert.ok(answers.every(({ errorCodes }) => errorCodes[0] === 0));
  assert.equal((await admin.produce('t', 10 * BYTES)).throttleMs, 0, 'others are not held');
  await admin.setQuota({ 'client-id': 'p' }, 'producer_byte_rate', null);
  assert.equal((await (await connect('p')).produce('t', 10 * BYTES)).throttleMs, 0);
});

test('who fetches too much gets nothing, is told to wait, and gets it then', { timeout: 30_000 }, async (t) => {
  const { connect, admin } = await start(t);
  await times(5, () => admin.produce('t', BYTES));
  await admin.setQuota({ user: 'ANONYMOUS', 'client-id': null }, 'consumer_byte_rate', QUOTA);
  const client = await connect('c');
  const answers = await times(5, (i) => client.fetch('t', Math.min(i, 3)));
  assertHeld(answers);
  assert.deepEqual(
    answers.map(({ bytes }) => bytes > 0),
    [true, true, true, false, true],
  );
});

test('who creates too many partitions is refused until they are paid for', { timeout: 30_000 }, async (t) => {
  const { connect, admin } = await start(t);
  await admin.setQuota({ user: null }, 'controller_mutation_rate', 4);
  const [first, second] = [await connect('m'), await connect('n')];
  const beginMs = performance.now();
  assert.deepEqual((await first.createTopic('a', 20)).errorCodes, [0], 'twelve are there, eight are owed');
  const refused = await second.createTopic('b');
  const elapsedMs = performance.now() - beginMs;
  assert.deepEqual(refused.errorCodes, [THROTTLING_QUOTA_EXCEEDED]);
  const { throttleMs } = refused;
  assert.ok(throttleMs <= 2000 && throttleMs >= 2000 - elapsedMs - 5, `${throttleMs} ms after ${elapsedMs} ms`);
  const later = await second.createTopic('b');
  assert.deepEqual(later.errorCodes, [0]);
  assert.ok(later.tookMs >= throttleMs - 5);
});
