import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import {
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  ErrorCode,
  newCreatableTopic,
  newCreatableTopicResult,
  newCreateTopicsResponse,
} from '@skarab/protocol';
import { StreamsTopicCreation } from './streams-topic-creation.ts';

const topics = ['a', 'b'].map((name) => newCreatableTopic({ name }));

/** A creation whose requests are answered by hand. */
function creation() {
  const clock = new ManualClock(0);
  const sent: { request: CreateTopicsRequest; answer: (response: CreateTopicsResponse) => void }[] = [];
  const send = (request: CreateTopicsRequest) =>
    new Promise<CreateTopicsResponse>((answer) => void sent.push({ request, answer }));
  return { clock, sent, topics: new StreamsTopicCreation(send, clock, silentLogger) };
}

function answer(errors: Readonly<Record<string, ErrorCode>>): CreateTopicsResponse {
  return newCreateTopicsResponse({
    topics: Object.entries(errors).map(([name, errorCode]) =>
      newCreatableTopicResult({ name, errorCode, errorMessage: 'why' }),
    ),
  });
}

test('a topic is asked for once at a time', async () => {
  const { sent, topics: creating } = creation();
  creating.request(topics, 1000);
  creating.request([...topics, newCreatableTopic({ name: 'c' })], 1000);
  assert.deepEqual(
    sent.map(({ request }) => request.topics.map(({ name }) => name)),
    [['a', 'b'], ['c']],
  );
  sent[0]!.answer(answer({ a: ErrorCode.NONE, b: ErrorCode.TOPIC_ALREADY_EXISTS }));
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(creating.errorsOf(['a', 'b', 'c']).size, 0);
  creating.request(topics, 1000);
  assert.equal(sent.length, 3);
});

test('what fails is told, and not tried again for a while', async () => {
  const { clock, sent, topics: creating } = creation();
  creating.request(topics, 1000);
  sent[0]!.answer(answer({ a: ErrorCode.POLICY_VIOLATION, b: ErrorCode.NONE }));
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual([...creating.errorsOf(['a', 'b'])], [['a', 'why']]);
  creating.request(topics.slice(0, 1), 1000);
  assert.equal(sent.length, 1);
  clock.advance(1000);
  assert.equal(creating.errorsOf(['a']).size, 0);
  creating.request(topics.slice(0, 1), 1000);
  assert.equal(sent.length, 2);
});
