import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchPerBroker } from './batch-per-broker.ts';

interface Sent {
  readonly brokerId: number;
  readonly items: readonly string[];
  readonly answer: () => void;
}

function batches() {
  const sent: Sent[] = [];
  const sender = new BatchPerBroker<string, string>({
    keyOf: (item) => item[0],
    send: (brokerId, items) =>
      new Promise((resolve) => {
        sent.push({ brokerId, items, answer: () => resolve(items.map((item) => `${item}@${brokerId}`)) });
      }),
  });
  return { sent, sender };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('one request per broker is in flight, and what comes meanwhile goes together', async () => {
  const { sent, sender } = batches();
  const first = [sender.submit(1, 'a1'), sender.submit(1, 'b1'), sender.submit(2, 'c1')];
  await turn();
  const second = [sender.submit(1, 'a2'), sender.submit(1, 'b2')];
  await turn();
  assert.deepEqual(
    sent.map(({ brokerId, items }) => [brokerId, items]),
    [
      [1, ['a1', 'b1']],
      [2, ['c1']],
    ],
  );
  for (const { answer } of sent) answer();
  assert.deepEqual(await Promise.all(first), ['a1@1', 'b1@1', 'c1@2']);
  await turn();
  assert.deepEqual(sent[2]!.items, ['a2', 'b2']);
  sent[2]!.answer();
  assert.deepEqual(await Promise.all(second), ['a2@1', 'b2@1']);
});

test('a key is in a request once; the later one goes with the next', async () => {
  const { sent, sender } = batches();
  const answers = [sender.submit(1, 'a1'), sender.submit(1, 'a2'), sender.submit(1, 'b1')];
  await turn();
  assert.deepEqual(sent[0]!.items, ['a1', 'b1']);
  sent[0]!.answer();
  await turn();
  assert.deepEqual(sent[1]!.items, ['a2']);
  sent[1]!.answer();
  assert.deepEqual(await Promise.all(answers), ['a1@1', 'a2@1', 'b1@1']);
  await turn();
  assert.equal(sent.length, 2);
});
